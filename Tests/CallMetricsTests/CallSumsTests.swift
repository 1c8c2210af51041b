import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct CallSumsTests {
  private static func registry(_ change: (inout RegistryConfiguration) -> Void = { _ in }) -> Registry {
    var configuration = RegistryConfiguration()
    change(&configuration)
    return Registry(configuration: configuration, prices: .testBook)
  }

  private let start: Int64 = 1_000
  private func seconds(_ seconds: Int64) -> Int64 { seconds * 1_000_000_000 }

  private func call(_ model: String = "gpt-4o", application: String = "shop", latency: Int64 = -1) -> HandMadeEvent {
    var call = HandMadeEvent(model: model)
    call.set(\.application, application)
    if latency >= 0 { call.event.fields.latency = latency }
    return call
  }

  @Test func recordsOfOneModelAreAddedUp() {
    let registry = Self.registry()
    var sums = CallSums(of: registry, since: seconds(start))
    call(application: "shop").record(in: registry, at: start + 1)
    call(application: "desk").record(in: registry, at: start + 1)
    call("claude-3-5-haiku-latest").record(in: registry, at: start + 1)
    let news = sums.look(at: registry, now: seconds(start + 2))
    #expect(news.map(\.model.name).sorted() == ["claude-3-5-haiku-latest", "gpt-4o"])
    #expect(news.first { $0.model.name == "gpt-4o" }?.sum.calls == 2)
    #expect(sums.total.calls == 3)
  }

  @Test func everyNumberIsThatOfTheSnapshot() throws {
    let registry = Self.registry()
    var sums = CallSums(of: registry, since: seconds(start))
    for (i, type) in ErrorType.allCases.enumerated() {
      var failed = call("priced")
      failed.event.fields.status = .error
      failed.event.fields.errorType = type
      for _ in 0...i { failed.record(in: registry, at: start + 1) }
    }
    var priced = call("priced", latency: 3_000_000_000)
    priced.usage(input: 100, cached: 60, written: 10, output: 50, reasoning: 20)
    for _ in 0..<7 { priced.record(in: registry, at: start + 1) }
    call("of-no-table").record(in: registry, at: start + 1)
    _ = sums.look(at: registry, now: seconds(start + 2))

    let snapshot = registry.snapshot()
    func total(_ name: String, _ extras: [String]) -> Int128 {
      ["priced", "of-no-table"].reduce(0) { sum, model in
        extras.reduce(sum) { $0 + (snapshot.value(name, "model=\"\(model)\"", extra: $1) ?? 0) }
      }
    }
    let sum = sums.total
    #expect(Int128(sum.succeeded) == total("llm_requests_total", ["success"]))
    #expect(Int128(sum.failed) == total("llm_requests_total", ["error"]))
    for type in ErrorType.allCases {
      #expect(Int128(sum.failed(of: type)) == total("llm_errors_total", [type.label]))
    }
    #expect(sum.cost == total("llm_cost_dollars_total", CostComponent.allCases.map(\.label)))
    #expect(sum.cost > 0)
    #expect(Int128(sum.inputTokens) == total("llm_tokens_total", ["input", "cached_input", "cache_write"]))
    #expect(Int128(sum.outputTokens) == total("llm_tokens_total", ["output", "reasoning"]))
    #expect(Int128(sum.unpriced) == total("llm_unpriced_requests_total", UnpricedReason.allCases.map(\.label)))
    #expect(sum.unpriced > 0)
    let histogram = try #require(
      snapshot.histogram("llm_request_duration_seconds", #"model="priced""#, extra: "success"))
    #expect(Array(sum.durations) == histogram.counts)
    #expect(sum.durations.reduce(0, +) == 7)
  }

  @Test func aLookTellsWhatCameSinceTheLast() {
    let registry = Self.registry()
    var sums = CallSums(of: registry, since: seconds(start))
    call().record(in: registry, at: start + 1)
    #expect(sums.look(at: registry, now: seconds(start + 2)).map(\.sum.calls) == [1])
    #expect(sums.look(at: registry, now: seconds(start + 3)).isEmpty)
    for _ in 0..<3 { call().record(in: registry, at: start + 4) }
    call(application: "desk").record(in: registry, at: start + 4)
    #expect(sums.look(at: registry, now: seconds(start + 5)).map(\.sum.calls) == [4])
    #expect(sums.total.calls == 5)
  }

  @Test func namesAreReadAsTheyCame() {
    let registry = Self.registry()
    var sums = CallSums(of: registry, since: seconds(start))
    let hostile = #"a"b\c",provider="x<script>"#
    call(hostile).record(in: registry, at: start + 1)
    #expect(sums.look(at: registry, now: seconds(start + 2)).map(\.model.name) == [hostile])
  }

  @Test func whatComesBackFromAStoreIsNotNew() {
    let registry = Self.registry()
    call().record(in: registry, at: start - 100)
    var sums = CallSums(of: registry, since: seconds(start))
    #expect(sums.look(at: registry, now: seconds(start + 1)).isEmpty)
    #expect(sums.total.calls == 1)
  }

  @Test func aRecordThatExpiredAndReturnsIsNotNew() {
    let registry = Self.registry { $0.expiry = 60_000_000_000 }
    registry.keepForStore()
    var sums = CallSums(of: registry, since: seconds(start))
    for _ in 0..<50 { call().record(in: registry, at: start + 1) }
    _ = sums.look(at: registry, now: seconds(start + 2))
    // The first tick after the expiry is the one that a store's commit has to come before.
    registry.tick(now: seconds(start + 100))
    _ = registry.takeChanges(.everything)
    registry.committed()
    registry.tick(now: seconds(start + 200))
    #expect(sums.look(at: registry, now: seconds(start + 201)).isEmpty)
    #expect(sums.total.calls == 0)
    call().record(in: registry, at: start + 300)
    // What it brings is not new, and the call that woke it can't be told from that.
    #expect(sums.look(at: registry, now: seconds(start + 301)).isEmpty)
    #expect(sums.total.calls == 51)
    call().record(in: registry, at: start + 302)
    #expect(sums.look(at: registry, now: seconds(start + 303)).map(\.sum.calls) == [1])
  }

  @Test func modelsWithoutRecordsAreForgotten() {
    let registry = Self.registry { $0.expiry = 60_000_000_000 }
    var sums = CallSums(of: registry, since: seconds(start))
    for i in 0..<20 { call("model-\(i)").record(in: registry, at: start + 1) }
    #expect(sums.look(at: registry, now: seconds(start + 2)).count == 20)
    registry.tick(now: seconds(start + 100))
    #expect(sums.look(at: registry, now: seconds(start + 101)).isEmpty)
    call("model-x").record(in: registry, at: start + 102)
    #expect(sums.look(at: registry, now: seconds(start + 103)).map(\.model.name) == ["model-x"])
    #expect(sums.total.calls == 1)
  }
}
