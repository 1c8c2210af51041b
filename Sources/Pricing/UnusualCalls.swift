import Events

extension Pricer {
  /// Calls with anything besides tokens to be billed, and calls without any usage.
  @inline(never)
  mutating func unusualVerdict<Recorder: CostRecorder>(
    _ event: borrowing Event, in line: Span<UInt8>, _ place: Int, _ evidence: CallEvidence, _ now: Int64,
    _ cost: inout CallCost, _ recorder: inout Recorder
  ) -> CallCost.Verdict {
    let plan = plans[place]
    guard let entry = book.stored(plan.place) else { return .unpriced(.unknownModel) }
    if plan.billsLatency, !billsSecondsOfMedia(event, entry) {
      return latencyVerdict(event, entry, plan.place, &cost, &recorder)
    }
    if !evidence.hasTokens, !evidence.hasUnits, let verdict = verdictWithoutUsage(entry) { return verdict }
    let usage = event.fields.usage
    let units = UnitPricing(
      store: book.store, entry: entry, isBatch: event.fields.batch || event.fields.serviceTier == .batch,
      isPricedByTokens: evidence.hasTokens && plan.traits.contains(.hasTokenRate), outputTokens: usage.output)
    recorder.entry(plan.place, case: CardCase())
    let unitCost = units.cost(of: event.fields.units, &recorder)
    unitCost.add(to: &cost)
    guard evidence.hasTokens, !unitCost.covered.contains(.all) else {
      return unitCost.isMissingRate ? .unpriced(.noRate) : .priced(.table)
    }
    if !event.iterations.isEmpty {
      let verdict = iterationsVerdict(event, in: line, place, now, covered: unitCost.covered, &cost, &recorder)
      return unitCost.isMissingRate ? .unpriced(.noRate) : verdict
    }
    let isMissing = charge(usage, event, in: line, place, now, covered: unitCost.covered, &cost, &recorder)
    return isMissing || unitCost.isMissingRate ? .unpriced(.noRate) : .priced(.table)
  }

  /// What an entry says of a call that used nothing, as far as is known; nil where the call itself is what costs.
  private func verdictWithoutUsage(_ entry: StoredEntry) -> CallCost.Verdict? {
    if !entry.traits.contains(.hasRates) { return .unpriced(.noRate) }
    if entry.traits.contains(.isFree) { return .priced(.table) }
    if entry.mode == .search { return nil }
    let hasOnlyFee = entry.traits.contains(.hasRequestPrice) && !entry.traits.contains(.hasTokenRate)
    return hasOnlyFee ? nil : .unpriced(.noUsage)
  }

  /// An entry that does not say what kind of model it is, with a price per second that may be one of the audio or video
  /// in the call. `cost_per_second` is always one of the machine's time.
  private func billsSecondsOfMedia(_ event: borrowing Event, _ entry: StoredEntry) -> Bool {
    entry.mode == .unspecified && event.fields.units.audioSecondsNano | event.fields.units.videoSecondsNano > 0
      && book.store.rate(RateKey(.second), of: entry) == nil
  }

  private func latencyVerdict<Recorder: CostRecorder>(
    _ event: borrowing Event, _ entry: StoredEntry, _ place: Int32, _ cost: inout CallCost, _ recorder: inout Recorder
  ) -> CallCost.Verdict {
    guard event.fields.latency >= 0 else { return .unpriced(.noUsage) }
    recorder.entry(place, case: CardCase())
    var units = UnitCost()
    for kind in [RateKind.second, .inputSecond, .outputSecond] {
      guard let rate = book.store.rate(RateKey(kind), of: entry) else { continue }
      units.charge(kind, event.fields.latency, places: UnitCost.nano, rate: rate, .request, &recorder)
      break
    }
    if let fee = book.store.rate(RateKey(.request), of: entry) {
      units.charge(.request, 1, rate: fee, .request, &recorder)
    }
    units.add(to: &cost)
    return .priced(.table)
  }

  // MARK: iterations

  /// Separate requests inside one answer: each by its own model, and in the tier that it alone is in.
  @inline(never)
  mutating func iterationsVerdict<Recorder: CostRecorder>(
    _ event: borrowing Event, in line: Span<UInt8>, _ place: Int, _ now: Int64, covered: TokenCoverage,
    _ cost: inout CallCost, _ recorder: inout Recorder
  ) -> CallCost.Verdict {
    let main = plans[place].place
    var isMissing = false
    for i in event.iterations.indices {
      let iteration = event.iterations[i]
      let entry = iterationEntry(event, iteration.model, in: line, main: main)
      let own = plan(entry)
      guard own >= 0 else {
        isMissing = true
        recorder.missing(.input, iteration.usage.input)
        continue
      }
      let current = plans[own].historyCount > 0 ? planAt(Self.time(event, now), own) : own
      if charge(iteration.usage, event, in: line, current, now, covered: covered, &cost, &recorder) { isMissing = true }
    }
    return isMissing ? .unpriced(.noRate) : .priced(.table)
  }

  private mutating func iterationEntry(
    _ event: borrowing Event, _ model: Text, in line: Span<UInt8>, main: Int32
  ) -> Int32 {
    if model.isEmpty || event.hasSameBytes(model, event.fields.model, in: line) { return main }
    // All that the look-up goes by.
    var key: [UInt8] = []
    for part in [event.fields.provider, event.fields.region, event.fields.dataResidency, model] {
      event.append(part, in: line, to: &key)
      key.append(0)
    }
    if let known = iterationModels.find(key) { return known }
    let route = book.resolve(CallNames(event, answering: model, in: line)).route
    iterationModels.keep(key, route.answered)
    return route.answered
  }

  // MARK: multipliers

  /// Factors on all tokens: where the request was processed, and how fast.
  @inline(never)
  func multiply<Recorder: CostRecorder>(
    _ factor: inout CostFactor, _ event: borrowing Event, in line: Span<UInt8>, _ place: Int,
    _ recorder: inout Recorder
  ) {
    guard let entry = book.stored(plans[place].place) else { return }
    func multiply(_ key: RateKey) {
      guard let value = book.store.rate(key, of: entry) else { return }
      factor.multiply(by: value)
      recorder.factor(key, value)
    }
    let residency = event.fields.dataResidency.isEmpty ? event.fields.region : event.fields.dataResidency
    if event.hasBytes(residency, "eu", in: line) { multiply(RateKey(.upliftEU)) }
    if event.hasBytes(residency, "us", in: line) { multiply(RateKey(.upliftUS)) }
    let region = event.fields.region
    if !region.isEmpty, !event.hasBytes(region, "global", in: line) { multiply(RateKey(.upliftEndpoint)) }
    let isAnthropic = entry.traits.contains(.isAnthropic)
    if event.fields.fastSpeed, isAnthropic { multiply(RateKey(.fast)) }
    let geo = event.fields.inferenceGeo
    guard !geo.isEmpty, isAnthropic || entry.traits.contains(.isBedrock) else { return }
    let geographies = book.store.geographies
    for place in geographies.indices.dropFirst() where event.hasBytes(geo, geographies[place], in: line) {
      multiply(RateKey(.geo, step: place))
    }
  }
}

/// Entries of the models that iterations name: few, and asked for again and again.
struct IterationModels: Sendable {
  private var keys: [[UInt8]] = []
  private var entries: [Int32] = []
  private var oldest = 0
  private static let maxCount = 32

  func find(_ key: [UInt8]) -> Int32? {
    keys.firstIndex(of: key).map { entries[$0] }
  }

  mutating func keep(_ key: [UInt8], _ entry: Int32) {
    if keys.count < Self.maxCount {
      keys.append(key)
      entries.append(entry)
    } else {
      keys[oldest] = key
      entries[oldest] = entry
      oldest = (oldest + 1) % Self.maxCount
    }
  }
}

extension Event {
  /// Whether a text is this word, letter case aside.
  func hasBytes(_ text: Text, _ word: String, in line: Span<UInt8>) -> Bool {
    withBytes(of: text, in: line) { bytes in
      guard bytes.count == word.utf8.count else { return false }
      var at = 0
      for byte in word.utf8 {
        if PriceEntryStore.fold(bytes[at]) != PriceEntryStore.fold(byte) { return false }
        at += 1
      }
      return true
    }
  }

  func hasSameBytes(_ a: Text, _ b: Text, in line: Span<UInt8>) -> Bool {
    guard a.count == b.count else { return false }
    return withBytes(of: a, in: line) { left in
      withBytes(of: b, in: line) { right in
        for i in left.indices where left[i] != right[i] { return false }
        return true
      }
    }
  }
}
