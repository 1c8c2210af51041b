/// One source of prices, in the form of LiteLLM's published table.
public struct PriceLayer: Hashable, Sendable {
  enum Content: Hashable, Sendable {
    case shipped
    case bytes([UInt8])
  }

  /// What messages call it: a path, a URL.
  public var name: String
  var content: Content
  var isOverride: Bool

  /// The table that is part of the program.
  public static let shipped = PriceLayer(name: "shipped", content: .shipped, isOverride: false)

  /// A table that a user dropped in, or that was fetched. Its entries replace entries of the same name.
  public static func table(_ bytes: [UInt8], name: String) -> PriceLayer {
    PriceLayer(name: name, content: .bytes(bytes), isOverride: false)
  }

  /// Prices that the configuration sets: looked up before all tables, whichever name they stand under. One without
  /// `litellm_provider` holds at any provider.
  public static func overrides(_ bytes: [UInt8], name: String) -> PriceLayer {
    PriceLayer(name: name, content: .bytes(bytes), isOverride: true)
  }
}

/// What a model's price is, for all models, and which name means which model. Never changes once made.
public final class PriceBook: Sendable {
  /// Bytes of a table that are read at most.
  public static let maxTableBytes = 64 << 20

  let store: PriceEntryStore
  /// From the configuration: names as events carry them, and what they stand for.
  public let aliases: ModelAliases
  /// Models that can be looked up.
  public let count: Int
  /// Models with a price of some kind.
  public let pricedCount: Int
  /// The newest date of a table, and a hash of all that prices: the same version, the same costs.
  public let version: String
  /// Entries that were left out, the first hundred of each layer.
  public let problems: [PriceProblem]
  /// All of them.
  public let problemCount: Int

  /// A book without any price.
  public init() {
    store = PriceEntryStore()
    aliases = ModelAliases([:])
    count = 0
    pricedCount = 0
    version = store.contentHash(aliases: [:])
    problems = []
    problemCount = 0
  }

  /// Makes a book of layers, the weakest first. Overrides rank above all tables, whatever their place.
  ///
  /// A bad entry is left out and told in `problems`; a layer that is no table at all is an error.
  public init(layers: [PriceLayer], aliases: [String: String] = [:]) throws(PriceTableError) {
    var store = PriceEntryStore()
    var problems: [PriceProblem] = []
    var problemCount = 0
    var date = ""
    // The strongest first: then a stored entry is never replaced, and no dead one takes up memory.
    for (rank, layer) in layers.reversed().enumerated() {
      var reader = PriceTableReader(
        file: layer.name, layer: UInt8(clamping: rank), isOverride: layer.isOverride)
      switch layer.content {
      case .shipped: try ShippedTable.read(with: &reader, into: &store)
      case .bytes(let bytes):
        guard bytes.count <= Self.maxTableBytes else {
          throw PriceTableError(file: layer.name, fault: .tooLarge(bytes: bytes.count, limit: Self.maxTableBytes))
        }
        try reader.read(bytes.span, into: &store)
      }
      problems += reader.problems
      problemCount += reader.problemCount
      date = max(date, reader.date)
    }
    store.finish()
    self.store = store
    self.aliases = ModelAliases(aliases)
    self.problems = problems
    self.problemCount = problemCount
    count = store.entries.count { !$0.traits.contains(.isFormer) }
    pricedCount = store.entries.count { $0.traits.contains(.hasRates) && !$0.traits.contains(.isFormer) }
    version = (date.isEmpty ? "" : date + "+") + store.contentHash(aliases: aliases)
  }

  /// Judges a table that was fetched before it is put to use.
  /// - Returns: what was left out of it.
  /// - Throws: where it is no table, or holds fewer than `least` models with prices.
  public static func validate(
    _ bytes: [UInt8], name: String, atLeast least: Int = 1
  ) throws(PriceTableError) -> [PriceProblem] {
    let book = try PriceBook(layers: [.table(bytes, name: name)])
    guard book.pricedCount >= least else {
      throw PriceTableError(file: name, fault: .tooFewModels(found: book.pricedCount, atLeast: least))
    }
    return book.problems
  }

  /// The provider of an entry in OpenTelemetry's spelling, or "".
  public func provider(of entry: Int32) -> String {
    guard let stored = stored(entry) else { return "" }
    return store.foldedProvider(of: stored)
  }

  public func name(of entry: Int32) -> String {
    guard let stored = stored(entry) else { return "" }
    return store.name(of: stored)
  }

  /// 0 where it is not known.
  public func maxInputTokens(of entry: Int32) -> Int64 {
    Int64(stored(entry)?.maxInputTokens ?? 0)
  }

  func stored(_ entry: Int32) -> StoredEntry? {
    guard entry >= 0, Int(entry) < store.entries.count else { return nil }
    return store.entries[Int(entry)]
  }
}

/// A model's prices, for people to read.
public struct PriceEntry: Sendable {
  public var index: Int32
  public var name: String
  /// As the table spells it.
  public var provider: String
  public var isOverride: Bool
  public var maxInputTokens: Int64
  /// LiteLLM's key (the tiers of lists written `tiered_pricing[0].…`), and dollars as exact decimal text.
  public var rates: [(key: String, dollars: String)]
}

extension PriceBook {
  /// All entries in the order of their names.
  public func entries() -> [PriceEntry] {
    store.entries.indices
      .filter { !store.entries[$0].traits.contains(.isFormer) }
      .map { entry(Int32($0)) }
      .sorted { ($0.name, $0.index) < ($1.name, $1.index) }
  }

  public func entry(_ index: Int32) -> PriceEntry {
    let stored = stored(index) ?? StoredEntry()
    let rates = store.rates(of: stored).map { i in
      let key = RateKey(packed: store.rateKeys[i])
      return (store.keyName(key), FixedPoint.text(Int128(store.rateValues[i]), scale: key.kind?.scale ?? 0))
    }
    return PriceEntry(
      index: index, name: store.name(of: stored), provider: store.provider(of: stored),
      isOverride: stored.traits.contains(.isOverride), maxInputTokens: Int64(stored.maxInputTokens),
      rates: rates.sorted { $0.0 < $1.0 })
  }
}

extension PriceEntryStore {
  /// A rate's key as LiteLLM writes it.
  func keyName(_ key: RateKey) -> String {
    guard let kind = key.kind, let tier = key.tier else { return "" }
    switch (kind, tier) {
    case (.geo, _): return "\(kind.name).\(geographies[min(key.step, geographies.count - 1)])"
    case (.fast, _): return "\(kind.name).fast"
    case (.webSearch, _): return "\(kind.name).search_context_size_medium"
    case (_, .ranged): return "tiered_pricing[\(key.step - 1)].\(kind.name)"
    case (_, .offPeak): return "off_peak_pricing.\(kind.name)"
    default:
      let tokens = key.step < thresholds.count ? thresholds[key.step] : 0
      let above = tokens == 0 ? "" : "_above_\(tokens % 1000 == 0 ? "\(tokens / 1000)k" : "\(tokens)")_tokens"
      return kind.name + above + tier.suffix
    }
  }

  /// Gives back what growing took in advance.
  mutating func finish() {
    entries = Self.tight(entries)
    names = Self.tight(names)
    rateKeys = Self.tight(rateKeys)
    rateValues = Self.tight(rateValues)
  }

  private static func tight<Element>(_ array: [Element]) -> [Element] {
    var copy: [Element] = []
    copy.reserveCapacity(array.count)
    copy.append(contentsOf: array)
    return copy
  }

  /// 12 hexadecimal digits over everything that a price depends on.
  func contentHash(aliases: [String: String]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt64) {
      hash = (hash ^ word) &* 0x9e37_79b9_7f4a_7c15
      hash ^= hash >> 32
    }
    for byte in names { mix(UInt64(byte)) }
    for i in rateKeys.indices { mix(UInt64(rateKeys[i]) << 48 ^ rateValues[i]) }
    for entry in entries {
      mix(UInt64(entry.nameCount) << 32 | UInt64(entry.rateCount) << 16 | UInt64(entry.traits.rawValue & 0xffff))
      mix(UInt64(bitPattern: entry.validUntil))
    }
    for range in ranges { mix(UInt64(bitPattern: range.above) ^ UInt64(bitPattern: range.through) << 1) }
    for threshold in thresholds { mix(UInt64(bitPattern: threshold)) }
    for window in windows { mix(UInt64(window.weekdays) << 32 | UInt64(window.start) << 16 | UInt64(window.end)) }
    for (name, target) in aliases.sorted(by: { $0.key < $1.key }) {
      for byte in name.utf8 { mix(UInt64(byte)) }
      for byte in target.utf8 { mix(UInt64(byte) | 1 << 8) }
    }
    let digits = String(hash >> 16, radix: 16)
    return String(repeating: "0", count: max(0, 12 - digits.utf8.count)) + digits
  }
}
