/// Captured text as the patterns look at it. It is JSON, often JSON within JSON, whose writers escape as they like:
/// `j\u00fcrgen@example.org`, `\\u201e4111 …`. And spaces and hyphens that are not to break stand in numbers as often as
/// others do.
enum PlainText {
  /// - Returns: UTF-8 without `\u` escapes, but of quotes, backslashes and line ends, which stay escaped.
  static func bytes(of text: String) -> [UInt8] {
    let bytes = unescaped(Array(text.utf8))
    guard bytes.contains(where: { $0 >= 0x80 }) else { return bytes }
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { append(ordinary(scalar), to: &plain) }
    return plain
  }

  private static func append(_ scalar: Unicode.Scalar, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
  }

  /// Spaces and hyphens of all kinds as those that ASCII has.
  private static func ordinary(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
    switch scalar.value {
    case 0xa0, 0x2000...0x200a, 0x202f, 0x205f, 0x3000: " "
    case 0x2010...0x2015, 0x2212: "-"
    default: scalar
    }
  }

  // MARK: Escapes

  private static let backslash = UInt8(ascii: "\\")

  private static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(backslash) else { return bytes }
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      guard bytes[at] == backslash else {
        plain.append(bytes[at])
        at += 1
        continue
      }
      let end = RedactionText.end(of: { $0 == backslash }, bytes, from: at)
      if let (scalar, next) = escape(bytes, end) {
        append(scalar, after: bytes[at..<end], to: &plain)
        at = next
      } else {
        plain += bytes[at..<end]
        at = end
      }
    }
    return plain
  }

  /// What `u00fc`, or `ud83d\ude00`, stands for, and where it ends.
  private static func escape(_ bytes: [UInt8], _ at: Int) -> (scalar: Unicode.Scalar, end: Int)? {
    guard let unit = unit(bytes, at) else { return nil }
    if let scalar = Unicode.Scalar(unit) { return (scalar, at + 5) }
    let next = RedactionText.end(of: { $0 == backslash }, bytes, from: at + 5)
    if unit < 0xdc00, next > at + 5, let low = self.unit(bytes, next), (0xdc00..<0xe000).contains(low),
      let scalar = Unicode.Scalar((UInt32(unit) - 0xd800) << 10 + (UInt32(low) - 0xdc00) + 0x10000)
    {
      return (scalar, next + 5)
    }
    return ("\u{fffd}", at + 5)
  }

  private static func unit(_ bytes: [UInt8], _ at: Int) -> UInt16? {
    guard RedactionText.byte(bytes, at) == UInt8(ascii: "u"), at + 5 <= bytes.count else { return nil }
    let digits = bytes[at + 1..<at + 5]
    guard digits.allSatisfy({ RedactionText.isDigit($0) || (0x61...0x66).contains($0 | 0x20) }) else { return nil }
    return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
  }

  private static func append(_ scalar: Unicode.Scalar, after backslashes: ArraySlice<UInt8>, to plain: inout [UInt8]) {
    switch scalar {
    case "\"", "\\": plain += backslashes + [UInt8(truncatingIfNeeded: scalar.value)]
    case "\n": plain += backslashes + Array("n".utf8)
    case "\r": plain += backslashes + Array("r".utf8)
    case "\t": plain += backslashes + Array("t".utf8)
    // No letter of an escape may stand before a number as if it belonged to it.
    case _ where scalar.value < 0x20: plain.append(UInt8(ascii: " "))
    default: append(scalar, to: &plain)
    }
  }
}
