import Events
import Pricing
import Testing

/// Costs against rational arithmetic of its own: a sum of products of integers, rounded once.
@Suite struct ExactArithmeticTests {
  /// numerator / denominator picodollars, rounded half-even.
  private func rounded(_ numerator: Int128, _ denominator: Int128) -> Picodollars {
    let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
    let twice = rest * 2
    return twice > denominator || (twice == denominator && quotient % 2 == 1) ? quotient + 1 : quotient
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func randomCallsAreExact(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      // Rates in 1e-18 dollars, with as many digits as that allows; a factor in 1e-6.
      let rates = (0..<5).map { _ in Int128(generator.next() % 100_000_000_000_000) }
      let factor = Int128(generator.below(3_000_000) + 1)
      let keys = [
        "input_cost_per_token", "cache_read_input_token_cost", "cache_creation_input_token_cost",
        "output_cost_per_token",
        "output_cost_per_reasoning_token",
      ]
      let members = zip(keys, rates).map { "\"\($0)\": \($1)e-18" }.joined(separator: ", ")
      let table = """
        {"m": {"litellm_provider": "anthropic", \(members), "provider_specific_entry": {"us": \(factor)e-6}}}
        """
      let book = try PriceBook(layers: [.table(Array(table.utf8), name: "random")])
      let scale = [10, 10_000, 10_000_000, 1 << 40][generator.below(4)]
      let counts = (0..<5).map { _ in Int64(generator.below(scale)) }
      let call = TestCall("m", provider: "anthropic").usage(
        counts[0] + counts[1] + counts[2], counts[3] + counts[4], cached: counts[1], written: counts[2],
        reasoning: counts[4])
      let plain = call.cost(book)
      let multiplied = call.geo("us").cost(book)
      for i in 0..<5 {
        let exact = Int128(counts[i]) * rates[i]
        #expect(plain.components[i] == rounded(exact, 1_000_000), "seed \(seed)")
        #expect(multiplied.components[i] == rounded(exact * factor, 1_000_000_000_000), "seed \(seed)")
      }
      #expect(plain.total == (0..<5).reduce(0) { $0 + plain.components[$1] })
    }
  }

  @Test func halvesGoToTheEvenNeighbour() throws {
    let book = try PriceBook(layers: [
      .table(
        Array(#"{"m": {"input_cost_per_token": 5e-13}, "n": {"input_cost_per_token": 5.00001e-13}}"#.utf8), name: "t")
    ])
    for (tokens, expected) in [(1, 0), (2, 1), (3, 2), (5, 2), (7, 4)] as [(Int64, Picodollars)] {
      #expect(TestCall("m").usage(tokens).cost(book).total == expected, "\(tokens)")
    }
    #expect(TestCall("n").usage(1).cost(book).total == 1)
  }

  @Test func halfPricesAreExact() throws {
    let book = try PriceBook(layers: [
      .table(Array(#"{"m": {"input_cost_per_token": 3e-18, "output_cost_per_token": 0}}"#.utf8), name: "t")
    ])
    // Half of 3e-18 dollars is no whole number of 1e-18; a million of them are 1.5 picodollars.
    #expect(TestCall("m").usage(1_000_000).tier(.batch).cost(book).total == 2)
    #expect(TestCall("m").usage(2_000_000).tier(.batch).cost(book).total == 3)
  }

  @Test func greatestCountsAndRatesDoNotOverflow() throws {
    let text = """
      {"m": {"litellm_provider": "anthropic", "input_cost_per_token": 1, "output_cost_per_token": 1,
        "provider_specific_entry": {"us": 100, "fast": 100}}, "r": {"mode": "rerank", "input_cost_per_query": 9000}}
      """
    let book = try PriceBook(layers: [.table(Array(text.utf8), name: "t")])
    let call = TestCall("m").usage(1 << 40, 1 << 40).geo("us").with { $0.fields.fastSpeed = true }
    #expect(call.cost(book)[.input] == Picodollars(1 << 40) * 10_000 * 1_000_000_000_000)
    let huge = TestCall("r").with { $0.fields.units.searchUnits = .max }
    #expect(huge.cost(book).total > 0)
    #expect(TestCall("m").usage(.max, .max).geo("us").cost(book).total > 0)
  }

  // Money as text

  @Test(arguments: [
    ("0", "0"), ("1", "1"), ("0.038025", "0.038025"), ("3.5e-05", "0.000035"), ("1000000", "1000000"),
    ("0.000000000001", "0.000000000001"), ("0.0000000000005", "0"), ("0.0000000000015", "0.000000000002"),
    ("1e6", "1000000"), ("00.50", "0.5"), (".5", "0.5"), ("5.", "5"), ("18000000", "18000000"),
  ])
  func dollarsParseExactly(text: String, expected: String) {
    #expect(Dollars.parse(text).map(Dollars.text) == expected)
  }

  @Test(arguments: [
    "", ".", "-1", "1e", "1e+", "e5", "1.2.3", "0x10", "1,5", "$1", "NaN", "1e400", "99999999", " 1", "1 ",
  ])
  func whatIsNoAmountIsRefused(text: String) {
    #expect(Dollars.parse(text) == nil)
  }

  @Test func textOfAnAmountIsItself() {
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<2_000 {
      let amount = Picodollars(generator.next() >> UInt64(1 + generator.below(60)))
      #expect(Dollars.parse(Dollars.text(amount)) == amount, "seed 11")
    }
    #expect(Dollars.text(-1_500_000_000_000) == "-1.5")
  }
}
