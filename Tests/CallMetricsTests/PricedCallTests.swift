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
}
