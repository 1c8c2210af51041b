/// Text in the formats' own escapes. Bytes that are not escaped are copied as they are: a Swift string is always
/// valid UTF-8, which is all that the formats ask for.
extension [UInt8] {
  /// `name="value"`.
  package mutating func append(label name: String, value: String) {
    append(contentsOf: name.utf8)
    append(contentsOf: "=\"".utf8)
    append(escaping: value, quotes: true)
    append(UInt8(ascii: "\""))
  }

  /// - Parameter quotes: whether `"` is escaped too: in label values, and in the HELP of OpenMetrics.
  package mutating func append(escaping text: String, quotes: Bool) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): append(contentsOf: #"\\"#.utf8)
      case UInt8(ascii: "\n"): append(contentsOf: #"\n"#.utf8)
      case UInt8(ascii: "\"") where quotes: append(contentsOf: #"\""#.utf8)
      default: append(byte)
      }
    }
  }
}
