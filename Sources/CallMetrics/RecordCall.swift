import Events
import Pricing

/// One ended call: the hot path. Integers only, no allocation once its label set is known.
extension RegistryState {
  mutating func recordCall(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) {
    let route = route(event, in: line, now: now)
    let row = callRow(of: route.labelSet, now: now)
    let cost = pricer.cost(of: event, in: line, route: route.price, now: now)
    if configuration.keepsLastCost { lastCost = cost }
    if route.seenPrice >= 0, case .priced(.table) = cost.verdict {
      pricesSeen.note(SeenPrices.Use(route.price, event), at: route.seenPrice)
    }
    let call = Call(event: event, cost: cost, route: route, row: row, now: now)
    let anomalies = configuration.anomalies
    let recovered = calls.withWords(of: row) { words in
      CallNumbers.countOutcome(event, call, words)
      CallNumbers.countPrice(cost, call, words)
      if event.fields.cache == .hit { return Int64(-1) }
      CallNumbers.countTokens(event, call, words)
      CallNumbers.compareWithHistory(event, call, anomalies, words)
      return CallNumbers.followCourse(event, call, words)
    }
    if !event.fields.id.isEmpty || !event.fields.traceID.isEmpty { remember(event, in: line, call) }
    if !event.fields.user.isEmpty { countUser(event, in: line, call) }
    if !budgets.isEmpty { countBudgets(event, in: line, call) }
    // A hit of the application's own cache asked no model: it has no duration, no prompt and no turn.
    if event.fields.cache == .hit { return }
    calls.withHistograms(of: row) { CallNumbers.observe(event, call, recovered: recovered, $0) }
    if !event.fields.traceID.isEmpty { keepExemplars(event, in: line, call) }
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

  /// Keeps the call's trace as the example of the buckets that people look at: durations, first tokens, costs. Trace
  /// ids too long for an exemplar are passed over.
  @inline(never)
  private mutating func keepExemplars(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    guard event.fields.traceID.count <= Exemplar.maxTraceIDBytes else { return }
    var exemplar = Exemplar()
    event.withBytes(of: event.fields.traceID, in: line) { trace in
      for i in trace.indices { exemplar.traceID[i] = trace[i] }
    }
    exemplar.traceIDCount = UInt8(truncatingIfNeeded: event.fields.traceID.count)
    exemplar.timestamp = call.ended
    exemplar.taken = call.now
    let duration = CallHistogram.duration + Int(event.fields.status.rawValue)
    keep(&exemplar, of: event.fields.latency, duration, call)
    keep(&exemplar, of: event.fields.timeToFirstToken, CallHistogram.timeToFirstToken, call)
    if call.hasPrice { keep(&exemplar, of: Int64(clamping: call.total), CallHistogram.cost, call) }
  }

  private mutating func keep(_ exemplar: inout Exemplar, of value: Int64, _ histogram: Int, _ call: Call) {
    guard value >= 0 else { return }
    exemplar.value = value
    calls.setExemplar(
      exemplar, row: call.row, histogram: histogram, bucket: calls.bucket(of: value, histogram: histogram))
  }
}
