import CZlib
import Glibc

/// The lines of a gzip file.
enum GzipLines {
  /// A longer line is no call of ours.
  private static let maxLine = 4 << 20

  static func each(of path: String, _ body: (String) throws -> Void) throws {
    guard let file = unsafe gzopen(path, "rbe") else {
      throw DeliveryProblem("\(FileProblem(path: path, code: errno, doing: "cannot open"))")
    }
    defer { unsafe gzclose_r(file) }
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    var rest: [UInt8] = []
    while true {
      // zlib writes at most as many bytes as the array has.
      let count = unsafe chunk.withUnsafeMutableBytes { buffer in
        unsafe gzread(file, buffer.baseAddress, UInt32(buffer.count))
      }
      guard count >= 0 else { throw DeliveryProblem("\(path) is no gzip file, or a damaged one") }
      if count == 0 { break }
      rest += chunk[..<Int(count)]
      var start = 0
      while let end = rest[start...].firstIndex(of: UInt8(ascii: "\n")) {
        try body(String(decoding: rest[start..<end], as: UTF8.self))
        start = end + 1
      }
      rest.removeSubrange(..<start)
      guard rest.count <= maxLine else { throw DeliveryProblem("a line is longer than \(maxLine) bytes") }
    }
    // gzread ends a file that was cut short like a whole one; only closing or asking tells.
    var code: Int32 = 0
    _ = unsafe gzerror(file, &code)
    guard code == Z_OK || code == Z_STREAM_END else { throw DeliveryProblem("the gzip file is damaged or cut short") }
    if !rest.isEmpty { try body(String(decoding: rest, as: UTF8.self)) }
  }
}
