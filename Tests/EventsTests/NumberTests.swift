import Events
import Testing

/// Numbers become integers of a small unit: exactly, or rounded half-even.
@Suite struct NumberTests {
  private func cost(_ number: String) throws -> Int64 { try call(#""cost_usd":\#(number)"#).fields.callerCost }
  private func tokens(_ number: String) throws -> Int64 { try call(#""input_tokens":\#(number)"#).usage.input }

  @Test func dollarsArePicodollars() throws {
    #expect(try cost("1") == 1_000_000_000_000)
    #expect(try cost("0.00734") == 7_340_000_000)
    #expect(try cost(#""0.1""#) == 100_000_000_000)
    #expect(try cost("2.5e-06") == 2_500_000)
    #expect(try cost("1E3") == 1_000_000_000_000_000)
    #expect(try cost("0") == 0)
    #expect(try cost("-0.0") == 0)
    #expect(try cost("1e-400") == 0)
    #expect(try cost("0e400") == 0)
    #expect(try cost("1000000") == 1_000_000_000_000_000_000)
    #expect(try cost("0.30000000000000004") == 300_000_000_000)
  }

  @Test func halvesRoundToEven() throws {
    #expect(try cost("0.0000000000005") == 0)
    #expect(try cost("0.0000000000015") == 2)
    #expect(try cost("0.0000000000025") == 2)
    #expect(try cost("0.0000000000025000000000000000000000000001") == 3)
    #expect(try cost("0.00000000000249999999999999999999999999999") == 2)
    #expect(try cost("0.000000000002500000000000000000000000000000") == 2)
    #expect(try cost("999999.9999999999995") == 1_000_000_000_000_000_000)
    #expect(try cost("123456.1234567890125") == 123_456_123_456_789_012)
    #expect(try cost("123456.12345678901250000001") == 123_456_123_456_789_013)
    #expect(try cost("123456.1234567890135") == 123_456_123_456_789_014)
  }

  @Test func countsAreWhole() throws {
    #expect(try tokens("12") == 12)
    #expect(try tokens("12.0") == 12)
    #expect(try tokens(#""12""#) == 12)
    #expect(try tokens(#""12.000""#) == 12)
    #expect(try tokens("1.2e1") == 12)
    #expect(try tokens("1200e-2") == 12)
    #expect(try tokens("0.00012e5") == 12)
    #expect(try tokens("1099511627776") == 1 << 40)
    #expect(try tokens("12.00000000000000000000000000000") == 12)
    #expect(try tokens("0000000000".isEmpty ? "" : "0") == 0)
  }

  @Test(arguments: [
    "-1", "-0.5", "12.5", "1099511627777", "1e13", "1e400", "true", "false", "[]", "{}", #""x""#, #""1 ""#, #"" 1""#,
    #""1,5""#, #""0x10""#, #""NaN""#, #""inf""#, #""-1""#, #""1e""#, #""+1""#, #"".5""#, "1e-1", "18446744073709551617",
    "12.0000000000000000000000000000001",
  ])
  func isNoTokenCount(_ number: String) {
    #expect(rejection(#"{"model":"m","input_tokens":\#(number)}"#) == "bad_field: input_tokens", "\(number)")
  }

  @Test func boundsAreInclusive() throws {
    #expect(try call(#""latency_ms":604800000"#).fields.latency == 604_800_000_000_000)
    #expect(rejection(#"{"model":"m","latency_ms":604800000.000001}"#) == "bad_field: latency_ms")
    #expect(try call(#""cost_usd":1e6"#).fields.callerCost == 1_000_000_000_000_000_000)
    #expect(rejection(#"{"model":"m","cost_usd":1000000.000000000001}"#) == "bad_field: cost_usd")
    #expect(try call(#""weight":10000"#).fields.weight == 10_000)
    #expect(rejection(#"{"model":"m","weight":10001}"#) == "bad_field: weight")
    #expect(rejection(#"{"model":"m","weight":0}"#) == "bad_field: weight")
    #expect(rejection(#"{"model":"m","http_status":1000}"#) == "bad_field: http_status")
  }

  @Test func anySpellingOfANumberIsTheSame() throws {
    // Against exact decimal arithmetic on the digits themselves.
    var random = SeededRandom(seed: 7)
    for _ in 0..<20_000 {
      let digits = (0..<Int.random(in: 1...25, using: &random)).map { _ in Int.random(in: 0...9, using: &random) }
      let exponent = Int.random(in: -30...8, using: &random)
      let text = digits.map(String.init).joined()
      let trimmed = String(text.drop { $0 == "0" })
      let number = (trimmed.isEmpty ? "0" : trimmed) + "e\(exponent)"
      let expected = roundedHalfEven(trimmed, exponent: exponent + 12)
      let found = try? cost(number)
      #expect(found == expected, "\(number)")
    }
  }

  /// digits × 10^exponent as an integer at most 10^18, by school arithmetic on strings.
  private func roundedHalfEven(_ digits: String, exponent: Int) -> Int64? {
    if digits.isEmpty { return 0 }
    var whole = digits
    var fraction = ""
    if exponent >= 0 {
      whole += String(repeating: "0", count: exponent)
    } else if -exponent >= digits.count {
      fraction = String(repeating: "0", count: -exponent - digits.count) + digits
      whole = "0"
    } else {
      fraction = String(digits.suffix(-exponent))
      whole = String(digits.dropLast(-exponent))
    }
    guard whole.count <= 19, let value = Int64(whole) else { return nil }
    let isHalf = fraction.first == "5" && fraction.dropFirst().allSatisfy { $0 == "0" }
    let isAbove = (fraction.first.map { $0 >= "5" } ?? false) && !isHalf
    let rounded = isAbove || isHalf && value % 2 == 1 ? value + 1 : value
    return rounded <= 1_000_000_000_000_000_000 ? rounded : nil
  }
}
