/// Exact decimal text to and from integers. Money never passes through a Double here.
enum FixedPoint {
  /// A JSON number, or the same as text, as an integer of 10^-scale: `1.25e-06` at 18 is 1250000000000.
  ///
  /// Digits beyond the scale are rounded half-even (tables hold float noise such as `9.499999999999999e-07`).
  /// - Returns: nil for what is no decimal number, is negative, or does not fit.
  static func parse(_ bytes: Span<UInt8>, in range: Range<Int>, scale: Int) -> UInt64? {
    var mantissa: UInt64 = 0
    /// Power of ten of the mantissa's last digit.
    var exponent = 0
    /// A dropped digit was not zero: what looks like a half is more than one.
    var isSticky = false
    var sawDigit = false
    var sawPoint = false
    var at = range.lowerBound
    let end = range.upperBound
    guard range.lowerBound >= 0, end <= bytes.count else { return nil }
    if at < end, bytes[at] == UInt8(ascii: "+") { at += 1 }
    while at < end {
      let byte = bytes[at]
      if byte == UInt8(ascii: "."), !sawPoint {
        sawPoint = true
      } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        let digit = UInt64(byte &- UInt8(ascii: "0"))
        sawDigit = true
        if mantissa > (UInt64.max - 9) / 10 {
          if digit != 0 { isSticky = true }
          if !sawPoint { exponent += 1 }
        } else {
          mantissa = mantissa &* 10 &+ digit
          if sawPoint { exponent -= 1 }
        }
      } else {
        break
      }
      at += 1
    }
    guard sawDigit else { return nil }
    if at < end {
      guard bytes[at] | 0x20 == UInt8(ascii: "e"), let written = exponentValue(bytes, from: at + 1, to: end) else {
        return nil
      }
      exponent += written
    }
    return scaled(mantissa, exponent: exponent + scale, isSticky: isSticky)
  }

  private static func exponentValue(_ bytes: Span<UInt8>, from start: Int, to end: Int) -> Int? {
    var at = start
    var isNegative = false
    if at < end, bytes[at] == UInt8(ascii: "-") || bytes[at] == UInt8(ascii: "+") {
      isNegative = bytes[at] == UInt8(ascii: "-")
      at += 1
    }
    guard at < end else { return nil }
    var value = 0
    while at < end {
      let byte = bytes[at]
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
      // Beyond this every mantissa is 0 or too large.
      if value < 10_000 { value = value * 10 + Int(byte &- UInt8(ascii: "0")) }
      at += 1
    }
    return isNegative ? -value : value
  }

  /// mantissa × 10^exponent, rounded half-even.
  private static func scaled(_ mantissa: UInt64, exponent: Int, isSticky: Bool) -> UInt64? {
    if mantissa == 0 { return 0 }
    if exponent >= 0 {
      guard exponent < powersOfTen.count, !isSticky else { return nil }
      let (product, overflow) = mantissa.multipliedReportingOverflow(by: powersOfTen[exponent])
      return overflow ? nil : product
    }
    guard -exponent < powersOfTen.count else { return 0 }
    let divisor = powersOfTen[-exponent]
    let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: divisor)
    let rest = divisor - remainder
    let roundsUp = remainder > rest || (remainder == rest && (isSticky || quotient & 1 == 1))
    return roundsUp ? quotient + 1 : quotient
  }

  /// 10^0 … 10^19: all that a UInt64 holds.
  static let powersOfTen: [UInt64] = {
    var powers: [UInt64] = [1]
    while powers.count < 20 { powers.append(powers[powers.count - 1] * 10) }
    return powers
  }()

  /// The shortest exact decimal text of value × 10^-scale: no exponent, no trailing zeros.
  static func text(_ value: Int128, scale: Int) -> String {
    var digits = String(value.magnitude)
    if digits.utf8.count <= scale {
      digits = String(repeating: "0", count: scale + 1 - digits.utf8.count) + digits
    }
    let whole = digits.dropLast(scale)
    var fraction = digits.suffix(scale)
    while fraction.last == "0" { fraction.removeLast() }
    return (value < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
  }
}

/// Money as text.
public enum Dollars {
  /// Exact decimal text of an amount: `0.038025`.
  public static func text(_ amount: Picodollars) -> String {
    FixedPoint.text(amount, scale: 12)
  }

  /// Dollars as decimal text (`0.038025`, `3.5e-05`) to picodollars; digits beyond 1e-12 are rounded half-even.
  /// - Returns: nil for what is no number, is negative, or is over 18 million dollars.
  public static func parse(_ text: some StringProtocol) -> Picodollars? {
    let bytes = Array(text.utf8)
    return FixedPoint.parse(bytes.span, in: 0..<bytes.count, scale: 12).map { Picodollars($0) }
  }
}
