import CallMetrics
import Events
import Pricing
import Testing

@testable import Daemon

@Suite struct HistogramQuantileTests {
  private let bounds: [Int64] = [100, 200, 400]

  @Test func valuesLieEvenlyWithinTheirBucket() {
    #expect(HistogramQuantile.value(0.5, counts: [0, 10, 0, 0], bounds: bounds) == 150)
    #expect(HistogramQuantile.value(0.95, counts: [10, 0, 10, 0], bounds: bounds) == 380)
    #expect(HistogramQuantile.value(0, counts: [0, 4, 0, 0], bounds: bounds) == 100)
    #expect(HistogramQuantile.value(1, counts: [4, 4, 4, 0], bounds: bounds) == 400)
  }

  @Test func theFirstBucketBeginsAtZero() {
    #expect(HistogramQuantile.value(0.5, counts: [10, 0, 0, 0], bounds: bounds) == 50)
  }

  @Test func whatLiesBeyondIsTheHighestBound() {
    #expect(HistogramQuantile.value(0.5, counts: [0, 0, 0, 3], bounds: bounds) == 400)
  }

  @Test func ofNothingThereIsNone() {
    #expect(HistogramQuantile.value(0.5, counts: [0, 0, 0, 0], bounds: bounds) == nil)
    #expect(HistogramQuantile.value(0.5, counts: [3], bounds: []) == nil)
  }
}

@Suite struct LiveHistoryTests {
  private static func seconds(_ seconds: Int64) -> Int64 { seconds * 1_000_000_000 }
  private static let second = seconds(1)

  /// Sums of that many calls, each as given.
  private static func news(_ count: Int, model: String = "gpt-4o", event: String = "") throws -> [(
    model: CallSums.Model, sum: CallSum
  )] {
    let registry = Registry(configuration: RegistryConfiguration(), prices: try PriceBook(layers: []))
    var sums = CallSums(of: registry, since: 0)
    let line = Array(#"{"model":"\#(model)"\#(event)}"#.utf8)
    let decoder = EventDecoder(options: DecoderOptions())
    var decoded = Event()
    try decoder.decode(line.span, into: &decoded, now: seconds(10))
    registry.withBatch { state in
      for _ in 0..<count { state.record(decoded, in: line.span, now: seconds(10)) }
    }
    return sums.look(at: registry, now: seconds(11))
  }

  private static func history() -> LiveHistory { LiveHistory(bounds: HistogramBounds().duration, at: 0) }

  @Test func aPointIsMadeOfEveryFiveSeconds() throws {
    var history = Self.history()
    let news = try Self.news(10, event: #","latency_ms":1500,"cost_usd":0.5"#)
    for second in 1...20 { history.add(news, at: Self.seconds(Int64(second)), wallClock: Int64(second)) }
    #expect(history.points.map(\.time) == [5, 10, 15, 20])
    let last = try #require(history.points.last)
    #expect(last.callsPerSecond == 10)
    #expect(last.failedShare == 0)
    #expect(last.dollarsPerHour == 10 * 0.5 * 3600)
    // Evenly within the bucket from 1 s to 2 s.
    #expect(last.p50 == 1.5)
    #expect(last.p95 == 1.95)
  }

  @Test func theMinuteForgetsWhatIsOlder() throws {
    var history = Self.history()
    history.add(try Self.news(600), at: Self.seconds(1), wallClock: 1)
    for second in 2...60 { history.add([], at: Self.seconds(Int64(second)), wallClock: Int64(second)) }
    #expect(history.minute.sum.calls == 600)
    #expect(history.points.last?.callsPerSecond == 10)
    for second in 61...66 { history.add([], at: Self.seconds(Int64(second)), wallClock: Int64(second)) }
    #expect(history.minute.sum.calls == 0)
    #expect(history.points.last?.failedShare == nil)
    #expect(history.points.last?.p95 == nil)
  }

  @Test func aRateRightAfterTheStartIsNoAccident() throws {
    var history = Self.history()
    history.add(try Self.news(1), at: Self.second, wallClock: 1)
    #expect(history.point(at: 2).callsPerSecond == 0.1)
  }

  @Test func thePastIsBounded() throws {
    var history = Self.history()
    for step in 1...1_000 { history.add([], at: Self.seconds(Int64(step) * 5), wallClock: Int64(step)) }
    #expect(history.points.count == LiveHistory.maxPoints)
    #expect(history.forgotten + history.points.count == 1_000)
    #expect(history.points.last?.time == 1_000)
  }

  @Test func ofManyModelsTheLeastBusyAreOne() throws {
    var history = Self.history()
    for i in 0..<200 {
      history.add(try Self.news(1 + i % 7, model: "model-\(i)"), at: Self.second, wallClock: 1)
    }
    let all = history.minute.sum.calls
    history.add([], at: Self.seconds(5), wallClock: 5)
    #expect(history.minute.models.count == LiveHistory.maxModels)
    #expect(history.minute.models.values.reduce(0) { $0 + $1.calls } == all)
    #expect(history.minute.models[LiveHistory.otherModels] != nil)
  }
}

@Suite struct EventStreamTests {
  @Test func anEventIsANameAndItsDataAndAnEmptyLine() {
    #expect(EventStream.event("now", "{}") == "event: now\ndata: {}\n\n")
  }

  @Test func aLineBreakInTheDataBeginsANewDataLine() {
    #expect(EventStream.event("now", "a\nb\n") == "event: now\ndata: a\ndata: b\ndata: \n\n")
  }

  @Test func aSlowClientIsSentThePointsThatItMissed() throws {
    var history = LiveHistory(bounds: [1], at: 0)
    var seen = LiveFrame.Seen()
    func points() -> Int {
      let text = LiveFrame(history, total: CallSum(buckets: 2), StatusReport()).text(after: &seen)
      guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("data: [[") }) else { return 0 }
      return line.split(separator: "[").count - 1
    }
    var time: Int64 = 0
    func step(_ count: Int) {
      for _ in 0..<count {
        time += 5_000_000_000
        history.add([], at: time, wallClock: time)
      }
    }
    step(3)
    #expect(points() == 3)
    #expect(points() == 0)
    step(2)
    #expect(points() == 2)
    step(1_000)
    #expect(points() == LiveHistory.maxPoints)
    #expect(points() == 0)
  }

  @Test func hostileNamesStayWithinTheirString() throws {
    var history = LiveHistory(bounds: [1], at: 0)
    let hostile = "a\"}\n\ndata: x\r</script>"
    history.add([(.init(name: hostile, provider: ""), CallSum(buckets: 2))], at: 1, wallClock: 1)
    var seen = LiveFrame.Seen()
    let text = LiveFrame(history, total: CallSum(buckets: 2), StatusReport()).text(after: &seen)
    // Three for each of its two events.
    let breaks = text.unicodeScalars.filter { $0 == "\n" || $0 == "\r" }
    #expect(breaks.count == 6)
    #expect(text.contains(#"a\"}"#))
  }
}

@Suite struct LandingPageTests {
  @Test func marksWithinValuesAreLeftAlone() {
    #expect(LandingPage.fill("<{{a}}|{{b}}|{{c}}>", ["a": "{{b}}", "b": "2"]) == "<{{b}}|2|>")
    #expect(LandingPage.fill("{{a", ["a": "1"]) == "{{a")
  }
}
