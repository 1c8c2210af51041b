/// Reads strings by RFC 8259, section 7.
enum StringScan {
  struct Found {
    var text: Text
    /// Behind the closing quote.
    var end: Int
  }

  /// The string whose opening quote is at `quote`. What held escapes is unescaped into the scratch; a lone
  /// surrogate becomes U+FFFD. UTF-8 is not checked here: whoever uses the text says whether it matters.
  @inline(__always)
  static func text(_ line: Span<UInt8>, _ quote: Int, scratch: inout [UInt8]) throws(Reject) -> Found {
    let start = quote &+ 1
    let end = line.endOfPlainRun(from: start)
    if line.byte(at: end) == UInt8(ascii: "\"") {
      return Found(text: Text(offset: start, count: end &- start), end: end &+ 1)
    }
    return try escaped(line, start: start, firstEscape: end, scratch: &scratch)
  }

  /// Behind the string at `quote`: its escapes are checked, nothing is kept.
  @inline(__always)
  static func skip(_ line: Span<UInt8>, _ quote: Int) throws(Reject) -> Int {
    let end = line.endOfPlainRun(from: quote &+ 1)
    if line.byte(at: end) == UInt8(ascii: "\"") { return end &+ 1 }
    return try skipEscapes(line, end)
  }

  @inline(never)
  private static func skipEscapes(_ line: Span<UInt8>, _ firstEscape: Int) throws(Reject) -> Int {
    var i = firstEscape
    while true {
      let byte = line.byte(at: i)
      if byte == UInt8(ascii: "\"") { return i &+ 1 }
      guard byte == UInt8(ascii: "\\") else { throw broken(line, i) }
      i = line.endOfPlainRun(from: try escapeEnd(line, i))
    }
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

  @inline(never)
  private static func escaped(
    _ line: Span<UInt8>, start: Int, firstEscape: Int, scratch: inout [UInt8]
  ) throws(Reject) -> Found {
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
      case UInt8(ascii: "u"): run = appendScalar(line, i, to: &scratch)
      default: scratch.append(line[i &+ 1])
      }
      i = line.endOfPlainRun(from: run)
    }
    return Found(text: Text(offset: offset, count: scratch.count &- offset, inScratch: true), end: i &+ 1)
  }

  /// Adds what the `\u` escape at `i` means, together with its second half if it is the first of a pair; returns
  /// the place behind it.
  private static func appendScalar(_ line: Span<UInt8>, _ i: Int, to scratch: inout [UInt8]) -> Int {
    var end = i &+ 6
    var code = hexadecimal(line, i &+ 2) ?? 0xFFFD
    if code & 0xFC00 == 0xD800, line.byte(at: end) == UInt8(ascii: "\\"), line.byte(at: end &+ 1) == UInt8(ascii: "u"),
      let low = hexadecimal(line, end &+ 2), low & 0xFC00 == 0xDC00
    {
      code = 0x10000 &+ (code & 0x3FF) << 10 &+ (low & 0x3FF)
      end &+= 6
    }
    let scalar = Unicode.Scalar(code) ?? "\u{FFFD}"
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { scratch.append(byte) }
    return end
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
