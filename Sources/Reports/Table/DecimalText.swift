/// Integers as decimal text of a fixed number of places, rounded half-even; no Double in between.
enum DecimalText {
  /// value × 10^-scale, with so many digits behind the point.
  static func rounded(_ value: Int128, scale: Int, places: Int, grouped: Bool = false) -> String {
    var magnitude = value.magnitude
    if scale > places {
      let divisor = power(scale - places)
      let (quotient, remainder) = magnitude.quotientAndRemainder(dividingBy: divisor)
      let isUp = remainder > divisor - remainder || (remainder == divisor - remainder && quotient & 1 == 1)
      magnitude = quotient + (isUp ? 1 : 0)
    } else {
      for _ in scale..<places { magnitude *= 10 }
    }
    var digits = String(magnitude)
    if digits.utf8.count <= places { digits = String(repeating: "0", count: places + 1 - digits.utf8.count) + digits }
    let whole = String(digits.dropLast(places))
    let text = (grouped ? self.grouped(whole) : whole) + (places == 0 ? "" : "." + digits.suffix(places))
    return value < 0 && magnitude > 0 ? "-" + text : text
  }

  /// Exact: no trailing zeros.
  static func exact(_ value: Int128, scale: Int) -> String {
    var text = rounded(value, scale: scale, places: scale)
    guard text.contains(".") else { return text }
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  /// `1234567` as `1,234,567`.
  static func grouped(_ digits: String) -> String {
    var text = ""
    for (i, digit) in digits.enumerated() {
      if i > 0, (digits.utf8.count - i).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return text
  }

  private static func power(_ exponent: Int) -> UInt128 {
    var power: UInt128 = 1
    for _ in 0..<exponent { power *= 10 }
    return power
  }
}
