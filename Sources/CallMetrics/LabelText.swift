/// Label values come from outside: what reaches a label is valid UTF-8, has no control characters and is bounded.
public enum LabelText {
  /// Longest value in bytes, the mark of a cut included.
  static let maxBytes = 128
  public static let other = "__other__"

  /// - Returns: the value as it may stand in a label, and whether it had to be altered.
  public static func mend(_ bytes: [UInt8]) -> (value: String, altered: Bool) {
    let decoded = String(decoding: bytes, as: UTF8.self)
    var value = String.UnicodeScalarView()
    var count = 0
    var altered = decoded.utf8.count != bytes.count || !decoded.utf8.elementsEqual(bytes)
    let whole = decoded.utf8.count <= maxBytes
    for scalar in decoded.unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value)
      let kept: Unicode.Scalar = isControl ? "\u{fffd}" : scalar
      altered = altered || isControl
      let width = UTF8.width(kept)
      // U+2026 takes three bytes. A control character grows to three bytes when mended, so a value that was short
      // enough as it came can still have to be cut.
      if count + width > (whole ? maxBytes : maxBytes - 3) {
        return (cut(value) + "\u{2026}", true)
      }
      value.append(kept)
      count += width
    }
    return (String(value), altered)
  }

  /// So much of the value as leaves room for the mark.
  private static func cut(_ scalars: String.UnicodeScalarView) -> String {
    var kept = scalars
    var count = String(scalars).utf8.count
    while count > maxBytes - 3, let last = kept.popLast() { count -= UTF8.width(last) }
    return String(kept)
  }

  /// Adds `name="value"` with the escapes that both text formats share: backslash, quote, newline.
  /// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
  static func render(_ name: String, _ value: String, into line: inout [UInt8]) {
    if !line.isEmpty { line.append(UInt8(ascii: ",")) }
    line.append(contentsOf: name.utf8)
    line.append(contentsOf: "=\"".utf8)
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): line.append(contentsOf: "\\\\".utf8)
      case UInt8(ascii: "\""): line.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\n"): line.append(contentsOf: "\\n".utf8)
      default: line.append(byte)
      }
    }
    line.append(UInt8(ascii: "\""))
  }

  /// Reads what `render` wrote.
  ///
  /// - Returns: nil where the text is nothing of the kind.
  static func parse(_ text: String) -> [(name: String, value: String)]? {
    var labels: [(name: String, value: String)] = []
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      guard let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals + 1 < rest.endIndex,
        rest[equals + 1] == UInt8(ascii: "\"")
      else { return nil }
      let name = String(decoding: rest[..<equals], as: UTF8.self)
      rest = rest[(equals + 2)...]
      guard let value = unescape(&rest) else { return nil }
      labels.append((name, value))
      if rest.first == UInt8(ascii: ",") { rest = rest.dropFirst() }
    }
    return labels
  }

  /// Takes a value and its closing quote.
  private static func unescape(_ rest: inout ArraySlice<UInt8>) -> String? {
    var value: [UInt8] = []
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: value, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let escaped = rest.popFirst() else { return nil }
        value.append(escaped == UInt8(ascii: "n") ? UInt8(ascii: "\n") : escaped)
      default: value.append(byte)
      }
    }
    return nil
  }
}
