import Events
import Pricing
import Testing

@Suite struct PriceExplanationTests {
  let book: PriceBook

  init() throws { book = try Fixture.book() }

  @Test func eachStepIsShown() throws {
    let call = TestCall("claude-opus-4-8", provider: "anthropic")
      .usage(101_550, 503, cached: 100_000, written: 1_500, written1h: 1_000).geo("us")
      .with { $0.fields.units.webSearchRequests = 1 }
    let explanation = try #require(call.explanation(book))
    #expect(
      explanation.text == """
        model     claude-opus-4-8
        provider  anthropic
        entry     claude-opus-4-8
          1 × $0.01 = $0.01  tool  search_context_cost_per_query.search_context_size_medium
          × 1.1  provider_specific_entry.us
          50 × $0.000005 = $0.00025  input  input_cost_per_token
          100000 × $0.0000005 = $0.05  cached_input  cache_read_input_token_cost
          500 × $0.00000625 = $0.003125  cache_write  cache_creation_input_token_cost
          1000 × $0.00001 = $0.01  cache_write  cache_creation_input_token_cost_above_1hr
          503 × $0.000025 = $0.012575  output  output_cost_per_token
        input         $0.000275
        cached_input  $0.055
        cache_write   $0.0144375
        output        $0.0138325
        tool          $0.01
        total         $0.093545
        priced        table

        """)
  }

  @Test func tiersHalvesAndGapsAreNamed() throws {
    let over = try #require(TestCall("gpt-6-astra").usage(272_001, 0).tier(.priority).explanation(book))
    #expect(over.steps.map(\.key) == ["input_cost_per_token_above_272k_tokens_priority"])
    let batch = try #require(TestCall("us.anthropic.claude-opus-4-8").usage(10, 0).tier(.batch).explanation(book))
    #expect(batch.steps.first?.isHalved == true)
    #expect(batch.text.contains("10 × $0.0000055 ÷ 2 = $0.0000275"))
    let ranged = try #require(TestCall("dashscope/qwen-flash").usage(256_001, 0).explanation(book))
    #expect(ranged.steps.map(\.key) == ["tiered_pricing[1].input_cost_per_token"])
    let missing = try #require(TestCall("ollama/llama3.2").usage(7, 0).explanation(book))
    #expect(missing.text.contains("7 without a rate  input_cost_per_token"))
    #expect(missing.text.contains("unpriced      no_rate"))
    let unknown = try #require(TestCall("nobody-knows").usage(7, 0).explanation(book))
    #expect(unknown.steps.isEmpty)
    #expect(unknown.text.contains("unpriced      unknown_model"))
  }

  @Test func explanationIsTheCost() throws {
    var generator = SeededGenerator(seed: 3)
    let names = book.entries().map(\.name)
    for _ in 0..<200 {
      let call = TestCall(names[generator.below(names.count)]).usage(
        Int64(generator.below(400_000)), Int64(generator.below(5_000)), cached: Int64(generator.below(2_000)))
      let explanation = try #require(call.explanation(book))
      #expect(explanation.cost.total == call.cost(book).total, "seed 3")
    }
  }

  @Test func statedCostsShowTheTablesToo() throws {
    let stated = TestCall("gpt-4o").usage(1_000_000, 0).with { $0.fields.callerCost = 3_000_000_000_000 }
    let text = try #require(stated.explanation(book)).text
    #expect(text.contains("reported      $3"))
    #expect(text.contains("by table      $2.5"))
  }
}
