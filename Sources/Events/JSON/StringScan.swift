/// Reads strings by RFC 8259, section 7.
enum StringScan {
  /// Reads the string whose opening quote is at `position` and moves behind its end. What held escapes is
  /// unescaped into the scratch; a lone surrogate becomes U+FFFD. UTF-8 is not checked here: whoever uses
  /// the text says whether it matters.
  @inline(__always)
  static func text(
    _ line: Span<UInt8>, _ position: inout Int, scratch: inout [UInt8]
  ) throws(Reject) -> Text {
    let start = position &+ 1
    let end = line.endOfPlainRun(from: start)
    if line.byte(at: end) == UInt8(ascii: "\"") {
      position = end &+ 1
      return Text(offset: start, count: end &- start)
    }
    return try escaped(line, &position, start: start, firstEscape: end, scratch: &scratch)
  }

  /// Moves behind the string at `position`: its escapes are checked, nothing is kept.
  @inline(__always)
  static func skip(_ line: Span<UInt8>, _ position: inout Int) throws(Reject) {
    var i = position &+ 1
    while true {
      i = line.endOfPlainRun(from: i)
      let byte = line.byte(at: i)
      if byte == UInt8(ascii: "\"") { break }
      guard byte == UInt8(ascii: "\\") else { throw broken(line, i) }
      i = try escapeEnd(line, i)
    }
    position = i &+ 1
  }

  private static func broken(_ line: Span<UInt8>, _ i: Int) -> Reject {
    i < line.count
      ? Reject(.invalidJSON, at: i, "control character in a string")
      : Reject(.invalidJSON, at: i, "string without an end")
  }

  private static func escapeEnd(_ line: Span<UInt8>, _ i: Int) throws(Reject) -> Int {
    switch line.byte(at: i &+ 1) {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      return i &+ 2
    case UInt8(ascii: "u") where hexadecimal(line, i &+ 2) != nil:
      return i &+ 6
    default:
      throw Reject(.invalidJSON, at: i, "unknown escape")
    }
  }

  private static func escaped(
    _ line: Span<UInt8>, _ position: inout Int, start: Int, firstEscape: Int, scratch: inout [UInt8]
  ) throws(Reject) -> Text {
    let offset = scratch.count
    var run = start
    var i = firstEscape
    while true {
      for j in run..<i { scratch.append(line[j]) }
      let byte = line.byte(at: i)
      if byte == UInt8(ascii: "\"") { break }
      guard byte == UInt8(ascii: "\\") else { throw broken(line, i) }
      run = try escapeEnd(line, i)
      switch line[i &+ 1] {
      case UInt8(ascii: "b"): scratch.append(8)
      case UInt8(ascii: "f"): scratch.append(12)
      case UInt8(ascii: "n"): scratch.append(10)
      case UInt8(ascii: "r"): scratch.append(13)
      case UInt8(ascii: "t"): scratch.append(9)
      case UInt8(ascii: "u"): appendScalar(line, i, &run, to: &scratch)
      default: scratch.append(line[i &+ 1])
      }
      i = line.endOfPlainRun(from: run)
    }
    position = i &+ 1
    return Text(offset: offset, count: scratch.count &- offset, inScratch: true)
  }

  /// Adds what the `\u` escape at `i` means, together with its second half if it is the first of a pair.
  private static func appendScalar(_ line: Span<UInt8>, _ i: Int, _ end: inout Int, to scratch: inout [UInt8]) {
    var code = hexadecimal(line, i &+ 2) ?? 0xFFFD
    if code & 0xFC00 == 0xD800, line.byte(at: end) == UInt8(ascii: "\\"), line.byte(at: end &+ 1) == UInt8(ascii: "u"),
      let low = hexadecimal(line, end &+ 2), low & 0xFC00 == 0xDC00
    {
      code = 0x10000 &+ (code & 0x3FF) << 10 &+ (low & 0x3FF)
      end &+= 6
    }
    let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { scratch.append(byte) }
  }

  private static func hexadecimal(_ line: Span<UInt8>, _ start: Int) -> UInt32? {
    var value: UInt32 = 0
    for i in start..<start &+ 4 {
      let byte = line.byte(at: i)
      let digit: UInt8
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte &- UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte &- UInt8(ascii: "a") &+ 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte &- UInt8(ascii: "A") &+ 10
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
