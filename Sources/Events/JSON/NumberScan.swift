/// Reads numbers by the grammar of RFC 8259, section 6.
enum NumberScan {
  /// Reads the number at `position` and moves behind it; nil, and nothing moved, where none stands.
  @inline(__always)
  static func number(_ line: Span<UInt8>, _ position: inout Int) -> Decimal? {
    var i = position
    let isNegative = line.byte(at: i) == UInt8(ascii: "-")
    if isNegative { i &+= 1 }
    let first = i
    var mantissa: UInt64 = 0
    while true {
      let digit = line.byte(at: i) &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      i &+= 1
    }
    let digits = i &- first
    let next = line.byte(at: i)
    guard digits > 0, digits == 1 || line[first] != UInt8(ascii: "0") else { return nil }
    // 0x20 folds E to e, and leaves a point a point.
    if digits <= Decimal.digitsKept, next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") {
      position = i
      return Decimal(mantissa: mantissa, isNegative: isNegative)
    }
    return long(line, &position, first: first, isNegative: isNegative)
  }

  /// A number with a fraction, an exponent or more digits than are kept. Its integer part was checked.
  private static func long(
    _ line: Span<UInt8>, _ position: inout Int, first: Int, isNegative: Bool
  ) -> Decimal? {
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
    position = i
    exponent &+= digits.cut
    return Decimal(
      mantissa: digits.mantissa, exponent: Int16(clamping: exponent), isNegative: isNegative, tail: digits.tail)
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
    var position = 0
    guard let number = number(text, &position), position == text.count else { return nil }
    return number
  }
}
