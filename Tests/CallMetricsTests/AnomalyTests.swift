import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct AnomalyTests {
  let registry = Registry(configuration: RegistryConfiguration(), prices: .testBook)

  /// 100 calls of 1.0 s ± 0.1 s, turn about.
  func makeHistory(status: CallStatus = .success, cache: CacheResult? = nil) {
    for i in 0..<100 {
      var call = HandMadeEvent()
      call.event.fields.status = status
      call.event.fields.cache = cache
      call.event.fields.latency = i % 2 == 0 ? 900_000_000 : 1_100_000_000
      call.record(in: registry)
    }
  }

  func call(latency: Int64) {
    var call = HandMadeEvent()
    call.event.fields.latency = latency
    call.record(in: registry)
  }

  var anomalies: Int128? { registry.snapshot().value("llm_anomalous_calls_total", extra: "latency") }

  @Test func beyondThreeDeviationsIsOutOfLine() {
    makeHistory()
    call(latency: 1_299_000_000)
    #expect(anomalies == 0)
    call(latency: 1_350_000_000)
    #expect(anomalies == 1)
  }

  @Test func aShortHistoryCallsNothingOutOfLine() {
    call(latency: 1)
    call(latency: 600_000_000_000)
    #expect(anomalies == 0)
  }

  @Test func failuresAndCacheHitsMakeNoHistory() {
    makeHistory(status: .error)
    makeHistory(cache: .hit)
    call(latency: 600_000_000_000)
    #expect(anomalies == 0)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func theSumsAgreeWithMeanAndDeviation(seed: UInt64) {
    var random = SplitMix(state: seed)
    var table = RecordTable(layout: .call(HistogramBounds()))
    let row = table.add(labels: [1], now: 1)
    var values: [Double] = []
    for _ in 0..<500 {
      let value = Double(random.next() % 1_000_000)
      values.append(value)
      table.withWords(of: row) { words in
        var history = CallHistory(words, at: CallWord.history)
        history.add(value, times: 1)
        history.store(in: words, at: CallWord.history)
      }
    }
    let mean = values.reduce(0, +) / 500
    let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 500).squareRoot()
    let history = table.withWords(of: row) { CallHistory($0, at: CallWord.history) }
    for factor in [0.5, 0.99, 1.01, 2] {
      #expect(
        history.exceeds(mean + 3 * deviation * factor, deviations: 3) == (factor > 1), "seed \(seed), \(factor)")
      #expect(history.exceeds(2 * mean * factor, timesMean: 2) == (factor > 1), "seed \(seed), \(factor)")
    }
  }
}

/// A seeded generator, so that a failure can be had again.
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
