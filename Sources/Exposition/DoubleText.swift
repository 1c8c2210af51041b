/// Doubles as text: the fewest digits that read back as the same value.
extension [UInt8] {
  /// A sample's value. Plain where people read it easily, from a millionth to 21 digits (a time stamp is
  /// `1763715896.25`, not `1.76371589625e+09`); any reading is allowed there.
  package mutating func append(_ value: Double) {
    append(value, plainExponents: -6..<21)
  }

  /// The number in an `le`, as Go's `%g` has it: exponents from a million up and below a ten-thousandth. Label
  /// values are compared as strings, so OpenMetrics has a canonical form, which adds `.0` to what looks like an integer.
  /// https://prometheus.io/docs/specs/om/open_metrics_spec/#considerations-canonical-numbers
  package mutating func append(bound value: Double, isCanonical: Bool) {
    let start = count
    append(value, plainExponents: -4..<6)
    let looksWhole = self[start...].allSatisfy {
      $0 == UInt8(ascii: "-") || (UInt8(ascii: "0")...UInt8(ascii: "9")) ~= $0
    }
    if isCanonical && looksWhole { append(contentsOf: ".0".utf8) }
  }

  /// - Parameter plainExponents: decimal exponents of the first digit for which no exponent is written.
  private mutating func append(_ value: Double, plainExponents: Range<Int>) {
    guard value.isFinite else {
      append(contentsOf: (value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf").utf8)
      return
    }
    if value.sign == .minus && value != 0 { append(UInt8(ascii: "-")) }
    let (digits, exponent) = shortestDigits(of: value.magnitude)
    guard plainExponents.contains(exponent) else {
      return append(digits: digits, exponent: exponent)
    }
    if exponent < 0 {
      append(contentsOf: "0.".utf8)
      append(contentsOf: repeatElement(UInt8(ascii: "0"), count: -exponent - 1))
      append(contentsOf: digits)
    } else {
      append(contentsOf: digits.prefix(exponent + 1))
      append(contentsOf: repeatElement(UInt8(ascii: "0"), count: Swift.max(0, exponent + 1 - digits.count)))
      if digits.count > exponent + 1 {
        append(UInt8(ascii: "."))
        append(contentsOf: digits.dropFirst(exponent + 1))
      }
    }
  }

  /// `1.5e+06`, `1e-05`: the exponent has a sign and at least two digits.
  private mutating func append(digits: [UInt8], exponent: Int) {
    append(contentsOf: digits.prefix(1))
    if digits.count > 1 {
      append(UInt8(ascii: "."))
      append(contentsOf: digits.dropFirst())
    }
    append(contentsOf: (exponent < 0 ? "e-" : "e+").utf8)
    if exponent.magnitude < 10 { append(UInt8(ascii: "0")) }
    append(digitsOf: UInt64(exponent.magnitude))
  }
}

/// The digits of a finite value that is not negative, without zeros at either end ("0" for 0), and the decimal
/// exponent of the first. Read off the standard library's description, which has the fewest digits.
private func shortestDigits(of value: Double) -> (digits: [UInt8], exponent: Int) {
  var digits: [UInt8] = []
  var pointAt: Int?
  var exponent = 0
  let text = value.description
  let parts = text.utf8.split(separator: UInt8(ascii: "e"))
  for byte in parts[0] {
    if byte == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(byte) }
  }
  if parts.count > 1 { exponent = Int(Substring(parts[1])) ?? 0 }
  exponent += (pointAt ?? digits.count) - 1
  let leading = digits.prefix { $0 == UInt8(ascii: "0") }.count
  if leading == digits.count { return ([UInt8(ascii: "0")], 0) }
  digits.removeFirst(leading)
  while digits.last == UInt8(ascii: "0") { digits.removeLast() }
  return (digits, exponent - leading)
}
