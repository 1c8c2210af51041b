import CallMetrics
import Exposition
import Testing

private func text(_ value: Int64, _ scale: NumberScale) -> String {
  var bytes: [UInt8] = []
  bytes.append(value, in: scale)
  return String(decoding: bytes, as: UTF8.self)
}

private func text(_ value: Int128, _ scale: NumberScale) -> String {
  var bytes: [UInt8] = []
  bytes.append(value, in: scale)
  return String(decoding: bytes, as: UTF8.self)
}

/// The slow way: the digits of the integer with a point moved in from the right.
private func expected(_ value: Int128, _ scale: NumberScale) -> String {
  let places = scale == .one ? 0 : scale == .nano ? 9 : 12
  var digits = value.magnitude.description
  while digits.count <= places { digits = "0" + digits }
  var part = digits.suffix(places)
  while part.last == "0" { part.removeLast() }
  return (value < 0 ? "-" : "") + digits.dropLast(places) + (part.isEmpty ? "" : "." + part)
}

@Suite("Integers as text")
struct IntegerTextTests {
  /// Around every power of ten and of two, above and below zero.
  static let boundaries: [Int128] = {
    var found: Set<Int128> = [0, .min, .max]
    var powers: [Int128] = []
    var power: Int128 = 1
    for _ in 0..<39 {
      powers.append(power)
      power = power.multipliedReportingOverflow(by: 10).partialValue
    }
    powers += (0..<127).map { 1 << $0 }
    for power in powers {
      for near in [power - 1, power, power.addingReportingOverflow(1).partialValue] {
        found.insert(near)
        found.insert(-near)
      }
    }
    return found.sorted()
  }()

  @Test("Every boundary, in every scale", arguments: [NumberScale.one, .nano, .pico])
  func boundaries(scale: NumberScale) {
    for value in Self.boundaries {
      #expect(text(value, scale) == expected(value, scale))
      if let short = Int64(exactly: value) { #expect(text(short, scale) == expected(value, scale)) }
    }
  }

  @Test("Any number, in every scale", arguments: [NumberScale.one, .nano, .pico])
  func random(scale: NumberScale) {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<4000 {
      let value = Int128.random(in: .min ... .max, using: &random) >> Int128.random(in: 0..<128, using: &random)
      #expect(text(value, scale) == expected(value, scale), "seed \(seed)")
      let short = Int64(truncatingIfNeeded: value)
      #expect(text(short, scale) == expected(Int128(short), scale), "seed \(seed)")
    }
  }

  @Test(
    "Money and time by example",
    arguments: [
      (1_234_567_890, NumberScale.nano, "1.23456789"), (1, .nano, "0.000000001"), (-1_500_000_000, .nano, "-1.5"),
      (1_000_000_000, .nano, "1"), (10_000_000, .pico, "0.00001"), (2_500_000_000_000, .pico, "2.5"),
      (0, .pico, "0"), (100, .one, "100"), (Int64.min, .one, "-9223372036854775808"),
    ])
  func examples(value: Int64, scale: NumberScale, string: String) {
    #expect(text(value, scale) == string)
  }
}

@Suite("Doubles as text")
struct DoubleTextTests {
  private func text(_ value: Double) -> String {
    var bytes: [UInt8] = []
    bytes.append(value)
    return String(decoding: bytes, as: UTF8.self)
  }

  private func bound(_ value: Double, isCanonical: Bool) -> String {
    var bytes: [UInt8] = []
    bytes.append(bound: value, isCanonical: isCanonical)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    "Values are plain where people read them",
    arguments: [
      (0, "0"), (-0.0, "0"), (1, "1"), (-1, "-1"), (10, "10"), (0.5, "0.5"), (-0.25, "-0.25"), (12.34, "12.34"),
      (1_763_715_896.25, "1763715896.25"), (0.000001, "0.000001"), (0.00000123, "0.00000123"), (1e-7, "1e-07"),
      (-1.25e-10, "-1.25e-10"), (1e20, "100000000000000000000"), (1.5e21, "1.5e+21"), (1e100, "1e+100"),
      (1e-100, "1e-100"), (.nan, "NaN"), (-.nan, "NaN"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
      (0.1 + 0.2, "0.30000000000000004"),
      (.greatestFiniteMagnitude, "1.7976931348623157e+308"), (.leastNonzeroMagnitude, "5e-324"),
      (9_007_199_254_740_992, "9007199254740992"),
    ] as [(Double, String)])
  func values(value: Double, string: String) {
    #expect(text(value) == string)
  }

  /// The examples of OpenMetrics' section on canonical numbers, and what Go prints around its switch-over.
  @Test(
    "Bounds are canonical in OpenMetrics",
    arguments: [
      (0, "0.0"), (0.001, "0.001"), (0.002, "0.002"), (0.01, "0.01"), (0.1, "0.1"), (0.9, "0.9"), (0.95, "0.95"),
      (0.99, "0.99"), (0.999, "0.999"), (1, "1.0"), (1.7, "1.7"), (10, "10.0"), (1e-10, "1e-10"), (1e-9, "1e-09"),
      (1e-5, "1e-05"), (0.0001, "0.0001"), (100_000, "100000.0"), (1e6, "1e+06"), (1e10, "1e+10"), (1e23, "1e+23"),
      (1.1e23, "1.1e+23"), (4_194_304, "4.194304e+06"), (262_144, "262144.0"), (999_999, "999999.0"),
      (123_456.5, "123456.5"), (1_234_567.5, "1.2345675e+06"), (0.00009, "9e-05"), (-5, "-5.0"), (.infinity, "+Inf"),
    ] as [(Double, String)])
  func bounds(value: Double, canonical: String) {
    #expect(bound(value, isCanonical: true) == canonical)
    let plain = canonical.hasSuffix(".0") ? String(canonical.dropLast(2)) : canonical
    #expect(bound(value, isCanonical: false) == plain)
  }

  @Test("Any value is read back as itself")
  func roundTrip() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<4000 {
      var value = Double(bitPattern: random.next())
      if Bool.random(using: &random) { value = Double(Int64.random(in: -1_000_000...1_000_000, using: &random)) / 1000 }
      guard !value.isNaN else { continue }
      for string in [text(value), bound(value, isCanonical: true), bound(value, isCanonical: false)] {
        #expect(Double(string) == value, "seed \(seed): \(string)")
      }
    }
  }
}
