import CCurlTransfer
import Glibc

/// One attempt to get a price table. Blocks: call it on a thread that may.
enum PriceFetch {
  enum Outcome: Sendable {
    case table([UInt8], etag: String)
    /// The server still has what the ETag stands for.
    case unchanged
    case failed(String)
  }

  private static let seconds = 60

  static func get(_ url: String, etag: String) -> Outcome {
    var answer = unsafe llm_curl_answer()
    // The strings live for the call; the answer's body is malloced for us and freed below, once.
    unsafe llm_curl_get(
      url, etag, "llm-exporter/\(BuildInfo.version)", PriceRefresh.maxBytes, seconds, &answer)
    defer { unsafe free(answer.body) }
    if let problem = unsafe text(answer.problem) { return .failed(problem) }
    switch unsafe answer.status {
    case 304: return .unchanged
    case 200:
      let body = unsafe UnsafeBufferPointer(start: answer.body, count: answer.body_size)
      return unsafe .table(Array(body), etag: text(answer.etag) ?? "")
    default: return unsafe .failed("the server answered with status \(answer.status)")
    }
  }

  /// A C array of characters that the shim ends with a zero; nil for the empty one.
  private static func text<Characters>(_ characters: Characters) -> String? {
    let bytes = unsafe withUnsafeBytes(of: characters) { bytes in unsafe Array(bytes.prefix { $0 != 0 }) }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }
}
