import CivilTime

/// Reads a table in the form of LiteLLM's into a store, in one pass over its bytes.
struct PriceTableReader {
  static let maxModels = 200_000
  static let maxProblems = 100
  private static let maxRatesOfEntry = 1_000
  private static let maxListItems = 60

  let file: String
  let layer: UInt8
  let isOverride: Bool
  var problems: [PriceProblem] = []
  /// Problems beyond `maxProblems` are counted only.
  var problemCount = 0
  /// When the table was made, as its own `_table` entry says.
  var date = ""
  /// Entries with a price.
  var pricedCount = 0

  var cursor = JSONCursor()
  var actions = PriceKeyActions()
  private var providers = KnownWords()
  private var modes = KnownWords()
  var draft = EntryDraft()

  init(file: String, layer: UInt8, isOverride: Bool) {
    self.file = file
    self.layer = layer
    self.isOverride = isOverride
  }

  mutating func read(_ bytes: Span<UInt8>, into store: inout PriceEntryStore) throws(PriceTableError) {
    do throws(JSONSyntaxError) {
      store.reserve(models: bytes.count / 200)
      if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { cursor.at = 3 }
      try cursor.take(UInt8(ascii: "{"), bytes, expected: "an object of models")
      var isFirst = true
      var models = 0
      while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "}")) {
        models += 1
        if models > Self.maxModels { throw JSONSyntaxError(offset: -1, expected: "fewer models") }
        try readModel(bytes, into: &store)
      }
      cursor.skipSpace(bytes)
      guard cursor.at == bytes.count else { throw JSONSyntaxError(offset: cursor.at, expected: "the end of the file") }
    } catch {
      if error.offset < 0 { throw PriceTableError(file: file, fault: .tooManyModels(limit: Self.maxModels)) }
      throw PriceTableError(
        file: file, fault: .syntax(offset: error.offset, expected: error.expected.description))
    }
  }

  // MARK: one model

  private mutating func readModel(_ bytes: Span<UInt8>, into store: inout PriceEntryStore) throws(JSONSyntaxError) {
    let (range, isEscaped) = try cursor.key(bytes)
    draft.reset()
    if PriceKeyActions.isNoModel(range, bytes) {
      try readTableFacts(bytes)
      return
    }
    guard cursor.peek(bytes) == UInt8(ascii: "{") else {
      draft.name(range, isEscaped, bytes)
      report("", "expected an object")
      return try cursor.skipValue(bytes)
    }
    draft.name(range, isEscaped, bytes)
    cursor.at += 1
    try readMembers(bytes, into: &store, tier: .base, step: 0, allowsLists: true)
    if !draft.isRefused { commit(into: &store) }
  }

  /// The `_table` entry of our own tables; LiteLLM's `sample_spec` and `fallback_generalizations` are passed.
  private mutating func readTableFacts(_ bytes: Span<UInt8>) throws(JSONSyntaxError) {
    guard cursor.peek(bytes) == UInt8(ascii: "{") else { return try cursor.skipValue(bytes) }
    cursor.at += 1
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "}")) {
      let key = try cursor.key(bytes)
      if JSONCursor.spells("date", key.range, bytes), cursor.peek(bytes) == UInt8(ascii: "\"") {
        let value = try cursor.string(bytes)
        date = JSONCursor.text(value.range, isEscaped: value.isEscaped, bytes) ?? ""
      } else {
        try cursor.skipValue(bytes)
      }
    }
  }

  /// The members of an entry, or of an object in its lists (`tier` and `step` say which); the opening bracket is taken.
  /// Lists stand in entries only, so what is read has a depth of its own, however deep the text goes.
  private mutating func readMembers(
    _ bytes: Span<UInt8>, into store: inout PriceEntryStore, tier: PriceTier, step: Int, allowsLists: Bool = false
  ) throws(JSONSyntaxError) {
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "}")) {
      let key = try cursor.key(bytes)
      let start = cursor.at
      switch actions.action(key.range, bytes, &store) {
      case .ignore: try cursor.skipValue(bytes)
      case .full:
        refuse(key.range, bytes, expected: "at most \(RateKey.maxStep) different thresholds in all tables")
        try cursor.skipValue(bytes)
      case .rate(let name):
        // A list's own rates know no further tiers.
        guard tier == .base || (name.tier == .base && name.step == 0) else {
          try cursor.skipValue(bytes)
          continue
        }
        let rateKey = tier == .base ? name : RateKey(name.kind ?? .input, tier, step: step)
        try readRate(rateKey, key.range, bytes)
      case .provider: try readProvider(bytes, &store)
      case .mode: try readMode(bytes)
      case .maxInputTokens: try readLimit(bytes)
      case .searchUnit:
        if try readText(bytes) == "per_query" { draft.entry.traits.insert(.searchPerQuery) }
      case .searchCost: try readSearchCost(key.range, bytes)
      case .specific: try readSpecific(bytes, &store)
      case .tiers where allowsLists: try readTiers(key.range, bytes, &store)
      case .offPeak where allowsLists: try readOffPeak(key.range, bytes, &store)
      case .history where allowsLists: try readHistory(key.range, bytes, &store)
      default: try cursor.skipValue(bytes)
      }
      if cursor.at == start { throw JSONSyntaxError(offset: start, expected: "a value") }
    }
  }

  // MARK: values

  private mutating func readRate(_ key: RateKey, _ name: Range<Int>, _ bytes: Span<UInt8>) throws(JSONSyntaxError) {
    guard let kind = key.kind else { return try cursor.skipValue(bytes) }
    var range: Range<Int>
    switch cursor.peek(bytes) {
    case UInt8(ascii: "\""): range = try cursor.string(bytes).range
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      refuse(name, bytes, expected: "a number")
      return try cursor.skipValue(bytes)
    default:
      range = try cursor.scalar(bytes)
      if JSONCursor.spells("null", range, bytes) { return }
    }
    guard let value = FixedPoint.parse(bytes, in: range, scale: kind.scale) else {
      return refuse(name, bytes, expected: "a number of dollars that is not negative")
    }
    guard value <= kind.limit else {
      return refuse(name, bytes, expected: kind.limitText)
    }
    if kind.isMultiplier, value == 0 { return refuse(name, bytes, expected: "a factor above 0") }
    guard draft.keys.count < Self.maxRatesOfEntry else {
      return refuse(name, bytes, expected: "at most \(Self.maxRatesOfEntry) rates")
    }
    draft.add(key, value)
  }

  /// The same hundred and fifty words stand in thousands of entries: no text is made of one that was met before.
  private mutating func readProvider(
    _ bytes: Span<UInt8>, _ store: inout PriceEntryStore
  ) throws(JSONSyntaxError) {
    let start = cursor.at
    try cursor.skipValue(bytes)
    let end = cursor.at
    if let known = providers.find(start..<end, bytes) {
      draft.entry.provider = UInt16(clamping: known)
      return
    }
    cursor.at = start
    guard let text = try readText(bytes) else { return }
    guard let place = store.provider(text) else { return report("litellm_provider", "too many providers") }
    draft.entry.provider = UInt16(clamping: place)
    providers.keep(start..<end, bytes, place)
  }

  private mutating func readMode(_ bytes: Span<UInt8>) throws(JSONSyntaxError) {
    let start = cursor.at
    try cursor.skipValue(bytes)
    let end = cursor.at
    if let known = modes.find(start..<end, bytes), let mode = PriceMode(rawValue: UInt8(clamping: known)) {
      draft.entry.mode = mode
      return
    }
    cursor.at = start
    guard let text = try readText(bytes) else { return }
    draft.entry.mode = PriceMode(text)
    modes.keep(start..<end, bytes, Int(draft.entry.mode.rawValue))
  }

  private mutating func readText(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> String? {
    guard cursor.peek(bytes) == UInt8(ascii: "\"") else {
      try cursor.skipValue(bytes)
      return nil
    }
    let value = try cursor.string(bytes)
    guard value.range.count <= 128 else { return nil }
    return JSONCursor.text(value.range, isEscaped: value.isEscaped, bytes)
  }

  /// A count of tokens; what is none says nothing, and prices go without.
  private mutating func readLimit(_ bytes: Span<UInt8>) throws(JSONSyntaxError) {
    let start = cursor.at
    try cursor.skipValue(bytes)
    var range = start..<cursor.at
    while let first = range.first, bytes[first] <= 0x20 || bytes[first] == UInt8(ascii: "\"") {
      range = range.dropFirst()
    }
    while let last = range.last, bytes[last] == UInt8(ascii: "\"") { range = range.dropLast() }
    if let tokens = FixedPoint.parse(bytes, in: range, scale: 0) {
      draft.entry.maxInputTokens = UInt32(clamping: tokens)
    }
  }

  /// Events do not say which size of search context was asked for: the medium one prices.
  private mutating func readSearchCost(_ name: Range<Int>, _ bytes: Span<UInt8>) throws(JSONSyntaxError) {
    guard cursor.peek(bytes) == UInt8(ascii: "{") else { return try readRate(RateKey(.webSearch), name, bytes) }
    cursor.at += 1
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "}")) {
      let key = try cursor.key(bytes)
      if JSONCursor.spells("search_context_size_medium", key.range, bytes) {
        try readRate(RateKey(.webSearch), name, bytes)
      } else {
        try cursor.skipValue(bytes)
      }
    }
  }

  /// `provider_specific_entry` holds anything; what is a number under a short name may be a factor.
  private mutating func readSpecific(
    _ bytes: Span<UInt8>, _ store: inout PriceEntryStore
  ) throws(JSONSyntaxError) {
    guard cursor.peek(bytes) == UInt8(ascii: "{") else { return try cursor.skipValue(bytes) }
    cursor.at += 1
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "}")) {
      let key = try cursor.key(bytes)
      let first = cursor.peek(bytes)
      guard first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9"), key.range.count <= 12,
        let name = JSONCursor.text(key.range, isEscaped: key.isEscaped, bytes)
      else {
        try cursor.skipValue(bytes)
        continue
      }
      let number = try cursor.scalar(bytes)
      guard let factor = FixedPoint.parse(bytes, in: number, scale: RateKind.geo.scale),
        factor > 0, factor <= RateKind.geo.limit
      else { continue }
      if name == "fast" {
        draft.add(RateKey(.fast), factor)
      } else if let place = store.geography(name.lowercased()) {
        draft.add(RateKey(.geo, step: place), factor)
      }
    }
  }

  // MARK: lists of prices

  private mutating func readTiers(
    _ name: Range<Int>, _ bytes: Span<UInt8>, _ store: inout PriceEntryStore
  ) throws(JSONSyntaxError) {
    guard cursor.peek(bytes) == UInt8(ascii: "[") else {
      refuse(name, bytes, expected: "a list")
      return try cursor.skipValue(bytes)
    }
    cursor.at += 1
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "]")) {
      guard cursor.peek(bytes) == UInt8(ascii: "{"), draft.ranges.count < Self.maxListItems else {
        refuse(name, bytes, expected: "a list of at most \(Self.maxListItems) objects")
        try cursor.skipValue(bytes)
        continue
      }
      // Twice over the same object: its range first, then its rates.
      let start = cursor.at
      guard let range = try readRange(bytes) else { continue }
      let end = cursor.at
      draft.ranges.append(range)
      cursor.at = start + 1
      try readMembers(bytes, into: &store, tier: .ranged, step: draft.ranges.count)
      cursor.at = end
    }
  }

  /// The `range` of a tier's object, or nil where it has none (lists of another kind).
  private mutating func readRange(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> TokenRange? {
    cursor.at += 1
    var bounds: [UInt64] = []
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "}")) {
      let key = try cursor.key(bytes)
      guard JSONCursor.spells("range", key.range, bytes),
        cursor.peek(bytes) == UInt8(ascii: "[")
      else {
        try cursor.skipValue(bytes)
        continue
      }
      cursor.at += 1
      var isFirstBound = true
      while try cursor.next(bytes, isFirst: &isFirstBound, closing: UInt8(ascii: "]")) {
        guard cursor.peek(bytes) != UInt8(ascii: "n") else {
          // `null`: without an end.
          _ = try cursor.scalar(bytes)
          if bounds.count == 1 { bounds.append(.max) }
          continue
        }
        let start = cursor.at
        try cursor.skipValue(bytes)
        if bounds.count < 3, let bound = FixedPoint.parse(bytes, in: start..<cursor.at, scale: 0) {
          bounds.append(bound)
        }
      }
    }
    guard bounds.count == 2 else { return nil }
    return TokenRange(above: Int64(clamping: bounds[0]), through: Int64(clamping: bounds[1]))
  }

  private mutating func readOffPeak(
    _ name: Range<Int>, _ bytes: Span<UInt8>, _ store: inout PriceEntryStore
  ) throws(JSONSyntaxError) {
    guard cursor.peek(bytes) == UInt8(ascii: "{") else {
      refuse(name, bytes, expected: "an object")
      return try cursor.skipValue(bytes)
    }
    let start = cursor.at
    var schedule = OffPeakSchedule()
    let fault = try schedule.read(&cursor, bytes)
    let end = cursor.at
    if let fault { refuse(name, bytes, expected: fault) }
    draft.windows = schedule.windows
    cursor.at = start + 1
    try readMembers(bytes, into: &store, tier: .offPeak, step: 0)
    cursor.at = end
  }

  /// Our own addition: `price_history`, a list of former prices, each whole, with the day it ended as `until`.
  private mutating func readHistory(
    _ name: Range<Int>, _ bytes: Span<UInt8>, _ store: inout PriceEntryStore
  ) throws(JSONSyntaxError) {
    guard cursor.peek(bytes) == UInt8(ascii: "[") else {
      refuse(name, bytes, expected: "a list")
      return try cursor.skipValue(bytes)
    }
    cursor.at += 1
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "]")) {
      guard cursor.peek(bytes) == UInt8(ascii: "{"), draft.former.count < Self.maxListItems else {
        refuse(name, bytes, expected: "a list of at most \(Self.maxListItems) objects")
        try cursor.skipValue(bytes)
        continue
      }
      let start = cursor.at
      let until = try readUntil(bytes)
      let end = cursor.at
      guard let until else {
        refuse(name, bytes, expected: "a date, until: \"2025-12-31\"")
        continue
      }
      var former = EntryDraft()
      swap(&former, &draft)
      draft.isRefused = former.isRefused
      cursor.at = start + 1
      try readMembers(bytes, into: &store, tier: .base, step: 0)
      cursor.at = end
      swap(&former, &draft)
      draft.isRefused = former.isRefused
      draft.former.append((until, former.keys, former.values))
    }
  }

  private mutating func readUntil(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> Int64? {
    cursor.at += 1
    var until: Int64? = nil
    var isFirst = true
    while try cursor.next(bytes, isFirst: &isFirst, closing: UInt8(ascii: "}")) {
      let key = try cursor.key(bytes)
      guard JSONCursor.spells("until", key.range, bytes) else {
        try cursor.skipValue(bytes)
        continue
      }
      if let text = try readText(bytes) { until = Self.firstMoment(of: text) }
    }
    return until
  }

  /// Of a day such as `2025-12-31`, UTC, in nanoseconds since 1970.
  private static func firstMoment(of day: String) -> Int64? {
    let parts = day.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 3, let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2]),
      (1970...2200).contains(year), let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    return Int64(date.daysSinceEpoch) * 86_400_000_000_000
  }
}
