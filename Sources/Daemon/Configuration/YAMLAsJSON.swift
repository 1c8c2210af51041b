import Yams

/// A YAML value as JSON text: price overrides stand in the file as YAML and are read by the price table's own reader.
enum YAMLAsJSON {
  static func text(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): text(scalar)
    case .sequence(let sequence): "[" + sequence.map(text).joined(separator: ",") + "]"
    case .mapping(let mapping):
      "{" + mapping.map { JSONText.quote($0.key.scalar?.string ?? "") + ":" + text($0.value) }.joined(separator: ",")
        + "}"
    case .alias: "null"
    }
  }

  private static func text(_ scalar: Node.Scalar) -> String {
    guard scalar.style == .plain else { return JSONText.quote(scalar.string) }
    switch scalar.string {
    case "", "~", "null": return "null"
    case "true", "false": return scalar.string
    default: return JSONText.isNumber(scalar.string) ? scalar.string : JSONText.quote(scalar.string)
    }
  }
}

/// The few things about writing JSON that this program needs.
public enum JSONText {
  public static func quote(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
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
