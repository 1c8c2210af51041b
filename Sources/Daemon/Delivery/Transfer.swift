import CCurlTransfer
import Glibc

/// One transfer by libcurl. Blocks: for a thread that may.
struct Transfer {
  var url = ""
  /// GET, POST, PUT or MAIL.
  var method = "GET"
  var headers: [String] = []
  var sender = ""
  var recipients: [String] = []
  var body: [UInt8] = []
  /// Read in place of the body.
  var bodyPath = ""
  /// Takes the body of an answer of status 200.
  var answerPath = ""
  var user = ""
  var password = ""
  var signature = ""
  var authorities = ""
  var needsTLS = false
  var seconds = 60

  /// What came back; a status of SMTP for a mail.
  struct Answer {
    var status: Int
    var body: [UInt8]
  }

  /// Answers are short: lists of objects, or the words of an error.
  private static let maxAnswer = 16 << 20

  func run() throws(DeliveryProblem) -> Answer {
    var answer = unsafe llm_curl_answer()
    unsafe perform(&answer)
    defer { unsafe free(answer.body) }
    let problem = unsafe withUnsafeBytes(of: answer.problem) { bytes in unsafe Array(bytes.prefix { $0 != 0 }) }
    if !problem.isEmpty { throw DeliveryProblem(String(decoding: problem, as: UTF8.self), isFinal: false) }
    let body = unsafe UnsafeBufferPointer(start: answer.body, count: answer.body_size)
    return unsafe Answer(status: answer.status, body: Array(body))
  }

  /// The strings and bytes live until the call returns, and it keeps none of them.
  private func perform(_ answer: inout llm_curl_answer) {
    let texts = [
      url, method, headers.joined(separator: "\n"), sender, recipients.joined(separator: "\n"), bodyPath, answerPath,
      user, password, signature, authorities, "llm-exporter/\(BuildInfo.version)",
    ].map { Array($0.utf8CString) }
    var starts: [Int] = []
    var all: [CChar] = []
    for text in texts {
      starts.append(all.count)
      all += text
    }
    unsafe all.withUnsafeBufferPointer { all in
      unsafe body.withUnsafeBytes { body in
        guard let base = all.baseAddress else { return }
        func text(_ index: Int) -> UnsafePointer<CChar> { unsafe base + starts[index] }
        var request = unsafe llm_curl_request()
        unsafe request.url = text(0)
        unsafe request.method = text(1)
        unsafe request.headers = text(2)
        unsafe request.sender = text(3)
        unsafe request.recipients = text(4)
        unsafe request.body = body.baseAddress.map { unsafe $0.assumingMemoryBound(to: CChar.self) } ?? text(3)
        unsafe request.body_size = body.count
        unsafe request.body_path = text(5)
        unsafe request.answer_path = text(6)
        unsafe request.user = text(7)
        unsafe request.password = text(8)
        unsafe request.signature = text(9)
        unsafe request.authorities = text(10)
        unsafe request.user_agent = text(11)
        unsafe request.needs_tls = needsTLS ? 1 : 0
        unsafe request.limit = Self.maxAnswer
        unsafe request.seconds = seconds
        unsafe llm_curl_send(&request, &answer)
      }
    }
  }
}

/// Why something was not sent.
public struct DeliveryProblem: Error, CustomStringConvertible, Sendable {
  public var description: String
  /// Trying again would change nothing.
  public var isFinal: Bool

  init(_ description: String, isFinal: Bool = true) {
    self.description = description
    self.isFinal = isFinal
  }

  /// What a status of HTTP means: too many requests, time-outs and a server's own troubles pass.
  init?(_ answer: Transfer.Answer) {
    guard !(200..<300).contains(answer.status) else { return nil }
    let words = String(decoding: answer.body.prefix(200), as: UTF8.self)
    let line = String(String.UnicodeScalarView(words.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
    self.init(
      "the server answered \(answer.status)\(line.isEmpty ? "" : ": " + line)",
      isFinal: (300..<500).contains(answer.status) && ![408, 425, 429].contains(answer.status))
  }
}
