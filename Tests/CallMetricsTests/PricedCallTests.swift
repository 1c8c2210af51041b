import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct PricedCallTests {
  let registry = Registry(configuration: RegistryConfiguration(), prices: .testBook)

  /// 100 tokens at 2 dollars and 10 at 8 dollars a million.
  func record(_ change: (inout EventFields) -> Void = { _ in }) {
    var call = HandMadeEvent(model: "priced")
    call.usage(input: 100, output: 10)
    change(&call.event.fields)
    call.record(in: registry)
  }

  @Test func theTablePricesTokensByComponent() {
    record()
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_cost_dollars_total", extra: "input") == 200_000_000)
    #expect(snapshot.value("llm_cost_dollars_total", extra: "output") == 80_000_000)
    #expect(snapshot.value("llm_priced_requests_total", extra: "table") == 1)
    #expect(snapshot.histogram("llm_cost_per_request_dollars")?.sum == 280_000_000)
  }

  @Test func theProviderIsDerivedFromTheEntryOfTheModel() {
    record()
    #expect(registry.snapshot().rowLabels[0][0].hasPrefix(#"model="priced",provider="openai""#))
  }

  @Test func attemptsAfterTheFirstMakeRetryCost() {
    record()
    record { $0.attempt = 2 }
    record { $0.attempt = 3 }
    #expect(registry.snapshot().value("llm_retry_cost_dollars_total") == 560_000_000)
  }

  @Test func aCacheHitSavesWhatTheTableWouldHaveCharged() {
    record { $0.cache = .hit }
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_cache_saved_dollars_total") == 280_000_000)
    #expect(snapshot.value("llm_priced_requests_total", extra: "free") == 1)
    #expect(snapshot.value("llm_cost_dollars_total", extra: "input") == 0)
    #expect(snapshot.histogram("llm_cost_per_request_dollars") == nil)
  }

  @Test func aStatedCostIsComparedWithTheTables() {
    record { $0.callerCost = 1_000_000_000 }
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_cost_dollars_total", extra: "reported") == 1_000_000_000)
    #expect(snapshot.value("llm_priced_requests_total", extra: "caller") == 1)
    #expect(snapshot.value("llm_cost_compared_dollars_total", extra: "stated") == 1_000_000_000)
    #expect(snapshot.value("llm_cost_compared_dollars_total", extra: "table") == 280_000_000)
  }

  @Test func everyCallIsPricedOrUnpriced() {
    record()
    record { $0.usage = Usage() }
    record {
      $0.status = .error
      $0.usage = Usage()
    }
    HandMadeEvent(model: "nobody-knows").record(in: registry)
    let snapshot = registry.snapshot()
    for model in ["priced", "nobody-knows"] {
      let label = "model=\"\(model)\""
      let requests = CallStatus.allCases.reduce(Int128(0)) {
        $0 + (snapshot.value("llm_requests_total", label, extra: $1.label) ?? 0)
      }
      let priced = CostSource.allCases.reduce(Int128(0)) {
        $0 + (snapshot.value("llm_priced_requests_total", label, extra: $1.label) ?? 0)
      }
      let unpriced = UnpricedReason.allCases.reduce(Int128(0)) {
        $0 + (snapshot.value("llm_unpriced_requests_total", label, extra: $1.label) ?? 0)
      }
      #expect(requests == priced + unpriced)
      #expect(requests == (model == "priced" ? 3 : 1))
    }
  }

  @Test func theShareOfTheWindowCountsAllInput() {
    record()
    #expect(registry.snapshot().histogram("llm_context_used_ratio")?.sum == 100_000_000)
  }

  @Test(arguments: [["", "eu", ""], ["eu", "", "eu"]])
  func theResidencyOfACallChoosesItsPriceWhateverCameBefore(residencies: [String]) throws {
    let table = """
      {"azure/placed": {"litellm_provider": "azure", "input_cost_per_token": 2e-6},
       "azure/eu/placed": {"litellm_provider": "azure", "input_cost_per_token": 3e-6}}
      """
    let registry = Registry(
      configuration: RegistryConfiguration(),
      prices: try PriceBook(layers: [.table(Array(table.utf8), name: "placed")]))
    var expected: Int128 = 0
    for residency in residencies {
      var call = HandMadeEvent(model: "placed")
      call.set(\.provider, "azure")
      if !residency.isEmpty { call.set(\.dataResidency, residency) }
      call.usage(input: 1_000_000, output: 0)
      call.record(in: registry)
      expected += residency.isEmpty ? 2_000_000_000_000 : 3_000_000_000_000
      #expect(registry.snapshot().value("llm_cost_dollars_total", extra: "input") == expected)
    }
  }

  @Test func aNewTablePricesWhatComesAfterIt() throws {
    record()
    let dearer = """
      {"priced": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 3e-6,
        "output_cost_per_token": 8e-6}}
      """
    registry.replacePrices(try PriceBook(layers: [.table(Array(dearer.utf8), name: "dearer")]))
    record()
    #expect(registry.snapshot().value("llm_cost_dollars_total", extra: "input") == 500_000_000)
  }

  @Test func unknownModelsAreFoldedOnlyWhereConfigured() {
    var configuration = RegistryConfiguration()
    configuration.foldUnknownModels = true
    let registry = Registry(configuration: configuration, prices: .testBook)
    HandMadeEvent(model: "priced").record(in: registry)
    HandMadeEvent(model: "typo-1").record(in: registry)
    HandMadeEvent(model: "typo-2").record(in: registry)
    let snapshot = registry.snapshot()
    #expect(snapshot.rowLabels[0].count == 2)
    #expect(snapshot.value("llm_requests_total", #"model="__other__""#) == 2)
  }

  // The price shown

  private static let tieredBook: PriceBook? = try? PriceBook(layers: [
    .table(
      Array(
        """
        {"tiered": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2e-6,
          "output_cost_per_token": 8e-6, "input_cost_per_token_priority": 4e-6, "output_cost_per_token_priority": 16e-6,
          "input_cost_per_token_batches": 1e-6, "output_cost_per_token_batches": 4e-6,
          "input_cost_per_token_above_200k_tokens": 3e-6, "output_cost_per_token_above_200k_tokens": 12e-6}}
        """.utf8), name: "test")
  ])

  private func shownPrice(_ registry: Registry, model: String = "tiered") -> Int128? {
    let labels = ["model": model, "token_type": "input"]
    guard case .pico(let price)? = registry.snapshot().sample("llm_model_price_dollars_per_million_tokens", labels)
    else { return nil }
    return price / 1_000_000_000_000
  }

  @Test func thePriceShownIsOfTheTierOfTheLastCallThatTheTablePriced() throws {
    let registry = Registry(configuration: RegistryConfiguration(), prices: try #require(Self.tieredBook))
    func call(_ change: (inout HandMadeEvent) -> Void) {
      var call = HandMadeEvent(model: "tiered")
      call.usage(input: 10, output: 10)
      change(&call)
      call.record(in: registry)
    }
    call { _ in }
    #expect(shownPrice(registry) == 2)
    call { $0.event.fields.serviceTier = .priority }
    #expect(shownPrice(registry) == 4)
    // Another application's calls of the same model come last.
    call { call in
      call.set(\.application, "desk")
      call.event.fields.batch = true
    }
    #expect(shownPrice(registry) == 1)
    // The whole long prompt costs more; the price shown is that of a short one.
    call { $0.usage(input: 300_000, output: 10) }
    #expect(shownPrice(registry) == 2)
  }

  @Test func aCallThatTheTableDoesNotPriceLeavesThePriceShown() throws {
    let registry = Registry(configuration: RegistryConfiguration(), prices: try #require(Self.tieredBook))
    var priced = HandMadeEvent(model: "tiered")
    priced.usage(input: 10, output: 10)
    priced.event.fields.serviceTier = .priority
    priced.record(in: registry)
    var failed = HandMadeEvent(model: "tiered")
    failed.event.fields.status = .error
    failed.record(in: registry)
    #expect(shownPrice(registry) == 4)
  }

  @Test func aModelThatTheTableLacksHasNoPriceShown() throws {
    let registry = Registry(configuration: RegistryConfiguration(), prices: try #require(Self.tieredBook))
    HandMadeEvent(model: "nobody-knows").record(in: registry)
    #expect(shownPrice(registry, model: "nobody-knows") == nil)
  }

  @Test func aNewTableShowsItsOwnPrices() throws {
    let registry = Registry(configuration: RegistryConfiguration(), prices: try #require(Self.tieredBook))
    var call = HandMadeEvent(model: "tiered")
    call.usage(input: 10, output: 10)
    call.event.fields.serviceTier = .priority
    call.record(in: registry)
    registry.replacePrices(.testBook)
    #expect(shownPrice(registry) == nil)
    registry.replacePrices(try #require(Self.tieredBook))
    call.event.fields.serviceTier = .standard
    call.record(in: registry)
    #expect(shownPrice(registry) == 2)
  }

  @Test func theSameTableAgainLeavesThePriceShown() throws {
    let registry = Registry(configuration: RegistryConfiguration(), prices: try #require(Self.tieredBook))
    var call = HandMadeEvent(model: "tiered")
    // The deployment that was asked for has no price; what answered has.
    call.set(\.requestModel, "ours")
    call.usage(input: 10, output: 10)
    call.event.fields.serviceTier = .priority
    call.record(in: registry)
    registry.replacePrices(try #require(Self.tieredBook))
    #expect(shownPrice(registry, model: "ours") == 4)
  }

  @Test func theModelsOfStoredRecordsShowTheirPrices() throws {
    let earlier = Registry(configuration: RegistryConfiguration(), prices: try #require(Self.tieredBook))
    for model in ["tiered", "nobody-knows"] { HandMadeEvent(model: model).record(in: earlier) }
    let stored = earlier.takeChanges(.everything).tables.flatMap { table in
      table.changes.numbers.labels.indices.map { row in
        StoredRecord(
          kind: table.kind, labels: String(decoding: table.changes.numbers.labels[row], as: UTF8.self), created: 1,
          lastEvent: 1, layout: table.layout,
          numbers: StoredNumbers.encode(table.changes.numbers, row: row, layout: table.layout))
      }
    }
    let registry = Registry(configuration: RegistryConfiguration(), prices: try #require(Self.tieredBook))
    _ = registry.restore(try StoredState(records: stored, tallies: [:], seen: []), now: 2)
    #expect(shownPrice(registry) == 2)
    #expect(shownPrice(registry, model: "nobody-knows") == nil)
  }

  @Test func pricesStandInTheOrderOfTheirModels() throws {
    let registry = Registry(configuration: RegistryConfiguration(), prices: try #require(Self.tieredBook))
    for asked in ["b", "c", "a"] {
      var call = HandMadeEvent(model: "tiered")
      call.set(\.requestModel, asked)
      call.record(in: registry)
    }
    let family = registry.snapshot().families.first {
      $0.family.name == "llm_model_price_dollars_per_million_tokens"
    }
    let models = family?.samples.filter { $0.labels[2].value == "input" }.map { $0.labels[0].value }
    #expect(models == ["a", "b", "c"])
  }
}
