/// Reads numbers by the grammar of RFC 8259, section 6.
enum NumberScan {
  struct Found {
    var number: Decimal
    /// Behind the number.
    var end: Int
  }

  /// The number at `start`; nil where none stands.
  @inline(__always)
  static func number(_ line: Span<UInt8>, _ start: Int) -> Found? {
    short(line, start) ?? any(line, start)
  }

  /// A whole number of up to seven digits that is not negative, which is what nearly all are: its digits are found
  /// and turned into a number together. Nil for any other.
  ///
  /// Source of the three steps by which eight digits become one number (pairs, fours, eight): D. Lemire, "Quickly
  /// parsing eight digits" (2018).
  @inline(__always)
  private static func short(_ line: Span<UInt8>, _ start: Int) -> Found? {
    let word = line.word(at: start)
    let digits = word ^ .repeating(UInt8(ascii: "0"))
    // The top bit of each byte over 9. A carry may also set bits above the lowest such byte, which alone is used.
    let others = (digits &+ .repeating(0x76) | digits) & .repeating(0x80)
    let count = others.trailingZeroBitCount >> 3
    guard UInt(bitPattern: count &- 1) < 7, count == 1 || digits & 0xFF != 0 else { return nil }
    let next = UInt8(truncatingIfNeeded: word >> UInt64(count &* 8))
    // 0x20 folds E to e, and leaves a point a point.
    guard next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") else { return nil }
    // The digits move up to the end of the word, behind zeros.
    var value = digits << UInt64(64 &- count &* 8)
    value = (value &* (10 << 8 | 1)) >> 8 & 0x00FF_00FF_00FF_00FF
    value = (value &* (100 << 16 | 1)) >> 16 & 0x0000_FFFF_0000_FFFF
    value = (value &* (10_000 << 32 | 1)) >> 32
    return Found(number: Decimal(mantissa: value), end: start &+ count)
  }

  @inline(never)
  private static func any(_ line: Span<UInt8>, _ start: Int) -> Found? {
    let isNegative = line.byte(at: start) == UInt8(ascii: "-")
    let first = isNegative ? start &+ 1 : start
    var i = first
    var mantissa: UInt64 = 0
    var digit = line.byte(at: i) &- UInt8(ascii: "0")
    while digit < 10 {
      mantissa = mantissa &* 10 &+ UInt64(digit)
      i &+= 1
      digit = line.byte(at: i) &- UInt8(ascii: "0")
    }
    let digits = i &- first
    guard digits == 1 || digits > 1 && line.byte(at: first) != UInt8(ascii: "0") else { return nil }
    let next = digit &+ UInt8(ascii: "0")
    // 0x20 folds E to e, and leaves a point a point.
    if digits <= Decimal.digitsKept, next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") {
      return Found(number: Decimal(mantissa: mantissa, isNegative: isNegative), end: i)
    }
    return long(line, first, isNegative: isNegative)
  }

  /// A number with a fraction, an exponent or more digits than are kept. Its integer part was checked.
  @inline(never)
  private static func long(_ line: Span<UInt8>, _ first: Int, isNegative: Bool) -> Found? {
    var i = first
    var digits = Digits()
    while let digit = digit(line, i) {
      digits.add(digit)
      i &+= 1
    }
    var exponent = 0
    if line.byte(at: i) == UInt8(ascii: ".") {
      i &+= 1
      let start = i
      while let digit = digit(line, i) {
        digits.add(digit)
        i &+= 1
      }
      guard i > start else { return nil }
      exponent = start &- i
    }
    if line.byte(at: i) | 0x20 == UInt8(ascii: "e") {
      i &+= 1
      let sign = line.byte(at: i)
      if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { i &+= 1 }
      let start = i
      var written = 0
      while let digit = digit(line, i) {
        // Far beyond what any line's digits can make up for.
        written = min(written &* 10 &+ Int(digit), 1 << 40)
        i &+= 1
      }
      guard i > start else { return nil }
      exponent &+= sign == UInt8(ascii: "-") ? 0 &- written : written
    }
    exponent &+= digits.cut
    let number = Decimal(
      mantissa: digits.mantissa, exponent: Int16(clamping: exponent), isNegative: isNegative, tail: digits.tail)
    return Found(number: number, end: i)
  }

  @inline(__always)
  private static func digit(_ line: Span<UInt8>, _ i: Int) -> UInt8? {
    let digit = line.byte(at: i) &- UInt8(ascii: "0")
    return digit < 10 ? digit : nil
  }

  /// Collects digits, leading zeros apart, up to 19; of the rest only how it rounds.
  private struct Digits {
    var mantissa: UInt64 = 0
    var kept = 0
    /// How many digits were cut off.
    var cut = 0
    var tail = Decimal.Tail.none

    @inline(__always)
    mutating func add(_ digit: UInt8) {
      if kept < Decimal.digitsKept {
        mantissa = mantissa &* 10 &+ UInt64(digit)
        if mantissa != 0 { kept &+= 1 }
        return
      }
      if cut == 0 {
        tail = digit == 0 ? .none : digit < 5 ? .belowHalf : digit == 5 ? .half : .aboveHalf
      } else if digit != 0 {
        if tail == .none { tail = .belowHalf } else if tail == .half { tail = .aboveHalf }
      }
      cut &+= 1
    }
  }

  /// The number that is the whole of `text`: "12", "0.004".
  static func whole(_ text: Span<UInt8>) -> Decimal? {
    guard let found = number(text, 0), found.end == text.count else { return nil }
    return found.number
  }
}
