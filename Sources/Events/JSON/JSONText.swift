/// The few things about writing JSON that this program needs.
public enum JSONText {
  /// A JSON string.
  public static func quote(_ text: String) -> String {
    var line: [UInt8] = []
    append(Array(text.utf8), to: &line)
    return String(decoding: line, as: UTF8.self)
  }

  /// Adds the bytes, which are valid UTF-8, as a JSON string.
  public static func append(_ bytes: [UInt8], to line: inout [UInt8]) {
    line.append(UInt8(ascii: "\""))
    for byte in bytes {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        line.append(UInt8(ascii: "\\"))
        line.append(byte)
      case UInt8(ascii: "\n"): line.append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\r"): line.append(contentsOf: "\\r".utf8)
      case UInt8(ascii: "\t"): line.append(contentsOf: "\\t".utf8)
      case 0..<0x20:
        let digits = String(byte, radix: 16)
        line.append(contentsOf: "\\u00\(digits.utf8.count == 1 ? "0" : "")\(digits)".utf8)
      default: line.append(byte)
      }
    }
    line.append(UInt8(ascii: "\""))
  }

  /// Exactly RFC 8259's grammar of a number.
  public static func isNumber(_ text: String) -> Bool {
    var rest = Substring(text).utf8
    func digits() -> Int {
      let count = rest.prefix { (48...57).contains($0) }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let leadsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !(leadsWithZero && whole > 1) else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
