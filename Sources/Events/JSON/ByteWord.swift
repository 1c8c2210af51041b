/// Eight bytes of a line at once, the first one lowest; and single bytes that may lie past the end.
///
/// The loads here are the unchecked ones, each behind a test of its own: the span's checks, on top of ours, cost a
/// fifth of the decoder's instructions.
extension Span where Element == UInt8 {
  /// The bytes from `offset` on; 0 where fewer than eight are left.
  @inline(__always)
  func word(at offset: Int) -> UInt64 {
    guard UInt(bitPattern: offset) &+ 8 <= UInt(bitPattern: count), offset >= 0 else { return 0 }
    // 0 ≤ offset and offset + 8 ≤ count, and every pattern of bits is a UInt64.
    return unsafe UInt64(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: UInt64.self))
  }

  /// The byte, or 0 past the end: no JSON token starts or goes on with 0, so truncation needs no test of its own.
  @inline(__always)
  func byte(at offset: Int) -> UInt8 {
    guard UInt(bitPattern: offset) < UInt(bitPattern: count) else { return 0 }
    // 0 ≤ offset < count: a negative offset is a huge UInt.
    return unsafe self[unchecked: offset]
  }

  func isDigit(_ offset: Int) -> Bool { byte(at: offset) &- UInt8(ascii: "0") < 10 }

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

  /// The first place at or after `start`, which is not negative, of a byte that can't stand in a JSON string as
  /// itself: a quote, a backslash or a control character; the end if there is none.
  @inline(__always)
  func endOfPlainRun(from start: Int) -> Int {
    var i = start
    while i &+ 16 <= count {
      // 0 ≤ i and i + 16 ≤ count, and every pattern of bits is a vector.
      let found = unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: i, as: SIMD16<UInt8>.self).notPlain
      if found.low | found.high != 0 {
        return found.low != 0
          ? i &+ found.low.trailingZeroBitCount >> 3 : i &+ 8 &+ found.high.trailingZeroBitCount >> 3
      }
      i &+= 16
    }
    return endOfShortRun(from: i)
  }

  @inline(never)
  private func endOfShortRun(from start: Int) -> Int {
    var i = start
    if i &+ 8 <= count {
      let found = word(at: i).bytesNotPlain
      if found != 0 { return i &+ found.trailingZeroBitCount >> 3 }
      i &+= 8
    }
    while i < count {
      let byte = byte(at: i)
      if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return i }
      i &+= 1
    }
    return i
  }
}

extension SIMD16<UInt8> {
  /// All bits of each byte that is a quote, a backslash or below a space, as two words.
  @inline(__always)
  fileprivate var notPlain: (low: UInt64, high: UInt64) {
    // Comparisons with a vector are one instruction each, those with a scalar are loops.
    let quote = SIMD16<UInt8>(repeating: UInt8(ascii: "\""))
    let backslash = SIMD16<UInt8>(repeating: UInt8(ascii: "\\"))
    let mask = (self .== quote) .| (self .== backslash) .| (self .< SIMD16<UInt8>(repeating: 0x20))
    // A mask of sixteen bytes is sixteen bytes of zeros or ones.
    let words = unsafe unsafeBitCast(mask, to: SIMD2<UInt64>.self)
    return (UInt64(littleEndian: words[0]), UInt64(littleEndian: words[1]))
  }
}

extension UInt64 {
  @inline(__always)
  static func repeating(_ byte: UInt8) -> UInt64 { 0x0101_0101_0101_0101 &* UInt64(byte) }

  /// The top bit of each byte that is a quote, a backslash or below a space. A borrow may also set bits
  /// above the lowest such byte: only the lowest set bit may be used.
  @inline(__always)
  var bytesNotPlain: UInt64 {
    // Flipping bit 1 moves a quote (0x22) to 0x20 and leaves what is below there: both are below 0x21 then.
    let quoteOrControl = (self ^ .repeating(0x02)) &- .repeating(0x21)
    let backslash = (self ^ .repeating(UInt8(ascii: "\\"))) &- .repeating(0x01)
    // Bytes from 0x80 on are none of them; the flips leave their top bit.
    return (quoteOrControl | backslash) & ~self & .repeating(0x80)
  }
}
