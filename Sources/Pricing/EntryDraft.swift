/// An entry while it is read: it reaches the store whole, or not at all.
struct EntryDraft {
  var entry = StoredEntry()
  var nameBytes: [UInt8] = []
  var keys: [UInt16] = []
  var values: [UInt64] = []
  var ranges: [TokenRange] = []
  var windows: [OffPeakWindow] = []
  var former: [(until: Int64, keys: [UInt16], values: [UInt64])] = []
  /// Something is wrong with it, and was told.
  var isRefused = false

  mutating func reset() {
    entry = StoredEntry()
    keys.removeAll(keepingCapacity: true)
    values.removeAll(keepingCapacity: true)
    // Most entries have none of these.
    if !ranges.isEmpty { ranges.removeAll() }
    if !windows.isEmpty { windows.removeAll() }
    if !former.isEmpty { former.removeAll() }
    isRefused = false
  }

  /// Takes the name; `nameBytes` is empty where it is none in UTF-8.
  mutating func name(_ range: Range<Int>, _ isEscaped: Bool, _ bytes: Span<UInt8>) {
    nameBytes.removeAll(keepingCapacity: true)
    nameBytes.reserveCapacity(range.count)
    var at = range.lowerBound
    var seen: UInt8 = 0
    while at < range.upperBound {
      seen |= bytes[at]
      nameBytes.append(bytes[at])
      at &+= 1
    }
    if isEscaped || seen >= 0x80 {
      nameBytes = Array((JSONCursor.text(range, isEscaped: isEscaped, bytes) ?? "").utf8)
    }
  }

  /// A key given twice counts as given last.
  mutating func add(_ key: RateKey, _ value: UInt64) {
    if let place = keys.firstIndex(of: key.packed) {
      values[place] = value
    } else {
      keys.append(key.packed)
      values.append(value)
    }
  }
}

extension PriceTableReader {
  static let maxNameBytes = 512

  mutating func report(_ key: String, _ message: String, expected: String = "") {
    problemCount += 1
    guard problems.count < Self.maxProblems else { return }
    problems.append(
      PriceProblem(
        file: file, model: String(decoding: draft.nameBytes, as: UTF8.self), key: key, message: message,
        expected: expected))
  }

  /// Leaves the entry out: a price that is right in parts only would be a wrong one.
  mutating func refuse(_ key: Range<Int>, _ bytes: Span<UInt8>, expected: String) {
    guard !draft.isRefused else { return }
    let name = JSONCursor.text(key, isEscaped: false, bytes) ?? ""
    report(name, "expected \(expected); the entry is left out", expected: expected)
    draft.isRefused = true
  }

  mutating func commit(into store: inout PriceEntryStore) {
    guard !draft.nameBytes.isEmpty, draft.nameBytes.count <= Self.maxNameBytes else {
      return report("", "a name of 1 to \(Self.maxNameBytes) bytes in UTF-8 is needed")
    }
    let layer = layer
    let hash = PriceEntryStore.foldedHash(draft.nameBytes.span)
    if let place = store.findExactly(draft.nameBytes.span, hash, isOverride: isOverride) {
      // Layers come in order of rank: what is there already stands, and only its missing facts are filled.
      if store.entries[place].layer == layer { return report("", "named twice; the first entry stands") }
      store.fillFacts(of: place, from: draft)
      return
    }
    let place = store.append(draft, hash: hash, layer: layer, isOverride: isOverride)
    if store.entries[place].traits.contains(.hasRates) { pricedCount += 1 }
  }
}

extension PriceEntryStore {
  mutating func fillFacts(of place: Int, from draft: EntryDraft) {
    if entries[place].maxInputTokens == 0 { entries[place].maxInputTokens = draft.entry.maxInputTokens }
    if entries[place].mode == .unspecified { entries[place].mode = draft.entry.mode }
    if entries[place].provider == 0 {
      entries[place].provider = draft.entry.provider
      entries[place].traits.formUnion(traitsByProvider(of: entries[place]))
    }
  }

  mutating func append(_ draft: EntryDraft, hash: UInt64, layer: UInt8, isOverride: Bool) -> Int {
    var entry = draft.entry
    entry.nameStart = UInt32(names.count)
    entry.nameCount = UInt16(draft.nameBytes.count)
    entry.layer = layer
    names.append(contentsOf: draft.nameBytes)
    entry.rangeStart = UInt32(ranges.count)
    entry.rangeCount = UInt8(draft.ranges.count)
    ranges.append(contentsOf: draft.ranges)
    entry.windowStart = UInt32(windows.count)
    entry.windowCount = UInt8(min(draft.windows.count, Int(UInt8.max)))
    windows.append(contentsOf: draft.windows.prefix(Int(entry.windowCount)))
    if isOverride { entry.traits.insert(.isOverride) }
    setRates(draft.keys, draft.values, of: &entry)
    entry.traits.formUnion(traitsByProvider(of: entry))
    let place = entries.count
    entry.historyStart = UInt32(place + 1)
    entry.historyCount = UInt8(draft.former.count)
    entries.append(entry)
    for former in draft.former.sorted(by: { $0.until < $1.until }) {
      var past = entry
      past.traits = entry.traits.intersection([
        .isOverride, .reachesThresholdInclusively, .halvesCachedInput, .searchPerQuery,
      ])
      past.traits.formUnion(traitsByProvider(of: entry))
      past.traits.insert(.isFormer)
      past.validUntil = former.until
      past.historyCount = 0
      past.rangeCount = 0
      past.windowCount = 0
      past.thresholdMask = 0
      let (keys, values) = Self.completed(former.keys, former.values, from: draft)
      setRates(keys, values, of: &past)
      entries.append(past)
    }
    index(place, hash)
    return place
  }

  /// A former price of tokens, with today's factors and prices of other things where it states none: what is known of
  /// former prices is those of tokens.
  private static func completed(
    _ keys: [UInt16], _ values: [UInt64], from current: EntryDraft
  ) -> (keys: [UInt16], values: [UInt64]) {
    var (keys, values) = (keys, values)
    for (key, value) in zip(current.keys, current.values) where !keys.contains(key) {
      if RateKey(packed: key).kind?.isToken ?? true { continue }
      keys.append(key)
      values.append(value)
    }
    return (keys, values)
  }

  private mutating func setRates(_ keys: [UInt16], _ values: [UInt64], of entry: inout StoredEntry) {
    entry.rateStart = UInt32(rateKeys.count)
    entry.rateCount = UInt16(keys.count)
    var prices = 0
    var zeros = 0
    for (key, value) in zip(keys, values) {
      rateKeys.append(key)
      rateValues.append(value)
      let key = RateKey(packed: key)
      guard let kind = key.kind else { continue }
      if key.tier == .decisions { entry.traits.insert(.hasDecisionRates) }
      if key.tier != .ranged, key.tier != .offPeak, !kind.isMultiplier, key.step > 0 {
        entry.thresholdMask |= 1 << UInt64(key.step)
      }
      entry.traits.formUnion(Self.traits(of: kind, value))
      if !kind.isMultiplier {
        prices += 1
        if value == 0 { zeros += 1 }
      }
    }
    if prices > 0 { entry.traits.insert(.hasRates) }
    if prices > 0, prices == zeros { entry.traits.insert(.isFree) }
  }

  private static func traits(of kind: RateKind, _ value: UInt64) -> EntryTraits {
    if kind.isMultiplier { return .hasMultiplier }
    if kind.isToken { return value > 0 ? [.hasTokenRate, .hasTokenPrice] : .hasTokenRate }
    switch kind {
    case .second, .inputSecond, .outputSecond: return .hasSecondPrice
    case .request: return .hasRequestPrice
    default: return []
    }
  }

  private func traitsByProvider(of entry: StoredEntry) -> EntryTraits {
    let traits = providerTraits[Int(entry.provider)]
    return traits.contains(.isGemini) && !name(of: entry).contains("gemini") ? [] : traits
  }
}
