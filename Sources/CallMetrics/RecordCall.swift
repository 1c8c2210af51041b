import Events
import Pricing

/// One ended call: the hot path. Integers only, no allocation once its label set is known.
extension RegistryState {
  mutating func recordCall(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) {
    let route = route(event, in: line, now: now)
    let row = callRow(of: route.labelSet, now: now)
    let cost = pricer.cost(of: event, in: line, route: route.price, now: now)
    if configuration.keepsLastCost { lastCost = cost }
    let call = Call(event: event, cost: cost, route: route, row: row, now: now)
    var observations = Observations()
    let anomalies = configuration.anomalies
    calls.withWords(of: row) { words in
      CallNumbers.countOutcome(event, call, words)
      CallNumbers.countPrice(cost, call, words)
      if event.fields.cache == .hit { return }
      CallNumbers.countTokens(event, call, words)
      CallNumbers.followCourse(event, call, words, &observations)
      CallNumbers.compareWithHistory(event, call, anomalies, words)
    }
    if !event.fields.id.isEmpty || !event.fields.traceID.isEmpty { remember(event, in: line, call) }
    // A hit of the application's own cache asked no model: it has no duration, no prompt and no turn.
    if event.fields.cache == .hit { return }
    observe(event, call, &observations)
    if !event.fields.traceID.isEmpty { keepExemplars(event, in: line, call, observations) }
    if !event.fields.promptHash.isEmpty { countRepeatedPrompt(event, in: line, call) }
    if !event.fields.session.isEmpty { countTurn(event, in: line, call) }
    if !event.fields.fallbackFrom.isEmpty { countFallback(event, in: line, call) }
  }

  /// What the steps of recording share.
  struct Call {
    let total: Picodollars
    /// The table, the provider or the caller said what it cost; not free, not unknown.
    let hasPrice: Bool
    let labelSet: Int32
    let contextWindow: Int64
    let row: Int
    let weight: Int64
    /// When it ended, as far as is known.
    let ended: Int64
    let now: Int64

    @inline(__always)
    init(event: borrowing Event, cost: borrowing CallCost, route: CallRoute, row: Int, now: Int64) {
      self.row = row
      self.now = now
      labelSet = route.labelSet
      contextWindow = route.price.contextWindow
      total = cost.total
      hasPrice =
        switch cost.verdict {
        case .priced(.free), .unpriced: false
        case .priced: true
        }
      weight = event.fields.weight
      ended = event.fields.timestamp >= 0 ? event.fields.timestamp : now
    }
  }

  @inline(__always)
  private mutating func observe(_ event: borrowing Event, _ call: Call, _ observations: inout Observations) {
    let latency = event.fields.latency
    let first = event.fields.timeToFirstToken
    if latency >= 0 { observations.add(latency, CallHistogram.duration &+ Int(event.fields.status.rawValue)) }
    if first >= 0 {
      observations.add(first, CallHistogram.timeToFirstToken)
      let following = event.fields.usage.output &- 1
      if latency >= first, following > 0 {
        observations.add((latency &- first) / following, CallHistogram.timePerOutputToken)
      }
    }
    if event.fields.usage.shape == .known {
      observations.add(event.fields.usage.input, CallHistogram.tokens)
      observations.add(event.fields.usage.output, CallHistogram.tokens &+ 1)
      if call.contextWindow > 0 {
        observations.add(Self.share(event.fields.usage.input, of: call.contextWindow), CallHistogram.contextUsed)
      }
    }
    // 9 million dollars for one call is beyond what a stated cost may be: the clamp is for absurd tables only.
    if call.hasPrice { observations.add(Int64(clamping: call.total), CallHistogram.cost) }
    if event.fields.queueWait >= 0 { observations.add(event.fields.queueWait, CallHistogram.queueWait) }
    if event.fields.modelLoad >= 0 { observations.add(event.fields.modelLoad, CallHistogram.modelLoad) }
    calls.observe(&observations, times: call.weight, row: call.row)
  }

  /// In billionths. The slow division is for inputs whose billionfold does not fit: over nine billion tokens.
  @inline(__always)
  private static func share(_ input: Int64, of window: Int64) -> Int64 {
    let (product, overflow) = input.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? Int64(clamping: Int128(input) * 1_000_000_000 / Int128(window)) : product / window
  }

  /// Keeps the call's trace as the example of the buckets that people look at: durations, first tokens, costs. Trace
  /// ids too long for an exemplar are passed over.
  @inline(never)
  private mutating func keepExemplars(
    _ event: borrowing Event, in line: Span<UInt8>, _ call: Call, _ observations: Observations
  ) {
    guard event.fields.traceID.count <= Exemplar.maxTraceIDBytes else { return }
    var exemplar = Exemplar()
    event.withBytes(of: event.fields.traceID, in: line) { trace in
      for i in trace.indices { exemplar.traceID[i] = trace[i] }
    }
    exemplar.traceIDCount = UInt8(truncatingIfNeeded: event.fields.traceID.count)
    exemplar.timestamp = call.ended
    exemplar.taken = call.now
    for i in 0..<observations.count {
      let seen = observations.list[i]
      guard Self.hasExemplars(Int(seen.histogram)) else { continue }
      exemplar.value = seen.value
      calls.setExemplar(exemplar, row: call.row, histogram: Int(seen.histogram), bucket: Int(seen.bucket))
    }
  }

  private static func hasExemplars(_ histogram: Int) -> Bool {
    histogram <= CallHistogram.timeToFirstToken || histogram == CallHistogram.cost
  }
}
