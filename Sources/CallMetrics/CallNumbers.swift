import Events
import Pricing

/// What one call adds to the plain numbers of its record, which `words` are.
enum CallNumbers {
  typealias Call = RegistryState.Call

  @inline(__always)
  static func countOutcome(
    _ event: borrowing Event, _ call: Call, _ words: borrowing CountedWords
  ) {
    words.add(call.weight, at: CallWord.requests &+ Int(event.fields.status.rawValue))
    if event.fields.status == .error {
      let type = Int((event.fields.errorType ?? .other).rawValue)
      words.add(call.weight, at: CallWord.errors &+ type)
    }
    if let result = event.fields.cache {
      words.add(call.weight, at: CallWord.cacheLookups &+ Int(result.rawValue))
    }
  }

  @inline(__always)
  static func countPrice(
    _ cost: borrowing CallCost, _ call: Call, _ words: borrowing CountedWords
  ) {
    switch cost.verdict {
    case .priced(let source):
      words.add(call.weight, at: CallWord.priced &+ Int(source.rawValue))
    case .unpriced(let reason):
      words.add(call.weight, at: CallWord.unpriced &+ Int(reason.rawValue))
    }
    // Multiplying is for the few that stand for more calls than one.
    @inline(__always)
    func weighed(_ amount: Picodollars) -> Picodollars { call.weight == 1 ? amount : amount &* Int128(call.weight) }
    if call.total != 0 {
      for i in 0..<8 where cost.components[i] != 0 {
        words.add(wide: weighed(cost.components[i]), at: CallWord.cost &+ 2 &* i)
      }
    }
    if cost.saved != 0 { words.add(wide: weighed(cost.saved), at: CallWord.cacheSaved) }
    if cost.stated >= 0, cost.byTable >= 0 {
      words.add(wide: weighed(cost.stated), at: CallWord.compared)
      words.add(wide: weighed(cost.byTable), at: CallWord.compared &+ 2)
    }
  }

  @inline(__always)
  static func countTokens(
    _ event: borrowing Event, _ call: Call, _ words: borrowing CountedWords
  ) {
    if let reason = event.fields.finishReason {
      words.add(call.weight, at: CallWord.finishReasons &+ Int(reason.rawValue))
    }
    guard event.fields.usage.shape == .known else { return }
    let input = event.fields.usage.input
    let cached = event.fields.usage.cachedInput
    let written = event.fields.usage.cacheWrite
    let output = event.fields.usage.output
    let reasoning = event.fields.usage.reasoning
    addTokens(max(0, input &- cached &- written), .input, call, words)
    addTokens(cached, .cachedInput, call, words)
    addTokens(written, .cacheWrite, call, words)
    addTokens(max(0, output &- reasoning), .output, call, words)
    addTokens(reasoning, .reasoning, call, words)
    if event.fields.usage.suspicions == 0 { return }
    for suspicion in UsageSuspicion.allCases where event.fields.usage.suspicions >> suspicion.rawValue & 1 == 1 {
      words.add(call.weight, at: CallWord.suspect &+ Int(suspicion.rawValue))
    }
  }

  /// At most 2^40 tokens times a weight of at most 10,000: no overflow.
  @inline(__always)
  private static func addTokens(
    _ count: Int64, _ type: TokenType, _ call: Call, _ words: borrowing CountedWords
  ) {
    words.add(count &* call.weight, at: CallWord.tokens &+ Int(type.rawValue))
  }

  /// Retries, recoveries and the last success.
  ///
  /// - Returns: how long it took to recover, if this call is the first success after three failures or more; else -1.
  @inline(__always)
  static func followCourse(_ event: borrowing Event, _ call: Call, _ words: borrowing CountedWords) -> Int64 {
    if event.fields.attempt > 1 {
      words.add(call.weight, at: CallWord.retries &+ Int(event.fields.status.rawValue))
      words.add(wide: call.total &* Int128(call.weight), at: CallWord.retryCost)
    }
    if event.fields.status == .error {
      words[CallWord.failuresInRow] &+= 1
      if words[CallWord.failuresInRow] == 3 { words[CallWord.thirdFailure] = call.ended }
      return -1
    }
    let recovered =
      words[CallWord.failuresInRow] >= 3 ? max(0, call.ended &- words[CallWord.thirdFailure]) : -1
    words[CallWord.failuresInRow] = 0
    words[CallWord.lastSuccess] = max(words[CallWord.lastSuccess], call.ended)
    return recovered
  }

  /// What the call adds to the histograms.
  ///
  /// - Returns: a bit for each that it was observed in.
  @inline(__always)
  static func observe(
    _ event: borrowing Event, _ call: Call, recovered: Int64, _ histograms: borrowing CountedHistograms
  ) -> UInt64 {
    var touched: UInt64 = 0
    func observe(_ value: Int64, _ histogram: Int) {
      if value >= 0 { touched |= histograms.observe(value, times: call.weight, histogram) }
    }
    let latency = event.fields.latency
    let first = event.fields.timeToFirstToken
    let following = event.fields.usage.output &- 1
    observe(latency, CallHistogram.duration &+ Int(event.fields.status.rawValue))
    observe(first, CallHistogram.timeToFirstToken)
    if first >= 0, latency >= first, following > 0 {
      observe((latency &- first) / following, CallHistogram.timePerOutputToken)
    }
    if event.fields.usage.shape == .known {
      observe(event.fields.usage.input, CallHistogram.tokens)
      observe(event.fields.usage.output, CallHistogram.tokens &+ 1)
      if call.contextWindow > 0 {
        observe(share(event.fields.usage.input, of: call.contextWindow), CallHistogram.contextUsed)
      }
    }
    // 9 million dollars for one call is beyond what a stated cost may be: the clamp is for absurd tables only.
    if call.hasPrice { observe(Int64(clamping: call.total), CallHistogram.cost) }
    observe(event.fields.queueWait, CallHistogram.queueWait)
    observe(event.fields.modelLoad, CallHistogram.modelLoad)
    if recovered >= 0 { touched |= histograms.observe(recovered, times: 1, CallHistogram.recovery) }
    return touched
  }

  /// In billionths. The slow division is for inputs whose billionfold does not fit: over nine billion tokens.
  @inline(__always)
  private static func share(_ input: Int64, of window: Int64) -> Int64 {
    let (product, overflow) = input.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? Int64(clamping: Int128(input) * 1_000_000_000 / Int128(window)) : product / window
  }

  /// Whether the call is out of line with its record's running history, of which it then becomes a part.
  @inline(__always)
  static func compareWithHistory(
    _ event: borrowing Event, _ call: Call, _ bounds: AnomalyBounds, _ words: borrowing CountedWords
  ) {
    if event.fields.latency >= 0 {
      let value = Double(event.fields.latency)
      compare(value, .latency, bounds, event, call, words) {
        $0.exceeds(value, deviations: bounds.latencyDeviations)
      }
    }
    if event.fields.usage.shape == .known {
      let value = Double(event.fields.usage.input &+ event.fields.usage.output)
      compare(value, .tokens, bounds, event, call, words) {
        $0.exceeds(value, deviations: bounds.tokenDeviations)
      }
    }
    if call.hasPrice {
      let value = Double(Int64(clamping: call.total))
      compare(value, .cost, bounds, event, call, words) { $0.exceeds(value, timesMean: bounds.costFactor) }
    }
  }

  @inline(__always)
  private static func compare(
    _ value: Double, _ kind: AnomalyKind, _ bounds: AnomalyBounds, _ event: borrowing Event, _ call: Call,
    _ words: borrowing CountedWords, _ exceeds: (CallHistory) -> Bool
  ) {
    let word = CallWord.history &+ CallHistory.words &* Int(kind.rawValue)
    var history = CallHistory(words, at: word)
    if history.count >= bounds.minimumCalls, exceeds(history) {
      words.add(call.weight, at: CallWord.anomalous &+ Int(kind.rawValue))
    }
    guard event.fields.status == .success else { return }
    history.add(value, times: Double(call.weight))
    history.store(in: words, at: word)
  }
}
