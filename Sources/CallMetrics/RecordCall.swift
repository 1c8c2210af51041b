import Events
import Pricing

/// One ended call: the hot path. Integers only, no allocation once its label set is known.
extension RegistryState {
  mutating func recordCall(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) {
    let route = route(event, in: line, now: now)
    let row = callRow(of: route.labelSet, now: now)
    let cost = pricer.cost(of: event, in: line, route: route.price, now: now)
    let call = Call(event: event, cost: cost, route: route, row: row, now: now)

    countOutcome(event, call)
    countPrice(call)
    if !event.fields.id.isEmpty || !event.fields.traceID.isEmpty { remember(event, in: line, call) }
    // A hit of the application's own cache asked no model: it has no tokens, no duration and no history.
    if event.fields.cache == .hit { return }
    countTokens(event, call)
    observeTimes(event, in: line, call)
    observeCost(event, in: line, call)
    followCourse(event, call)
    compareWithHistory(event, call)
    if !event.fields.promptHash.isEmpty { countRepeatedPrompt(event, in: line, call) }
    if !event.fields.session.isEmpty { countTurn(event, in: line, call) }
    if !event.fields.fallbackFrom.isEmpty { countFallback(event, in: line, call) }
  }

  /// What the steps of recording share.
  struct Call {
    let cost: CallCost
    let total: Picodollars
    let route: CallRoute
    let row: Int
    let weight: Int64
    /// When it ended, as far as is known.
    let ended: Int64
    let now: Int64

    @inline(__always)
    init(event: borrowing Event, cost: CallCost, route: CallRoute, row: Int, now: Int64) {
      self.cost = cost
      self.route = route
      self.row = row
      self.now = now
      total = cost.total
      weight = event.fields.weight
      ended = event.fields.timestamp >= 0 ? event.fields.timestamp : now
    }
  }

  @inline(__always)
  private mutating func countOutcome(_ event: borrowing Event, _ call: Call) {
    let status = Int(event.fields.status.rawValue)
    calls.add(call.weight, row: call.row, word: CallWord.requests &+ status)
    if event.fields.status == .error {
      let type = Int((event.fields.errorType ?? .other).rawValue)
      calls.add(call.weight, row: call.row, word: CallWord.errors &+ type)
    }
    if let result = event.fields.cache {
      calls.add(call.weight, row: call.row, word: CallWord.cacheLookups &+ Int(result.rawValue))
    }
  }

  @inline(__always)
  private mutating func countPrice(_ call: Call) {
    switch call.cost.verdict {
    case .priced(let source):
      calls.add(call.weight, row: call.row, word: CallWord.priced &+ Int(source.rawValue))
    case .unpriced(let reason):
      calls.add(call.weight, row: call.row, word: CallWord.unpriced &+ Int(reason.rawValue))
    }
    let weight = Int128(call.weight)
    if call.total != 0 {
      for i in call.cost.components.indices where call.cost.components[i] != 0 {
        calls.add(pico: call.cost.components[i] &* weight, row: call.row, word: CallWord.cost &+ 2 &* i)
      }
    }
    if call.cost.saved != 0 {
      calls.add(pico: call.cost.saved &* weight, row: call.row, word: CallWord.cacheSaved)
    }
    if call.cost.stated >= 0, call.cost.byTable >= 0 {
      calls.add(pico: call.cost.stated &* weight, row: call.row, word: CallWord.compared)
      calls.add(pico: call.cost.byTable &* weight, row: call.row, word: CallWord.compared &+ 2)
    }
  }

  @inline(__always)
  private mutating func countTokens(_ event: borrowing Event, _ call: Call) {
    if let reason = event.fields.finishReason {
      calls.add(call.weight, row: call.row, word: CallWord.finishReasons &+ Int(reason.rawValue))
    }
    guard event.fields.usage.shape == .known else { return }
    let input = event.fields.usage.input
    let cached = event.fields.usage.cachedInput
    let written = event.fields.usage.cacheWrite
    let output = event.fields.usage.output
    let reasoning = event.fields.usage.reasoning
    addTokens(max(0, input &- cached &- written), .input, call)
    addTokens(cached, .cachedInput, call)
    addTokens(written, .cacheWrite, call)
    addTokens(max(0, output &- reasoning), .output, call)
    addTokens(reasoning, .reasoning, call)
    calls.observe(input, times: call.weight, row: call.row, histogram: CallHistogram.tokens)
    calls.observe(output, times: call.weight, row: call.row, histogram: CallHistogram.tokens &+ 1)
    if call.route.price.contextWindow > 0 {
      let share = Int128(input) &* 1_000_000_000 / Int128(call.route.price.contextWindow)
      calls.observe(
        Int64(clamping: share), times: call.weight, row: call.row, histogram: CallHistogram.contextUsed)
    }
    if event.fields.usage.suspicions != 0 { countSuspicions(event.fields.usage.suspicions, call) }
  }

  @inline(__always)
  private mutating func addTokens(_ count: Int64, _ type: TokenType, _ call: Call) {
    if count > 0 { calls.add(count &* call.weight, row: call.row, word: CallWord.tokens &+ Int(type.rawValue)) }
  }

  private mutating func countSuspicions(_ suspicions: UInt8, _ call: Call) {
    for suspicion in UsageSuspicion.allCases where suspicions >> suspicion.rawValue & 1 == 1 {
      calls.add(call.weight, row: call.row, word: CallWord.suspect + Int(suspicion.rawValue))
    }
  }

  @inline(__always)
  private mutating func observeTimes(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    let latency = event.fields.latency
    let first = event.fields.timeToFirstToken
    if latency >= 0 {
      let histogram = CallHistogram.duration &+ Int(event.fields.status.rawValue)
      observe(latency, histogram, event, in: line, call)
    }
    if first >= 0 {
      observe(first, CallHistogram.timeToFirstToken, event, in: line, call)
      let following = event.fields.usage.output &- 1
      if latency >= first, following > 0 {
        calls.observe(
          (latency &- first) / following, times: call.weight, row: call.row,
          histogram: CallHistogram.timePerOutputToken)
      }
    }
    if event.fields.queueWait >= 0 {
      calls.observe(event.fields.queueWait, times: call.weight, row: call.row, histogram: CallHistogram.queueWait)
    }
    if event.fields.modelLoad >= 0 {
      calls.observe(event.fields.modelLoad, times: call.weight, row: call.row, histogram: CallHistogram.modelLoad)
    }
  }

  /// Observes, and keeps the call's trace as the bucket's exemplar.
  @inline(__always)
  private mutating func observe(
    _ value: Int64, _ histogram: Int, _ event: borrowing Event, in line: Span<UInt8>, _ call: Call
  ) {
    let bucket = calls.observe(value, times: call.weight, row: call.row, histogram: histogram)
    guard !event.fields.traceID.isEmpty else { return }
    event.withBytes(of: event.fields.traceID, in: line) { trace in
      calls.setExemplar(
        trace, value: value, timestamp: call.ended, row: call.row, histogram: histogram, bucket: bucket)
    }
  }

  @inline(__always)
  private mutating func observeCost(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    guard case .priced(let source) = call.cost.verdict, source != .free else { return }
    // 9 million dollars for one call is beyond what a stated cost may be: the clamp is for absurd tables only.
    observe(Int64(clamping: call.total), CallHistogram.cost, event, in: line, call)
  }

  /// Retries, recoveries and the last success.
  @inline(__always)
  private mutating func followCourse(_ event: borrowing Event, _ call: Call) {
    if event.fields.attempt > 1 {
      calls.add(call.weight, row: call.row, word: CallWord.retries &+ Int(event.fields.status.rawValue))
      calls.add(pico: call.total &* Int128(call.weight), row: call.row, word: CallWord.retryCost)
    }
    let base = call.row &* CallWord.count
    if event.fields.status == .error {
      calls.words[base &+ CallWord.failuresInRow] &+= 1
      if calls.words[base &+ CallWord.failuresInRow] == 3 { calls.words[base &+ CallWord.thirdFailure] = call.ended }
      return
    }
    if calls.words[base &+ CallWord.failuresInRow] >= 3 {
      let took = max(0, call.ended &- calls.words[base &+ CallWord.thirdFailure])
      calls.observe(took, times: 1, row: call.row, histogram: CallHistogram.recovery)
    }
    calls.words[base &+ CallWord.failuresInRow] = 0
    let last = base &+ CallWord.lastSuccess
    calls.words[last] = max(calls.words[last], call.ended)
  }
}
