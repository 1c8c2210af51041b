/// What a table's reader does with a key.
enum PriceKeyAction: BitwiseCopyable {
  case ignore
  /// A rate over a threshold for which there is no place left.
  case full
  case rate(RateKey)
  case provider, mode, maxInputTokens
  case searchCost, searchUnit, specific
  case tiers, offPeak, history
}

/// A table has some 30,000 keys and 250 different ones: each is taken apart once and found by its hash from then on.
struct PriceKeyActions {
  private static let slotCount = 4096
  /// Beyond this, keys are taken apart each time.
  private static let maxKept = 2048

  /// Hash, or 0 for an empty slot. Two keys of one hash would need 64 bits to agree.
  private var hashes = [UInt64](repeating: 0, count: slotCount)
  private var kept = [PriceKeyAction](repeating: .ignore, count: slotCount)
  private var keptCount = 0

  mutating func action(
    _ range: Range<Int>, _ bytes: Span<UInt8>, _ store: inout PriceEntryStore
  ) -> PriceKeyAction {
    let hash = KnownWords.hash(range, bytes)
    var slot = Int(truncatingIfNeeded: hash ^ hash >> 32) & (Self.slotCount - 1)
    while hashes[slot] != 0 {
      if hashes[slot] == hash { return kept[slot] }
      slot = (slot + 1) & (Self.slotCount - 1)
    }
    let action = Self.classify(JSONCursor.text(range, isEscaped: false, bytes) ?? "", &store)
    if keptCount < Self.maxKept {
      hashes[slot] = hash
      kept[slot] = action
      keptCount += 1
    }
    return action
  }

  private static func classify(_ key: String, _ store: inout PriceEntryStore) -> PriceKeyAction {
    if let action = structured[key] { return action }
    guard let name = RateKeyName(key) else { return .ignore }
    guard let step = store.threshold(name.threshold) else { return .full }
    return .rate(RateKey(name.kind, name.tier, step: step))
  }

  /// Keys that are no plain rates.
  fileprivate static let structured: [String: PriceKeyAction] = [
    "litellm_provider": .provider, "mode": .mode, "max_input_tokens": .maxInputTokens,
    "search_context_cost_per_query": .searchCost, "web_search_billing_unit": .searchUnit,
    "provider_specific_entry": .specific, "tiered_pricing": .tiers, "off_peak_pricing": .offPeak,
    "price_history": .history,
  ]

  /// Members of a table that are no models.
  static func isNoModel(_ name: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard name.count == 6 || name.count == 11 || name.count == 24 else { return false }
    return JSONCursor.spells("_table", name, bytes) || JSONCursor.spells("sample_spec", name, bytes)
      || JSONCursor.spells("fallback_generalizations", name, bytes)
  }
}

/// The keys of an entry that mean something here; others are passed over.
public enum PriceKeys {
  /// Without the suffixes of tiers and thresholds.
  public static let names: [String] =
    PriceKeyActions.structured.keys + RateKind.allCases.map(\.name).filter { RateKeyName($0) != nil }

  public static func isKnown(_ key: String) -> Bool {
    PriceKeyActions.structured[key] != nil || RateKeyName(key) != nil
  }
}

/// Words that were met, by the hash of their bytes, each with a number.
struct KnownWords {
  private static let slotCount = 1024
  private static let maxKept = 512
  private var hashes = [UInt64](repeating: 0, count: slotCount)
  private var numbers = [Int](repeating: 0, count: slotCount)
  private var keptCount = 0

  func find(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
    let hash = Self.hash(range, bytes)
    let slot = slot(of: hash)
    return hashes[slot] == hash ? numbers[slot] : nil
  }

  mutating func keep(_ range: Range<Int>, _ bytes: Span<UInt8>, _ number: Int) {
    guard keptCount < Self.maxKept else { return }
    let hash = Self.hash(range, bytes)
    let slot = slot(of: hash)
    if hashes[slot] != hash { keptCount += 1 }
    hashes[slot] = hash
    numbers[slot] = number
  }

  /// Where a hash is, or has its place. There are always empty slots.
  private func slot(of hash: UInt64) -> Int {
    var slot = Int(truncatingIfNeeded: hash ^ hash >> 32) & (Self.slotCount - 1)
    while hashes[slot] != 0, hashes[slot] != hash { slot = (slot + 1) & (Self.slotCount - 1) }
    return slot
  }

  /// Never 0. Two words of one hash would need 63 bits to agree.
  static func hash(_ range: Range<Int>, _ bytes: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var at = range.lowerBound
    while at < range.upperBound {
      hash = (hash ^ UInt64(bytes[at])) &* 0x100_0000_01b3
      at &+= 1
    }
    return hash | 1
  }
}
