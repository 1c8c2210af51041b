import Events
import Pricing
import Testing

@testable import CallMetrics

/// The bound of all series holds, whichever events come and in whichever order.
@Suite struct SeriesBoundTests {
  /// A bound under which so many label sets find room, and some records beside the calls: one record of `__other__` in
  /// each table is reckoned in.
  func bound(callSets: Int) -> Int {
    let side = [RecordLayout.fallback, .feedback, .score(HistogramBounds())]
    return (callSets + 1) * RecordLayout.call(HistogramBounds()).potentialSeries
      + side.reduce(0) { $0 + $1.potentialSeries } + 100
  }

  func registry(callSets: Int, expiry: Int64? = nil) -> Registry {
    var configuration = RegistryConfiguration()
    configuration.maxSeries = bound(callSets: callSets)
    configuration.expiry = expiry
    return Registry(configuration: configuration, prices: .testBook)
  }

  func feedback(_ model: String, in registry: Registry, at seconds: Int64 = 1_000) {
    var event = HandMadeEvent(.feedback, model: model)
    event.event.fields.rating = .positive
    event.record(in: registry, at: seconds)
  }

  func limited(_ registry: Registry) -> Int64? {
    registry.snapshot().sample("llm_exporter_series_limited_total", ["label": "__all__"])?.integer
  }

  @Test func callsBeyondItAreCountedUnderOther() {
    let registry = registry(callSets: 2)
    for model in ["a", "b", "c", "d"] { HandMadeEvent(model: model).record(in: registry) }
    let snapshot = registry.snapshot()
    #expect(snapshot.rowLabels[0].count == 3)
    #expect(snapshot.value("llm_requests_total", #"model="__other__",provider="__other__""#) == 2)
    #expect(limited(registry) == 2)
  }

  @Test func feedbackTakesTheRoomOfTheCallsThatMayFollow() {
    let registry = registry(callSets: 2)
    for model in ["a", "b", "c", "d"] { feedback(model, in: registry) }
    for model in ["a", "b", "c", "d"] { HandMadeEvent(model: model).record(in: registry) }
    let snapshot = registry.snapshot()
    #expect(snapshot.rowLabels[0].count == 3)
    #expect(snapshot.rowLabels[2].count == 3)
    #expect(snapshot.value("llm_feedback_total", #"model="__other__""#, extra: "positive") == 2)
    #expect(limited(registry) == 4)
  }

  @Test(arguments: 0..<10)
  func whatIsShownNeverExceedsIt(seed: UInt64) {
    var random = SplitMix(state: seed)
    let callSets = Int.random(in: 0...5, using: &random)
    let registry = registry(callSets: callSets)
    let bound = bound(callSets: callSets)
    var most = 0
    for _ in 0..<1_000 {
      var event = HandMadeEvent(
        [.call, .start, .feedback, .score].randomElement(using: &random) ?? .call,
        model: "m\(Int.random(in: 0..<9, using: &random))")
      event.set(\.id, "\(random.next())")
      event.set(\.name, "n\(Int.random(in: 0..<99, using: &random))")
      if Bool.random(using: &random) { event.set(\.fallbackFrom, "m\(Int.random(in: 0..<99, using: &random))") }
      event.usage(input: 10, output: 10)
      event.event.fields.latency = 5
      event.event.fields.timeToFirstToken = 1
      event.event.fields.queueWait = 1
      event.event.fields.modelLoad = 1
      event.event.fields.scoreNano = 1
      event.event.fields.callerCost = 1
      event.event.fields.rating = .negative
      event.event.fields.category = FaultCategory.allCases.randomElement(using: &random) ?? .other
      event.event.fields.status = CallStatus.allCases.randomElement(using: &random) ?? .success
      event.record(in: registry)
      most = max(most, registry.size.series)
    }
    #expect(most <= bound)
  }

  @Test func correctionsOfCallsWithoutARecordStayWithin() {
    let registry = registry(callSets: 1)
    HandMadeEvent(model: "a").record(in: registry)
    let late = CostCorrection(labels: ["model": "b", "operation": "chat"], amounts: [.input: 5])
    _ = registry.correct([late], now: 1_000)
    #expect(registry.snapshot().value("llm_cost_dollars_total", #"model="__other__""#, extra: "input") == 5)
  }

  @Test func whatExpiresMakesRoom() {
    let registry = registry(callSets: 1, expiry: 60_000_000_000)
    feedback("a", in: registry)
    registry.tick(now: 1_061 * 1_000_000_000)
    feedback("b", in: registry, at: 1_062)
    #expect(registry.snapshot().value("llm_feedback_total", #"model="b""#, extra: "positive") == 1)
    #expect(limited(registry) == 0)
  }

  @Test func theSeriesCountedAreThoseShown() {
    let registry = registry(callSets: 5)
    var failed = HandMadeEvent(model: "a")
    failed.event.fields.status = .error
    failed.record(in: registry)
    let steady = CallCatalogue.scalars.reduce(0) { $0 + $1.values.count } - 1
    #expect(registry.size.series == steady, "there is no last success")
    HandMadeEvent(model: "a").record(in: registry)
    #expect(registry.size.series == steady + 1)
  }
}
