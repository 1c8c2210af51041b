import Events
import Pricing
import Testing

/// Costs that are known, by rates that stay: in dollars, what goes in and what comes out.
@Suite struct GoldenCostTests {
  let book: PriceBook

  init() throws { book = try Fixture.book() }

  private let claudeUsage = TestCall().usage(101_550, 503, cached: 100_000, written: 1_500, written1h: 1_000).fields
    .usage

  private func call(_ model: String, _ usage: Usage, provider: String = "") -> TestCall {
    TestCall(model, provider: provider).with { $0.fields.usage = usage }
  }

  @Test func anthropicCachesOnTopWithTwoTimesToLive() {
    #expect(call("claude-sonnet-4-5", claudeUsage).cost(book).inAndOut == ["0.038025", "0.007545"])
  }

  @Test func anthropicGeographyAndSpeedMultiply() {
    let us = call("claude-opus-4-8", claudeUsage).geo("us")
    #expect(us.cost(book).inAndOut == ["0.0697125", "0.0138325"])
    #expect(us.with { $0.fields.fastSpeed = true }.cost(book).inAndOut == ["0.139425", "0.027665"])
    for geo in ["global", "not_available", ""] {
      #expect(call("claude-opus-4-8", claudeUsage).geo(geo).cost(book).inAndOut == ["0.063375", "0.012575"])
    }
  }

  @Test(arguments: [
    (ServiceTier.unspecified, ["0.037888", "0.006"]),
    (.standard, ["0.037888", "0.006"]),
    (.priority, ["0.075776", "0.012"]),
    (.flex, ["0.018944", "0.003"]),
    (.ultrafast, ["0.227328", "0.036"]),
    // 1024 × 5e-6 + 2048 × 5e-7 + 1024 × 1.25e-5, and 120 × 2.5e-5.
    (.batch, ["0.018944", "0.003"]),
  ])
  func openAITiers(tier: ServiceTier, expected: [String]) {
    let call = TestCall("gpt-6-astra").usage(
      4_096, 120, cached: 2_048, written: 1_024, written12h: 1_024, reasoning: 64)
    #expect(call.tier(tier).cost(book).inAndOut == expected)
  }

  @Test func openAIDataResidency() {
    let call = TestCall("gpt-6-astra").usage(
      4_096, 120, cached: 2_048, written: 1_024, written12h: 1_024, reasoning: 64)
    #expect(call.residency("eu").cost(book).inAndOut == ["0.0416768", "0.0066"])
    #expect(call.residency("EU").cost(book).inAndOut == ["0.0416768", "0.0066"])
    #expect(call.residency("mars").cost(book).inAndOut == ["0.037888", "0.006"])
  }

  @Test(
    arguments: [
      ("gpt-6-astra", 272_000, 10, ["2.72", "0.0005"]),
      ("gpt-6-astra", 272_001, 10, ["5.44002", "0.00075"]),
      ("gemini-2.5-pro", 200_000, 10, ["0.25", "0.0001"]),
      ("gemini-2.5-pro", 200_001, 10, ["0.5000025", "0.00015"]),
      ("xai/grok-4.3", 199_999, 10, ["0.24999875", "0.000025"]),
      ("xai/grok-4.3", 200_000, 10, ["0.5", "0.00005"]),
      ("dashscope/qwen-flash", 256_000, 10, ["0.0128", "0.000004"]),
      ("dashscope/qwen-flash", 256_001, 10, ["0.06400025", "0.00002"]),
      ("dashscope/qwen-flash", 2_000_000, 10, ["0.5", "0.00002"]),
    ] as [(String, Int64, Int64, [String])])
  func wholeRequestIsInOneContextTier(model: String, input: Int64, output: Int64, expected: [String]) {
    #expect(TestCall(model).usage(input, output).cost(book).inAndOut == expected)
  }

  @Test func cachedTokensCountForTheContextTier() {
    let cost = TestCall("gemini-2.5-pro").usage(200_001, 0, cached: 200_000).cost(book)
    #expect(Dollars.text(cost[.cachedInput]) == "0.05")
    #expect(Dollars.text(cost[.input]) == "0.0000025")
  }

  @Test func batchWithoutACacheRateBillsCachedTokensAsBatchInput() {
    let call = TestCall("gpt-4o").usage(2_006, 300, cached: 1_920)
    #expect(call.cost(book).inAndOut == ["0.002615", "0.003"])
    #expect(call.with { $0.fields.batch = true }.cost(book).inAndOut == ["0.0025075", "0.0015"])
    #expect(call.tier(.batch).cost(book).inAndOut == ["0.0025075", "0.0015"])
  }

  @Test func batchWithoutBatchRatesIsHalf() {
    let call = TestCall("us.anthropic.claude-opus-4-8").usage(2_000, 100, cached: 500, written: 1_000, written1h: 1_000)
    let halves = call.tier(.batch).cost(book)
    let whole = call.cost(book)
    for component in CostComponent.allCases { #expect(halves[component] * 2 == whole[component]) }
  }

  @Test func geminiThoughtsAreOutput() {
    let cost = TestCall("gemini-2.5-pro").usage(1_220, 230, cached: 1_000, reasoning: 150).cost(book)
    #expect(cost.inAndOut == ["0.0004", "0.0023"])
    #expect(Dollars.text(cost[.reasoning]) == "0.0015")
  }

  @Test func bedrockGeographiesHavePricesOfTheirOwn() {
    let usage = TestCall().usage(2_078, 628, cached: 1_024, written: 1_024, written1h: 1_024).fields.usage
    for model in ["us.anthropic.claude-opus-4-8", "eu.anthropic.claude-opus-4-8"] {
      #expect(call(model, usage, provider: "aws.bedrock").cost(book).inAndOut == ["0.0119922", "0.01727"])
    }
    let base = call("anthropic.claude-opus-4-8", usage, provider: "bedrock_converse")
    #expect(base.cost(book).inAndOut == ["0.010902", "0.0157"])
  }

  @Test func deepseek() {
    let cost = TestCall("deepseek-chat").usage(100, 50, cached: 64, reasoning: 20).cost(book)
    #expect(cost.inAndOut == ["0.000011872", "0.000021"])
  }

  @Test func xAIReasoningIsBilledAsOutput() {
    let cost = TestCall("xai/grok-4.3").usage(32, 103, cached: 6, reasoning: 94).cost(book)
    #expect(cost.inAndOut == ["0.0000337", "0.0002575"])
  }

  @Test func realtimeAudio() {
    let call = TestCall("gpt-4o-mini-realtime-preview").usage(132, 121, cached: 64).with {
      $0.fields.usage.audioInput = 13
      $0.fields.usage.audioOutput = 91
    }
    #expect(call.cost(book).inAndOut == ["0.0001822", "0.001892"])
  }

  @Test func imageTokensAreTheOutputOfAModelThatMakesImages() {
    let cost = TestCall("gpt-image-1").usage(50, 1_056).cost(book)
    #expect(cost.inAndOut == ["0.00025", "0.04224"])
  }

  @Test func transcriptionBySecondIsChargedOnce() {
    let cost = TestCall("whisper-1").with { $0.fields.units.audioSecondsNano = 9_000_000_000 }.cost(book)
    #expect(Dollars.text(cost.total) == "0.0009")
    #expect(cost[.request] == cost.total)
  }

  @Test func speechByCharacterAndRerankByUnit() {
    let speech = TestCall("tts-1").with { $0.fields.units.characters = 100 }.cost(book)
    #expect(Dollars.text(speech.total) == "0.0015")
    let rerank = TestCall("rerank-v3.5").with { $0.fields.units.searchUnits = 2 }.cost(book)
    #expect(Dollars.text(rerank.total) == "0.004")
  }

  @Test func reasoningHasAPriceOfItsOwn() {
    let cost = TestCall("perplexity/sonar-deep-research").usage(100, 100, reasoning: 60).cost(book)
    #expect(cost.inAndOut == ["0.0002", "0.0005"])
  }

  @Test func iterationsAreBilledInPlaceOfTheTopLevel() {
    let compaction = TestCall().usage(180_000, 3_500).fields.usage
    let message = TestCall().usage(100, 50).fields.usage
    let call = TestCall("claude-sonnet-4-5").usage(180_100, 3_550).with {
      $0.iterations = [("", compaction), ("", message)]
    }
    #expect(call.cost(book).inAndOut == ["0.5403", "0.05325"])
  }

  @Test func iterationsAreTieredEachByItself() throws {
    let book = try Fixture.book(
      with: """
        "long-model": {"litellm_provider": "anthropic", "input_cost_per_token": 3e-06,
          "input_cost_per_token_above_200k_tokens": 6e-06, "output_cost_per_token": 1.5e-05}
        """)
    let half = TestCall().usage(150_000, 10).fields.usage
    let call = TestCall("long-model").usage(300_000, 20).with { $0.iterations = [("", half), ("", half)] }
    #expect(call.cost(book).inAndOut == ["0.9", "0.0003"])
    #expect(TestCall("long-model").usage(300_000, 20).cost(book).inAndOut == ["1.8", "0.0003"])
  }

  @Test func iterationsArePricedByTheirOwnModels() {
    let usage = TestCall().usage(1_000, 10).fields.usage
    let call = TestCall("claude-opus-4-8", provider: "anthropic").usage(2_000, 20).with {
      $0.iterations = [("", usage), ("claude-haiku-4-5", usage)]
    }
    #expect(call.cost(book).inAndOut == ["0.006", "0.0003"])
    let unknown = call.with { $0.iterations[1].model = "claude-unheard-of" }.cost(book)
    #expect(unknown.verdict == .unpriced(.noRate))
    #expect(unknown.inAndOut == ["0.005", "0.00025"])
  }

  @Test func dumpedLiteLLMUsageIsPricedOnce() {
    let cost = TestCall("claude-sonnet-4-5").usage(101_550, 503, cached: 100_000, written: 1_500).cost(book)
    #expect(cost.inAndOut == ["0.035775", "0.007545"])
  }
}
