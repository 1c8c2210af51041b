/// What the calls of one entry have in common, laid out for the hot path.
struct EntryPlan: BitwiseCopyable {
  /// The entry's place in the book; -1: nothing here yet.
  var place: Int32 = -1
  var traits = EntryTraits()
  var mode = PriceMode.unspecified
  var rangeCount: UInt8 = 0
  var windowCount: UInt8 = 0
  var historyCount: UInt8 = 0
  /// Calls are billed by something besides tokens.
  var isUnusual = false
  var rangeStart: UInt32 = 0
  var windowStart: UInt32 = 0
  var thresholdMask: UInt64 = 0
  /// Input below it crosses no threshold.
  var firstThreshold: Int64 = .max
  /// The card of the standard case.
  var card = RateCard()

  init() {}

  init(_ place: Int32, _ entry: StoredEntry, _ store: PriceEntryStore) {
    self.place = place
    traits = entry.traits
    mode = entry.mode
    rangeCount = entry.rangeCount
    windowCount = entry.windowCount
    historyCount = entry.historyCount
    rangeStart = entry.rangeStart
    windowStart = entry.windowStart
    thresholdMask = entry.thresholdMask
    for step in store.thresholds.indices where thresholdMask >> UInt64(step) & 1 == 1 {
      firstThreshold = min(firstThreshold, store.thresholds[step])
    }
    isUnusual = traits.contains(.hasRequestPrice) || mode == .search || billsLatency
    card = RateCardMaker(store: store, entry: entry).card(for: CardCase())
  }

  /// A model without a price per token is billed by the time that the whole call took.
  var billsLatency: Bool {
    traits.contains(.hasSecondPrice) && !traits.contains(.hasTokenPrice) && rangeCount == 0
      && (mode == .text || mode == .unspecified)
  }
}

/// A card and what it is for.
struct CardSlot: BitwiseCopyable {
  var place: Int32 = -1
  var request = CardCase()
  var card = RateCard()
}
