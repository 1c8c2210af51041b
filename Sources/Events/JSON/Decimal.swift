/// A decimal number as it was written: 19 digits are kept, what is cut off is remembered as far as
/// rounding needs it, so that turning it into a fixed-point integer rounds half-even and exactly.
///
///     value = ± (mantissa + tail) × 10^exponent
struct Decimal: BitwiseCopyable {
  /// The part of a unit of the mantissa that lies in the digits after the 19th.
  enum Tail: UInt8, BitwiseCopyable { case none, belowHalf, half, aboveHalf }

  var mantissa: UInt64
  var exponent: Int16
  var isNegative: Bool
  var tail: Tail

  static let digitsKept = 19

  @inline(__always)
  init(mantissa: UInt64, exponent: Int16 = 0, isNegative: Bool = false, tail: Tail = .none) {
    self.mantissa = mantissa
    self.exponent = exponent
    self.isNegative = isNegative
    self.tail = tail
  }

  static var zero: Decimal { Decimal(mantissa: 0) }

  /// The magnitude in units of 10^-scale, rounded half-even; nil where that exceeds 64 bits.
  @inline(__always)
  func magnitude(scale: Int) -> UInt64? {
    let shift = Int(exponent) &+ scale
    if shift == 0 && tail == .none || mantissa == 0 { return mantissa }
    return shift >= 0 ? enlarged(by: shift) : reduced(by: 0 &- shift)
  }

  private func enlarged(by shift: Int) -> UInt64? {
    if tail != .none {
      // 19 digits and more of them: ten times that is beyond every bound of ours.
      guard shift == 0 else { return nil }
      let up = tail == .aboveHalf || tail == .half && mantissa & 1 == 1
      return mantissa &+ (up ? 1 : 0)
    }
    guard shift <= 19 else { return nil }
    let (product, overflow) = mantissa.multipliedReportingOverflow(by: Decimal.power(shift))
    return overflow ? nil : product
  }

  private func reduced(by shift: Int) -> UInt64 {
    // Below 10^19 / 10^20 nothing rounds up.
    guard shift <= 19 else { return 0 }
    let divisor = Decimal.power(shift)
    let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: divisor)
    let half = divisor / 2
    let up = remainder > half || remainder == half && (tail != .none || quotient & 1 == 1)
    return quotient &+ (up ? 1 : 0)
  }

  /// The value if it is whole and at most `limit`.
  @inline(__always)
  func integer(limit: UInt64) -> UInt64? {
    if exponent == 0 && tail == .none { return mantissa <= limit ? mantissa : nil }
    return wholeValue(limit: limit)
  }

  private func wholeValue(limit: UInt64) -> UInt64? {
    guard mantissa != 0 else { return 0 }
    guard tail == .none else { return nil }
    let value: UInt64
    if exponent >= 0 {
      guard let enlarged = enlarged(by: Int(exponent)) else { return nil }
      value = enlarged
    } else {
      guard exponent >= -19 else { return nil }
      let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: Decimal.power(0 &- Int(exponent)))
      guard remainder == 0 else { return nil }
      value = quotient
    }
    return value <= limit ? value : nil
  }

  /// 10^n for n in 0…19.
  @inline(__always)
  static func power(_ n: Int) -> UInt64 {
    var power: UInt64 = 1
    if n & 1 != 0 { power = 10 }
    if n & 2 != 0 { power &*= 100 }
    if n & 4 != 0 { power &*= 10_000 }
    if n & 8 != 0 { power &*= 100_000_000 }
    if n & 16 != 0 { power &*= 10_000_000_000_000_000 }
    return power
  }
}
