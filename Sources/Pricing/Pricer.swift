public import Events

/// Prices calls by a book. Owned by one thread, or used under one lock: it keeps what it worked out.
public struct Pricer: Sendable {
  public private(set) var book: PriceBook

  /// What an entry's calls have in common, by `entry % plans.count`.
  var plans: [EntryPlan]
  /// Cards of cases that are not an entry's standard one, by hash.
  var cards: [CardSlot]
  /// The book's, here so that a call looks at nothing shared.
  var thresholds: [Int64]
  var iterationModels = IterationModels()

  private static let planCount = 128
  private static let cardCount = 128

  public init(book: PriceBook) {
    self.book = book
    plans = Array(repeating: EntryPlan(), count: Self.planCount)
    cards = Array(repeating: CardSlot(), count: Self.cardCount)
    thresholds = book.store.thresholds
  }

  /// Prices by another book from now on. All routes become invalid: resolve them again.
  public mutating func replace(_ book: PriceBook) {
    self.book = book
    for i in plans.indices { plans[i].place = -1 }
    for i in cards.indices { cards[i].place = -1 }
    thresholds = book.store.thresholds
    iterationModels = IterationModels()
  }

  // MARK: names

  /// What the configuration calls a model; an alias may be of one provider's model only.
  public func alias(_ name: String, provider: String = "") -> String {
    book.aliased(name, provider: provider).name
  }

  /// Decides what the names of a call mean, and which entries price it. Slow: once per combination of asked model,
  /// answering model, provider and region, not per call.
  public mutating func resolve(_ event: borrowing Event, in line: Span<UInt8>) -> ModelResolution {
    book.resolve(CallNames(event, in: line))
  }

  // MARK: cost

  /// What one call costs: the decision table "Priced, free, unpriced", its first line that holds.
  ///
  /// - Parameters:
  ///   - route: of this call's names, by this book.
  ///   - now: nanoseconds since 1970: the call is priced at its own time stamp, or else at this.
  public mutating func cost(
    of event: borrowing Event, in line: Span<UInt8>, route: PriceRoute, now: Int64
  ) -> CallCost {
    var recorder = NoRecorder()
    return cost(of: event, in: line, route: route, now: now, &recorder)
  }

  @inline(__always)
  mutating func cost<Recorder: CostRecorder>(
    of event: borrowing Event, in line: Span<UInt8>, route: PriceRoute, now: Int64, _ recorder: inout Recorder
  ) -> CallCost {
    let evidence = CallEvidence(event)
    var cost = CallCost(.unpriced(.unknownModel))
    cost.verdict = tableVerdict(event, in: line, route, evidence, now, &cost, &recorder)
    if !evidence.isPlain { cost = evidence.decide(event, byTable: cost) }
    return cost
  }

  /// The last two lines of the decision table: what the table says, whoever else said something.
  @inline(__always)
  private mutating func tableVerdict<Recorder: CostRecorder>(
    _ event: borrowing Event, in line: Span<UInt8>, _ route: PriceRoute, _ evidence: CallEvidence, _ now: Int64,
    _ cost: inout CallCost, _ recorder: inout Recorder
  ) -> CallCost.Verdict {
    var place = plan(route.answered >= 0 ? route.answered : route.asked)
    guard place >= 0 else { return .unpriced(.unknownModel) }
    if !plans[place].traits.contains(.hasRates), route.asked >= 0 {
      let asked = plan(route.asked)
      if asked >= 0, plans[asked].traits.contains(.hasRates) { place = asked }
    }
    guard event.fields.usage.shape != .unknown else { return .unpriced(.unknownUsage) }
    if plans[place].historyCount > 0 { place = planAt(Self.time(event, now), place) }
    if evidence.hasUnits || plans[place].isUnusual || !evidence.hasTokens {
      return unusualVerdict(event, in: line, place, evidence, now, &cost, &recorder)
    }
    if !event.iterations.isEmpty {
      return iterationsVerdict(event, in: line, place, now, covered: TokenCoverage(), &cost, &recorder)
    }
    let isMissing = charge(event.fields.usage, event, in: line, place, now, covered: TokenCoverage(), &cost, &recorder)
    return isMissing ? .unpriced(.noRate) : .priced(.table)
  }

  /// Adds the tokens of one request to the cost.
  /// - Returns: whether a class that was used has no rate.
  @inline(__always)
  mutating func charge<Recorder: CostRecorder>(
    _ usage: Usage, _ event: borrowing Event, in line: Span<UInt8>, _ place: Int, _ now: Int64,
    covered: TokenCoverage, _ cost: inout CallCost, _ recorder: inout Recorder
  ) -> Bool {
    var request = cardCase(usage.input, event, place, now)
    if plans[place].traits.contains(.hasDecisionRates), request.tier == .base,
      event.hasBytes(event.fields.operation, "decisions", in: line)
    {
      request.tier = .decisions
    }
    recorder.entry(plans[place].place, case: request)
    var factor = CostFactor()
    if plans[place].traits.contains(.hasMultiplier) { multiply(&factor, event, in: line, place, &recorder) }
    let sums: TokenCost
    if request == CardCase() {
      sums = TokenCost(usage, plans[place].card, covered: covered, &recorder)
    } else {
      sums = TokenCost(usage, cards[card(for: request, plans[place].place)].card, covered: covered, &recorder)
    }
    sums.add(to: &cost, factor)
    return sums.isMissingRate
  }

  // MARK: which card

  @inline(__always)
  private func cardCase(_ input: Int64, _ event: borrowing Event, _ place: Int, _ now: Int64) -> CardCase {
    var request = CardCase()
    request.tier = PriceTier(event.fields.serviceTier)
    if event.fields.batch { request.tier = .batch }
    if plans[place].firstThreshold <= input { request.crossed = crossed(input, place) }
    if plans[place].rangeCount > 0 { request.range = range(input, place) }
    if plans[place].windowCount > 0 { request.isOffPeak = isOffPeak(Self.time(event, now), place) }
    return request
  }

  @inline(__always)
  static func time(_ event: borrowing Event, _ now: Int64) -> Int64 {
    event.fields.timestamp >= 0 ? event.fields.timestamp : now
  }

  /// The whole request is at the rates of the highest threshold that its input is over.
  private func crossed(_ input: Int64, _ place: Int) -> UInt64 {
    var crossed: UInt64 = 0
    var mask = plans[place].thresholdMask
    let isInclusive = plans[place].traits.contains(.reachesThresholdInclusively)
    while mask != 0 {
      let step = mask.trailingZeroBitCount
      mask &= mask &- 1
      guard step < thresholds.count else { break }
      if input > thresholds[step] || (isInclusive && input == thresholds[step]) { crossed |= 1 << UInt64(step) }
    }
    return crossed
  }

  /// The range that holds the input; above all, the last.
  private func range(_ input: Int64, _ place: Int) -> UInt8 {
    let start = Int(plans[place].rangeStart)
    let ranges = book.store.ranges
    var last: (above: Int64, place: UInt8) = (-1, 0)
    for i in 0..<plans[place].rangeCount {
      let range = ranges[start + Int(i)]
      if input > range.above, input <= range.through { return i + 1 }
      if range.above > last.above { last = (range.above, i + 1) }
    }
    // Without input there is no range to be in; an entry that has nothing else is then at its first.
    return input > 0 ? last.place : plans[place].card[.input].isMissing ? 1 : 0
  }

  private func isOffPeak(_ time: Int64, _ place: Int) -> Bool {
    let start = Int(plans[place].windowStart)
    for i in start..<start + Int(plans[place].windowCount) where book.store.windows[i].contains(time) { return true }
    return false
  }

  // MARK: what is kept

  /// The place of an entry's plan, made where it is not there; -1 for no entry.
  @inline(__always)
  mutating func plan(_ entry: Int32) -> Int {
    guard entry >= 0 else { return -1 }
    let place = Int(entry) & (Self.planCount - 1)
    if plans[place].place == entry { return place }
    return makePlan(entry, at: place)
  }

  @inline(never)
  private mutating func makePlan(_ entry: Int32, at place: Int) -> Int {
    guard let stored = book.stored(entry) else { return -1 }
    plans[place] = EntryPlan(entry, stored, book.store)
    return place
  }

  /// The plan of the price that held at a time.
  mutating func planAt(_ time: Int64, _ place: Int) -> Int {
    let current = plans[place].place
    guard let stored = book.stored(current) else { return place }
    for i in 0..<Int32(stored.historyCount) {
      let former = Int32(clamping: stored.historyStart) + i
      if let past = book.stored(former), time < past.validUntil { return plan(former) }
    }
    return place
  }

  @inline(never)
  private mutating func card(for request: CardCase, _ entry: Int32) -> Int {
    var hash = UInt64(truncatingIfNeeded: entry) &* 0x9e37_79b9_7f4a_7c15
    hash ^= request.crossed &* 0xc2b2_ae3d_27d4_eb4f
    hash ^=
      (UInt64(request.tier.rawValue) << 9 | UInt64(request.range) << 1 | (request.isOffPeak ? 1 : 0))
      &* 0x1656_67b1_9e37_79f9
    let slot = Int(truncatingIfNeeded: hash >> 40) & (Self.cardCount - 1)
    if cards[slot].place == entry, cards[slot].request == request { return slot }
    let stored = book.stored(entry) ?? StoredEntry()
    cards[slot] = CardSlot(
      place: entry, request: request, card: RateCardMaker(store: book.store, entry: stored).card(for: request))
    return slot
  }
}
