/// Eight bytes of a line at once, the first one lowest.
extension Span where Element == UInt8 {
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    // The load checks its range, and every pattern of bits is a UInt64.
    unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  /// The byte, or 0 past the end: no JSON token starts or goes on with 0, so truncation needs no test of its own.
  @inline(__always)
  func byte(at offset: Int) -> UInt8 { offset < count ? self[offset] : 0 }

  /// The up to 8 bytes of `range` as one word, zero above them.
  @inline(__always)
  func shortWord(_ start: Int, _ length: Int) -> UInt64 {
    if length == 0 { return 0 }
    let unused = UInt64(8 &- length) &* 8
    if start &+ 8 <= count { return (word(at: start) << unused) >> unused }
    if start &+ length >= 8 { return word(at: start &+ length &- 8) >> unused }
    var word: UInt64 = 0
    for i in 0..<length { word |= UInt64(self[start &+ i]) << (UInt64(i) &* 8) }
    return word
  }

  /// The first place at or after `start` of a byte that can't stand in a JSON string as itself:
  /// a quote, a backslash or a control character; the end if there is none.
  @inline(__always)
  func endOfPlainRun(from start: Int) -> Int {
    var i = start
    while i &+ 8 <= count {
      let found = word(at: i).bytesNotPlain
      if found != 0 { return i &+ found.trailingZeroBitCount >> 3 }
      i &+= 8
    }
    while i < count {
      let byte = self[i]
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return i }
      i &+= 1
    }
    return i
  }
}

extension UInt64 {
  @inline(__always)
  static func repeating(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

  /// The top bit of each byte that is a quote, a backslash or below a space. A borrow may also set bits
  /// above the lowest such byte: only the lowest set bit may be used.
  @inline(__always)
  var bytesNotPlain: UInt64 {
    let quote = self ^ .repeating(UInt8(ascii: "\""))
    let backslash = self ^ .repeating(UInt8(ascii: "\\"))
    let isQuote = (quote &- .repeating(1)) & ~quote
    let isBackslash = (backslash &- .repeating(1)) & ~backslash
    let isControl = (self &- .repeating(0x20)) & ~self
    return (isQuote | isBackslash | isControl) & .repeating(0x80)
  }
}
