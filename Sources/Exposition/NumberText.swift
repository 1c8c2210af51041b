package import CallMetrics

/// "00" to "99", two bytes each: half the divisions, and no branch per digit.
private let digitPairs: [200 of UInt8] = .init { index in
  UInt8(ascii: "0") + UInt8(index % 2 == 0 ? index / 20 : index / 2 % 10)
}

/// Numbers as the text formats want them. Integers and the scaled integers are exact: no Double is involved,
/// so what was counted is what is read.
extension [UInt8] {
  package mutating func append(_ value: Int64, in scale: NumberScale) {
    switch scale {
    case .one:
      if value < 0 { append(UInt8(ascii: "-")) }
      append(digitsOf: value.magnitude)
    case .nano:
      if value < 0 { append(UInt8(ascii: "-")) }
      let (whole, part) = value.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
      append(digitsOf: whole)
      append(fraction: part, digits: 9)
    case .pico:
      append(Int128(value), in: .pico)
    }
  }

  package mutating func append(_ value: Int128, in scale: NumberScale) {
    if value < 0 { append(UInt8(ascii: "-")) }
    let magnitude = value.magnitude
    let unit: UInt64 =
      switch scale {
      case .one: 1
      case .nano: 1_000_000_000
      case .pico: 1_000_000_000_000
      }
    let digits =
      switch scale {
      case .one: 0
      case .nano: 9
      case .pico: 12
      }
    // Division of 128 bits is a slow routine, and 64 hold 18 million dollars or 584 years.
    if let short = UInt64(exactly: magnitude) {
      let (whole, part) = short.quotientAndRemainder(dividingBy: unit)
      append(digitsOf: whole)
      append(fraction: part, digits: digits)
    } else {
      let (whole, part) = magnitude.quotientAndRemainder(dividingBy: UInt128(unit))
      append(digitsOf: whole)
      append(fraction: UInt64(truncatingIfNeeded: part), digits: digits)
    }
  }

  package mutating func append(digitsOf value: UInt64) {
    append(addingCapacity: 20) { output in
      output.append(digitsOf: value)
    }
  }

  /// At most 39 digits.
  private mutating func append(digitsOf value: UInt128) {
    let limit: UInt128 = 1_000_000_000_000_000_000
    if value < limit { return append(digitsOf: UInt64(truncatingIfNeeded: value)) }
    let (high, low) = value.quotientAndRemainder(dividingBy: limit)
    append(digitsOf: high)
    append(addingCapacity: 20) { output in
      output.append(padded: UInt64(truncatingIfNeeded: low), digits: 18)
    }
  }

  /// `.` and the digits of a part of 1 without the zeros at its end; nothing for 0. `digits` is below 19.
  private mutating func append(fraction: UInt64, digits: Int) {
    if fraction == 0 { return }
    append(addingCapacity: 20) { output in
      output.append(UInt8(ascii: "."))
      output.append(padded: fraction, digits: digits)
    }
    while last == UInt8(ascii: "0") { removeLast() }
  }
}

extension OutputSpan<UInt8> {
  @inline(__always)
  fileprivate mutating func append(digitsOf value: UInt64) {
    if value < 10 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value))
      return
    }
    append(padded: value, digits: digitCount(value))
  }

  /// Exactly so many digits, at most 20.
  @inline(__always)
  fileprivate mutating func append(padded value: UInt64, digits count: Int) {
    var digits = [20 of UInt8](repeating: UInt8(ascii: "0"))
    var rest = value
    var position = 20
    while rest >= 100 {
      let pair = Int(rest % 100) * 2
      rest /= 100
      position -= 2
      digits[position] = digitPairs[pair]
      digits[position + 1] = digitPairs[pair + 1]
    }
    if rest > 0 {
      digits[position - 2] = digitPairs[Int(rest) * 2]
      digits[position - 1] = digitPairs[Int(rest) * 2 + 1]
    }
    for index in (20 - count)..<20 { append(digits[index]) }
  }
}

private func digitCount(_ value: UInt64) -> Int {
  var count = 1
  var rest = value
  while rest >= 10_000 {
    rest /= 10_000
    count += 4
  }
  return count + (rest >= 1000 ? 3 : rest >= 100 ? 2 : rest >= 10 ? 1 : 0)
}
