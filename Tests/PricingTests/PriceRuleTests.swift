import Events
import Pricing
import Testing

/// Rules that the goldens do not show.
@Suite struct PriceRuleTests {
  private func total(_ call: TestCall, _ book: PriceBook) -> String { Dollars.text(call.cost(book).total) }

  private func book(_ entries: String) throws -> PriceBook { try Fixture.book(with: entries) }

  // Time

  @Test func offPeakRatesHoldInTheirWindowsOnly() throws {
    let book = try Fixture.book()
    let call = TestCall("deepseek-v4-pro").usage(1_000_000, 0, cached: 500_000)
    // 2026-11-20 is a Friday, 2026-11-21 a Saturday.
    for (time, expected) in [
      ("2026-11-20T00:59:59Z", "0.341"), ("2026-11-20T01:00:00Z", "0.682"), ("2026-11-20T03:59:59Z", "0.682"),
      ("2026-11-20T04:00:00Z", "0.341"), ("2026-11-20T09:59:59Z", "0.682"), ("2026-11-20T10:00:00Z", "0.341"),
      ("2026-11-20T23:59:59Z", "0.341"), ("2026-11-21T02:00:00Z", "0.341"), ("2026-11-23T02:00:00Z", "0.682"),
    ] {
      #expect(total(call.at(time), book) == expected, "\(time)")
    }
  }

  @Test func weekdaysFollowTheirCalendarAndWindowsPassMidnight() throws {
    let book = try book(
      """
      "shanghai": {"input_cost_per_token": 2e-06, "off_peak_pricing": {"input_cost_per_token": 1e-06,
        "weekday_timezone": "Asia/Shanghai", "windows": [{"hours_utc": "15:00-18:00", "weekdays": ["Sat", 7]}]}},
      "night": {"input_cost_per_token": 2e-06, "off_peak_pricing": {"hours_utc": "16:30-00:30",
        "input_cost_per_token": 1e-06}}
      """)
    // Friday 16:00 UTC is Saturday in Shanghai; 15:59 is not yet.
    #expect(total(TestCall("shanghai").usage(1_000_000).at("2026-11-20T16:00:00Z"), book) == "1")
    #expect(total(TestCall("shanghai").usage(1_000_000).at("2026-11-20T15:59:00Z"), book) == "2")
    #expect(total(TestCall("shanghai").usage(1_000_000).at("2026-11-22T15:59:00Z"), book) == "1")
    #expect(total(TestCall("shanghai").usage(1_000_000).at("2026-11-22T16:00:00Z"), book) == "2")
    for (time, expected) in [("16:29", "2"), ("16:30", "1"), ("23:59", "1"), ("00:29", "1"), ("00:30", "2")] {
      #expect(total(TestCall("night").usage(1_000_000).at("2026-11-20T\(time):00Z"), book) == expected, "\(time)")
    }
  }

  @Test func callsArePricedAtTheirOwnTime() throws {
    let book = try book(
      """
      "changed": {"input_cost_per_token": 1e-06, "max_input_tokens": 1000, "price_history": [
        {"until": "2026-06-01", "input_cost_per_token": 2e-06}, {"until": "2026-01-01", "input_cost_per_token": 4e-06}]}
      """)
    for (time, expected) in [
      ("2025-12-31T23:59:59Z", "4"), ("2026-01-01T00:00:00Z", "2"), ("2026-05-31T23:59:59Z", "2"),
      ("2026-06-01T00:00:00Z", "1"),
    ] {
      #expect(total(TestCall("changed").usage(1_000_000).at(time), book) == expected, "\(time)")
    }
    // Without a time stamp, now.
    #expect(total(TestCall("changed").usage(1_000_000), book) == "1")
    #expect(book.entries().filter { $0.name == "changed" }.count == 1)
  }

  @Test func formerPricesKeepFactorsAndWhatIsNoToken() throws {
    let book = try book(
      """
      "gemini/changed": {"litellm_provider": "gemini", "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06,
        "input_cost_per_token_priority": 3e-06,
        "regional_processing_uplift_multiplier_eu": 1.1, "input_cost_per_image": 0.5,
        "search_context_cost_per_query": {"search_context_size_medium": 0.014}, "web_search_billing_unit": "per_query",
        "price_history": [{"until": "2026-01-01", "input_cost_per_token": 2e-06, "input_cost_per_image": 0.25}]}
      """)
    let call = TestCall("gemini/changed").at("2025-12-31T00:00:00Z").with { $0.fields.units.webSearchRequests = 2 }
    #expect(total(call.usage(1_000_000).residency("eu"), book) == "2.228")
    let images = TestCall("gemini/changed").at("2025-12-31T00:00:00Z").with { $0.fields.units.images = 2 }
    #expect(total(images, book) == "0.5")
    // What it does not price stays without a price, and so does a tier that has prices of its own only today.
    #expect(call.usage(1, 1).cost(book).verdict == .unpriced(.noRate))
    #expect(call.usage(1).tier(.priority).cost(book).verdict == .unpriced(.noRate))
    #expect(call.usage(1).tier(.flex).cost(book).verdict == .priced(.table))
    #expect(call.usage(1).tier(.batch).cost(book).verdict == .priced(.table))
    #expect(TestCall("gemini/changed").usage(1_000_000).tier(.priority).cost(book).verdict == .priced(.table))
  }

  // Tiers

  @Test func decisionsHaveRatesOfTheirOwn() throws {
    let book = try book(
      """
      "decider": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "input_cost_per_token_decisions": 3e-06,
        "output_cost_per_token_decisions": 0, "input_cost_per_token_flex": 5e-06,
        "input_cost_per_token_above_272k_tokens_decisions": 4e-06}
      """)
    let call = TestCall("decider").usage(100_000, 100_000)
    #expect(total(call, book) == "0.3")
    #expect(total(call.operation("decisions"), book) == "0.3")
    #expect(call.operation("decisions").cost(book).inAndOut == ["0.3", "0"])
    #expect(TestCall("decider").usage(300_000).operation("decisions").cost(book).inAndOut == ["1.2", "0"])
    #expect(call.operation("decisions").tier(.flex).cost(book).inAndOut == ["0.5", "0.2"])
    #expect(call.operation("decide").cost(book).inAndOut == ["0.1", "0.2"])
  }

  @Test func tiersWithoutARateUseTheStandardOne() throws {
    let book = try book(
      """
      "tiered": {"input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06, "cache_read_input_token_cost": 5e-07,
        "input_cost_per_token_priority": 3e-06, "output_cost_per_reasoning_token": 4e-06,
        "input_cost_per_token_above_200k_tokens": 5e-06, "input_cost_per_token_above_272k_tokens_priority": 7e-06}
      """)
    func cost(_ input: Int64, _ tier: ServiceTier, cached: Int64 = 0) -> String {
      total(TestCall("tiered").usage(input, 0, cached: cached).tier(tier), book)
    }
    #expect(cost(200_000, .priority) == "0.6")
    #expect(cost(200_000, .flex) == "0.2")
    #expect(cost(200_000, .priority, cached: 200_000) == "0.1")
    // The standard rate over a threshold, where the tier has none there.
    #expect(cost(250_000, .priority) == "1.25")
    #expect(cost(300_000, .priority) == "2.1")
    #expect(cost(300_000, .unspecified) == "1.5")
  }

  @Test func reasoningRateGivesWayToATiersOwnOutputRate() throws {
    let book = try book(
      """
      "thinker": {"input_cost_per_token": 0, "output_cost_per_token": 2e-06, "output_cost_per_reasoning_token": 4e-06,
        "output_cost_per_token_flex": 1e-06, "output_cost_per_token_priority": 3e-06,
        "output_cost_per_reasoning_token_priority": 9e-06}
      """)
    let call = TestCall("thinker").usage(0, 1_000_000, reasoning: 1_000_000)
    #expect(total(call, book) == "4")
    #expect(total(call.tier(.flex), book) == "1")
    #expect(total(call.tier(.priority), book) == "9")
    #expect(total(call.tier(.ultrafast), book) == "4")
  }

  @Test func listedTiersFillTheirGaps() throws {
    let book = try book(
      """
      "listed": {"output_cost_per_token": 9e-06, "tiered_pricing": [
        {"range": [100, 200], "input_cost_per_token": 2e-06, "output_cost_per_token": 3e-06},
        {"range": [0, 100], "input_cost_per_token": 1e-06}]}
      """)
    func cost(_ input: Int64, _ output: Int64) -> [String] {
      TestCall("listed").usage(input, output).cost(book).inAndOut
    }
    #expect(cost(100, 1) == ["0.0001", "0.000009"])
    #expect(cost(101, 1) == ["0.000202", "0.000003"])
    #expect(cost(201, 1) == ["0.000402", "0.000003"])
    #expect(TestCall("listed").usage(100, 0, cached: 100).cost(book).inAndOut == ["0.0001", "0"])
  }

  @Test func listedTiersMayHaveNoEnd() throws {
    let book = try book(
      """
      "open": {"tiered_pricing": [{"range": [0, 1000], "input_cost_per_token": 1e-06},
        {"range": [1000, null], "input_cost_per_token": 2e-06}]}
      """)
    #expect(total(TestCall("open").usage(1_000), book) == "0.001")
    #expect(total(TestCall("open").usage(1_001), book) == "0.002002")
  }

  @Test func factorsMultiplyExactly() throws {
    let book = try book(
      """
      "regional": {"litellm_provider": "vertex_ai-anthropic_models", "input_cost_per_token": 3e-06,
        "regional_endpoint_uplift_multiplier": 1.1},
      "odd": {"litellm_provider": "anthropic", "input_cost_per_token": 1e-12,
        "provider_specific_entry": {"us": 1.5, "text": "x", "nested": {"a": [1]}, "fast": 1}}
      """)
    #expect(total(TestCall("regional").usage(1_000_000).region("europe-west1"), book) == "3.3")
    for region in ["global", "Global", ""] {
      #expect(total(TestCall("regional").usage(1_000_000).region(region), book) == "3")
    }
    // Halves go to the even neighbour: 1.5 and 4.5 picodollars.
    #expect(total(TestCall("odd").usage(1).geo("us"), book) == "0.000000000002")
    #expect(total(TestCall("odd").usage(3).geo("US"), book) == "0.000000000004")
  }

  @Test func cachedInputOfFireworksIsHalfWhereNoRateSaysSo() throws {
    let call = TestCall("fireworks_ai/accounts/fireworks/models/deepseek-v3").usage(1_000_000, 0, cached: 1_000_000)
    #expect(total(call, try Fixture.book()) == "0.45")
  }

  // What is billed and is no token

  @Test func selfHostedModelsCostTheirTime() throws {
    let book = try Fixture.book(#"{"my-llama": {"cost_per_second": 0.0005}}"#)
    let call = TestCall("my-llama", provider: "vllm").usage(1_000, 100)
    #expect(total(call.with { $0.fields.latency = 2_500_000_000 }, book) == "0.00125")
    #expect(call.cost(book).verdict == .unpriced(.noUsage))
    let bare = TestCall("my-llama").with { $0.fields.latency = 1_000_000_000 }
    #expect(bare.cost(book).verdict == .priced(.table))
    #expect(bare.cost(book)[.request] == 500_000_000)
  }

  @Test func secondsAreThoseOfTheMediaWhereTheCallHasAny() throws {
    let book = try Fixture.book(
      """
      {"heard": {"input_cost_per_second": 0.0001}, "filmed": {"output_cost_per_second": 0.1},
       "our-whisper": {"cost_per_second": 0.0005, "input_cost_per_request": 0.01},
       "chat": {"mode": "chat", "input_cost_per_second": 0.0001}}
      """)
    let audio = { (model: String) in
      TestCall(model).operation("transcription").with {
        $0.fields.units.audioSecondsNano = 60_000_000_000
        $0.fields.latency = 2_000_000_000
      }
    }
    #expect(total(audio("heard"), book) == "0.006")
    #expect(total(TestCall("heard").with { $0.fields.latency = 2_000_000_000 }, book) == "0.0002")
    let film = TestCall("filmed").with {
      $0.fields.units.videoSecondsNano = 4_000_000_000
      $0.fields.latency = 90_000_000_000
    }
    #expect(total(film, book) == "0.4")
    // A machine of one's own costs its own time, whatever it hears; a fee for each call comes on top.
    #expect(total(audio("our-whisper"), book) == "0.011")
    #expect(total(audio("chat"), book) == "0.0002")
  }

  @Test func searchesPayForNoTokens() throws {
    let book = try book(
      """
      "searcher": {"search_context_cost_per_query": {"search_context_size_medium": 0.01}},
      "xai/unpriced": {"litellm_provider": "xai", "mode": "chat"}
      """)
    func search(_ model: String) -> CallCost {
      TestCall(model).usage(100, 1).with { $0.fields.units.webSearchRequests = 1 }.cost(book)
    }
    #expect(search("searcher").verdict == .unpriced(.noRate))
    #expect(Dollars.text(search("searcher").total) == "0.01")
    #expect(search("xai/unpriced").verdict == .unpriced(.noRate))
    #expect(search("xai/unpriced").total == 0)
  }

  @Test func audioInABatchCostsHalfWhereNoRateSaysSo() throws {
    let book = try book(
      """
      "listener": {"input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06, "input_cost_per_audio_token": 8e-06,
        "input_cost_per_token_batches": 5e-07}
      """)
    let call = TestCall("listener").usage(1_000_000).with { $0.fields.usage.audioInput = 1_000_000 }
    #expect(total(call.tier(.batch), book) == "4")
  }

  @Test func unitsHaveTheirOwnRates() throws {
    let book = try book(
      """
      "painter": {"mode": "image_generation", "output_cost_per_image": 0.04},
      "film": {"mode": "video_generation", "output_cost_per_video_per_second": 0.5, "output_cost_per_second": 0.1},
      "listener": {"mode": "chat", "input_cost_per_token": 1e-06, "output_cost_per_token": 2e-06,
        "input_cost_per_audio_token": 1e-05, "input_cost_per_audio_per_second": 0.001},
      "speaker": {"mode": "audio_speech", "input_cost_per_character": 1e-05, "input_cost_per_token": 1,
        "output_cost_per_token": 0}
      """)
    func units(_ model: String, _ change: (inout BilledUnits) -> Void) -> TestCall {
      var call = TestCall(model)
      change(&call.fields.units)
      return call
    }
    #expect(total(units("painter") { $0.images = 3 }, book) == "0.12")
    #expect(total(units("film") { $0.videoSecondsNano = 4_500_000_000 }, book) == "2.25")
    #expect(
      total(
        units("mistral/mistral-ocr-latest") {
          $0.pages = 10
          $0.annotatedPages = 2
        }, book) == "0.05")
    #expect(total(units("mistral/mistral-ocr-latest") { $0.pages = 10 }.tier(.batch), book) == "0.02")
    #expect(total(TestCall("tavily/search"), book) == "0.008")
    #expect(total(units("tavily/search") { $0.searchUnits = 3 }, book) == "0.024")
    // Seconds in place of the audio's tokens, characters in place of the text's: never both.
    let heard = units("listener") { $0.audioSecondsNano = 1_000_000_000 }.usage(1_000, 0).with {
      $0.fields.usage.audioInput = 900
    }
    #expect(total(heard, book) == "0.0011")
    #expect(total(units("speaker") { $0.characters = 100 }.usage(20, 0), book) == "0.001")
    // Counts that only describe what tokens price.
    #expect(total(units("gpt-image-1") { $0.images = 1 }.usage(50, 1_056), book) == "0.04249")
    #expect(units("painter") { $0.pages = 1 }.cost(book).verdict == .unpriced(.noRate))
    #expect(units("gpt-4o") { $0.characters = 9 }.usage(1, 1).cost(book).verdict == .priced(.table))
    #expect(units("gpt-4o") { $0.characters = 9 }.cost(book).verdict == .unpriced(.noRate))
  }

  @Test func webSearchIsATool() throws {
    let book = try book(
      """
      "gemini/gemini-3": {"litellm_provider": "gemini", "input_cost_per_token": 1e-06, "output_cost_per_token": 0,
        "search_context_cost_per_query": {"search_context_size_medium": 0.014}, "web_search_billing_unit": "per_query"},
      "gemini/gemini-2": {"litellm_provider": "gemini", "input_cost_per_token": 1e-06, "output_cost_per_token": 0}
      """)
    func search(_ model: String, _ count: Int64) -> CallCost {
      TestCall(model).usage(100, 1).with { $0.fields.units.webSearchRequests = count }.cost(book)
    }
    #expect(Dollars.text(search("claude-sonnet-4-5", 3)[.tool]) == "0.03")
    #expect(Dollars.text(search("gemini/gemini-3", 3)[.tool]) == "0.042")
    // One fee for a grounded prompt, however many queries it took.
    #expect(Dollars.text(search("gemini/gemini-2", 3)[.tool]) == "0.035")
    #expect(Dollars.text(search("xai/grok-4.3", 3)[.tool]) == "0.015")
    #expect(search("xai/grok-4.3", 3)[.input] > 0)
  }

  @Test func impossibleUsageIsNeverChargedTwice() throws {
    let book = try Fixture.book()
    let call = TestCall("claude-sonnet-4-5").usage(100, 50, cached: 90, written: 90, written1h: 500, reasoning: 70)
    let cost = call.cost(book)
    #expect(Dollars.text(cost[.cachedInput]) == "0.000027")
    #expect(Dollars.text(cost[.cacheWrite]) == "0.00006")
    #expect(cost[.input] == 0)
    #expect(Dollars.text(cost.completion) == "0.00075")
    let negative = TestCall("claude-sonnet-4-5").usage(10, -5, cached: -10, written: -1, reasoning: -1)
    #expect(Dollars.text(negative.cost(book).total) == "0.00003")
  }

  // One pricer, many calls

  @Test func whatIsKeptNeverLeaksFromOneCallToAnother() throws {
    let book = try PriceBook(layers: [.shipped])
    let names = book.entries().map(\.name)
    var generator = SeededGenerator(seed: 7)
    var shared = Pricer(book: book)
    for _ in 0..<2_000 {
      let tiers: [ServiceTier] = [.unspecified, .priority, .flex, .batch]
      let call = TestCall(names[generator.below(names.count)]).usage(
        Int64(generator.below(400_000)), Int64(generator.below(1_000)), cached: Int64(generator.below(1_000))
      ).tier(tiers[generator.below(4)])
      var kept = CallCost(.unpriced(.unknownModel))
      call.event { event, line in
        let route = shared.resolve(event, in: line.span).route
        kept = shared.cost(of: event, in: line.span, route: route, now: 1_790_000_000_000_000_000)
      }
      let fresh = call.cost(book)
      #expect(kept.total == fresh.total && kept.verdict == fresh.verdict, "seed 7")
    }
  }

  @Test(arguments: [["", "eu", ""], ["eu", "", "eu"]])
  func modelsOfIterationsAreThoseOfTheirCallsRegion(residencies: [String]) throws {
    var pricer = Pricer(
      book: try book(
        """
        "azure/main": {"litellm_provider": "azure", "input_cost_per_token": 1e-06},
        "azure/small": {"litellm_provider": "azure", "input_cost_per_token": 2e-06},
        "azure/eu/small": {"litellm_provider": "azure", "input_cost_per_token": 3e-06}
        """))
    for residency in residencies {
      var call = TestCall("main", provider: "azure").usage(1_000_000)
      call.iterations = [("small", call.fields.usage)]
      if !residency.isEmpty { call = call.residency(residency) }
      call.event { event, line in
        let route = pricer.resolve(event, in: line.span).route
        let cost = pricer.cost(of: event, in: line.span, route: route, now: 0)
        #expect(Dollars.text(cost.total) == (residency.isEmpty ? "2" : "3"))
      }
    }
  }

  @Test func replacedBookIsUsedAtOnce() throws {
    var pricer = Pricer(book: try Fixture.book())
    let call = TestCall("gpt-4o").usage(1_000_000)
    func price(_ pricer: inout Pricer) -> String {
      var text = ""
      call.event { event, line in
        let route = pricer.resolve(event, in: line.span).route
        text = Dollars.text(pricer.cost(of: event, in: line.span, route: route, now: 0).total)
      }
      return text
    }
    #expect(price(&pricer) == "2.5")
    pricer.replace(try Fixture.book(#"{"gpt-4o": {"input_cost_per_token": 1e-06}}"#))
    #expect(price(&pricer) == "1")
    #expect(pricer.book.aliases.isEmpty)
    pricer.replace(PriceBook())
    #expect(price(&pricer) == "0")
  }
}
