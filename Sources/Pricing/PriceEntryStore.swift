/// A price entry as it lies in memory: where its name and rates are in the store's flat arrays, and facts that decide
/// how a call is priced.
struct StoredEntry: BitwiseCopyable, Sendable {
  var nameStart: UInt32 = 0
  var nameCount: UInt16 = 0
  /// Place in `providers`, 0: none stated.
  var provider: UInt16 = 0
  var rateStart: UInt32 = 0
  var rateCount: UInt16 = 0
  var mode = PriceMode.unspecified
  /// Number of the layer it came from.
  var layer: UInt8 = 0
  var traits = EntryTraits()
  /// At most 2^32 - 1; 0: unknown.
  var maxInputTokens: UInt32 = 0
  var rangeStart: UInt32 = 0
  var windowStart: UInt32 = 0
  var rangeCount: UInt8 = 0
  var windowCount: UInt8 = 0
  var historyCount: UInt8 = 0
  /// Former prices follow as entries of their own, without a name, the oldest first. They have the same number here, so
  /// that the entry that they belong to is the one before it.
  var historyStart: UInt32 = 0
  /// Of a former price: nanoseconds since 1970 at which it ended.
  var validUntil: Int64 = .max
  /// Bit i: rates hold from `thresholds[i]` on.
  var thresholdMask: UInt64 = 0
}

/// What an entry is, as bits.
struct EntryTraits: OptionSet, BitwiseCopyable, Sendable {
  var rawValue: UInt32
  /// At least one price, of whatever.
  static let hasRates = EntryTraits(rawValue: 1 << 0)
  /// At least one price per token that is not 0.
  static let hasTokenPrice = EntryTraits(rawValue: 1 << 1)
  /// Has prices, and each of them is 0.
  static let isFree = EntryTraits(rawValue: 1 << 2)
  /// From the configuration: looked up before all tables.
  static let isOverride = EntryTraits(rawValue: 1 << 3)
  /// A former price of the entry that names it.
  static let isFormer = EntryTraits(rawValue: 1 << 4)
  /// A threshold belongs to the tier above it (xAI).
  static let reachesThresholdInclusively = EntryTraits(rawValue: 1 << 5)
  /// Web search is billed per query, not once per prompt that searched (Gemini).
  static let searchPerQuery = EntryTraits(rawValue: 1 << 6)
  /// Without a rate of its own a cached token costs half of an input token (Fireworks).
  static let halvesCachedInput = EntryTraits(rawValue: 1 << 7)
  static let isGemini = EntryTraits(rawValue: 1 << 8)
  static let isXAI = EntryTraits(rawValue: 1 << 9)
  static let isAnthropic = EntryTraits(rawValue: 1 << 10)
  static let isBedrock = EntryTraits(rawValue: 1 << 11)
  static let hasMultiplier = EntryTraits(rawValue: 1 << 12)
  /// Priced per second of something.
  static let hasSecondPrice = EntryTraits(rawValue: 1 << 13)
  static let hasTokenRate = EntryTraits(rawValue: 1 << 14)
  /// A fee of each call, whatever it used.
  static let hasRequestPrice = EntryTraits(rawValue: 1 << 15)
  /// Calls to OpenAI's decisions endpoint have rates of their own.
  static let hasDecisionRates = EntryTraits(rawValue: 1 << 16)
}

extension EntryTraits {
  init(provider folded: String) {
    switch folded {
    case "x_ai": self = [.reachesThresholdInclusively, .isXAI]
    case "fireworks_ai": self = .halvesCachedInput
    case "anthropic": self = .isAnthropic
    case "aws.bedrock": self = .isBedrock
    // Of Google's, those that are named so.
    case "gcp.gemini", "gcp.vertex_ai": self = .isGemini
    default: self = []
    }
  }
}

/// What kind of call an entry is the price of: LiteLLM's `mode`, as far as it changes the price.
enum PriceMode: UInt8, BitwiseCopyable, Sendable {
  case unspecified, text, image, speech, transcription, rerank, ocr, search, video, other

  init(_ mode: String) {
    switch mode {
    case "chat", "completion", "responses", "embedding", "realtime": self = .text
    case "image_generation", "image_edit": self = .image
    case "audio_speech": self = .speech
    case "audio_transcription": self = .transcription
    case "rerank": self = .rerank
    case "ocr": self = .ocr
    case "search": self = .search
    case "video_generation": self = .video
    default: self = .other
    }
  }
}

/// A range of input tokens, the lower bound excluded.
struct TokenRange: BitwiseCopyable, Sendable {
  var above: Int64
  var through: Int64
}

/// The prices of all models in flat arrays: some hundred bytes an entry, and no object per entry.
///
/// ```
/// entries    [ StoredEntry … ]──┬─► names   [ bytes of all names, one after the other ]
///                               ├─► rateKeys, rateValues [ the rates of an entry, ascending by key ]
///                               ├─► ranges  [ bounds of tiered_pricing ]
///                               └─► windows [ hours of off_peak_pricing ]
/// slots      [ entry + 1, or 0 ]  open addressing by the folded name's hash
/// ```
struct PriceEntryStore: Sendable {
  var entries: [StoredEntry] = []
  var names: [UInt8] = []
  var rateKeys: [UInt16] = []
  var rateValues: [UInt64] = []
  var ranges: [TokenRange] = []
  var windows: [OffPeakWindow] = []
  /// Token thresholds in use, in the order met; place 0 stands for none.
  var thresholds: [Int64] = [0]
  /// Geographies with a factor of their own, lower case; place 0 stands for none.
  var geographies: [String] = [""]
  private(set) var providers: [String] = [""]
  private var providerPlaces: [String: Int] = ["": 0]
  var foldedProviders: [String] = [""]
  /// What an entry is by its provider alone.
  var providerTraits: [EntryTraits] = [[]]
  private var slots: [UInt32] = []
  private var slotsUsed = 0

  // MARK: rates

  func rate(_ key: RateKey, of entry: StoredEntry) -> UInt64? {
    let start = Int(entry.rateStart)
    for i in start..<start + Int(entry.rateCount) where rateKeys[i] == key.packed { return rateValues[i] }
    return nil
  }

  func rates(of entry: StoredEntry) -> Range<Int> {
    Int(entry.rateStart)..<Int(entry.rateStart) + Int(entry.rateCount)
  }

  // MARK: small tables

  /// - Returns: nil where 63 different thresholds are in use already.
  mutating func threshold(_ tokens: Int64) -> Int? {
    if tokens == 0 { return 0 }
    return Self.intern(tokens, in: &thresholds, limit: RateKey.maxStep)
  }

  mutating func geography(_ name: String) -> Int? {
    Self.intern(name, in: &geographies, limit: RateKey.maxStep)
  }

  mutating func provider(_ name: String) -> Int? {
    if let place = providerPlaces[name] { return place }
    guard providers.count <= Int(UInt16.max) else { return nil }
    let folded = foldProvider(name)
    providerPlaces[name] = providers.count
    providers.append(name)
    foldedProviders.append(folded)
    providerTraits.append(EntryTraits(provider: folded))
    return providers.count - 1
  }

  private static func intern<Value: Equatable>(_ value: Value, in table: inout [Value], limit: Int) -> Int? {
    if let place = table.firstIndex(of: value) { return place }
    guard table.count <= limit else { return nil }
    table.append(value)
    return table.count - 1
  }

  // MARK: names

  func name(of entry: StoredEntry) -> String {
    let start = Int(entry.nameStart)
    return String(decoding: names[start..<start + Int(entry.nameCount)], as: UTF8.self)
  }

  func provider(of entry: StoredEntry) -> String { providers[Int(entry.provider)] }
  func foldedProvider(of entry: StoredEntry) -> String { foldedProviders[Int(entry.provider)] }

  /// Entries of this name, letter case aside, the exact spelling first.
  func find(_ name: some StringProtocol, where accepts: (StoredEntry) -> Bool) -> Int? {
    let bytes = Array(name.utf8)
    return find(bytes.span, where: accepts)
  }

  func find(_ name: Span<UInt8>, where accepts: (StoredEntry) -> Bool) -> Int? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: Self.foldedHash(name)) & mask
    var folded: Int? = nil
    // The table is never full, so the search ends.
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      let entry = entries[place]
      switch compare(name, with: entry) {
      case .exact: if accepts(entry) { return place }
      case .folded: if folded == nil, accepts(entry) { folded = place }
      case .different: break
      }
      slot = (slot + 1) & mask
    }
    return folded
  }

  func findExactly(_ name: Span<UInt8>, _ hash: UInt64, isOverride: Bool) -> Int? {
    guard !slots.isEmpty else { return nil }
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 {
      let place = Int(slots[slot]) - 1
      if entries[place].traits.contains(.isOverride) == isOverride, compare(name, with: entries[place]) == .exact {
        return place
      }
      slot = (slot + 1) & mask
    }
    return nil
  }

  private enum Likeness { case exact, folded, different }

  private func compare(_ name: Span<UInt8>, with entry: StoredEntry) -> Likeness {
    guard name.count == Int(entry.nameCount) else { return .different }
    let start = Int(entry.nameStart)
    var isExact = true
    for i in name.indices where name[i] != names[start + i] {
      if Self.fold(name[i]) != Self.fold(names[start + i]) { return .different }
      isExact = false
    }
    return isExact ? .exact : .folded
  }

  /// Makes room at once for about so many.
  mutating func reserve(models: Int) {
    let wanted = entries.count + min(max(models, 0), PriceTableReader.maxModels)
    entries.reserveCapacity(wanted)
    names.reserveCapacity(wanted * 32)
    rateKeys.reserveCapacity(wanted * 6)
    rateValues.reserveCapacity(wanted * 6)
    while slots.count < wanted * 2 { growSlots() }
  }

  mutating func index(_ place: Int, _ hash: UInt64) {
    if slotsUsed * 2 >= slots.count { growSlots() }
    insert(UInt32(place + 1), hash: hash)
    slotsUsed += 1
  }

  private func hash(of entry: StoredEntry) -> UInt64 {
    let start = Int(entry.nameStart)
    return Self.foldedHash(names.span.extracting(start..<start + Int(entry.nameCount)))
  }

  private mutating func insert(_ value: UInt32, hash: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = value
  }

  private mutating func growSlots() {
    let old = slots
    slots = [UInt32](repeating: 0, count: max(64, old.count * 2))
    for value in old where value != 0 { insert(value, hash: hash(of: entries[Int(value) - 1])) }
  }

  /// FNV-1a over the bytes, ASCII letters as small ones, and a final mix so that low bits depend on all.
  static func foldedHash(_ bytes: Span<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for i in bytes.indices { hash = (hash ^ UInt64(fold(bytes[i]))) &* 0x100_0000_01b3 }
    return hash ^ hash >> 29
  }

  @inline(__always)
  static func fold(_ byte: UInt8) -> UInt8 {
    byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
  }
}
