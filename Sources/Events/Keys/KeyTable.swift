/// In which object a key stands, or of which list a word comes: the same spelling means different things.
enum KeyContext: UInt8, CaseIterable {
  case event, error, errorDetails, labels, metadata, tags, billing, tierObject
  case usage, inputDetails, outputDetails, cachedDetails, cacheLifetimes, serverTools, cost, costDetails
  case vercelInput, vercelOutput, billedUnits, cohereTokens, flatTokens, metrics, toolUsage, webSearchTool
  case modality, cacheDetail, groundingTool, tokenResult
  // Words that stand as values.
  case eventWord, statusWord, cacheWord, booleanWord, ratingWord, categoryWord, evaluatorWord, gaugeWord
  case errorWord, finishWord, tierWord, operationWord, modalityWord
}

/// One spelling that the decoder knows.
struct KeyRow {
  var context: KeyContext
  var name: String
  /// Where the value goes, counted from the base of the object's group; for words, what they mean.
  var slot: Int
  /// Which of several spellings of one field wins: the lowest.
  var rank: Int
  /// What an object behind the key is read as; nil: it is kept as a place in the line, to be read when needed.
  var child: KeyContext?
  /// Added to the base for the child's slots.
  var childBase: Int
  /// An object behind the key leaves its place in the slot, too.
  var keepsObject = false
}

/// A key that was found.
struct KeyMatch: BitwiseCopyable {
  /// Numbers the keys of one context, to find those that stand twice.
  var identity: UInt16
  var slot: UInt16
  var childBase: UInt16
  var rank: UInt8
  var child: UInt8
  /// Which of the configured label keys this is, too.
  var label: UInt8
  var keepsObject: Bool

  static let none: UInt8 = 255
}

/// All spellings in one hash table, built once from `KeyRow`s; finding a key takes one multiplication and,
/// nearly always, one comparison.
struct KeyTable: Sendable {
  private struct Entry: Sendable {
    /// The first and the last eight bytes of the name (of a shorter one: all of it, twice).
    var first: UInt64
    var last: UInt64
    var nameOffset: UInt32
    var context: UInt8
    var length: UInt8
    var match: KeyMatch
  }

  private static let slotBits: UInt64 = 12
  private static let free = UInt16.max

  private var index: [UInt16]
  private var entries: [Entry] = []
  private var names: [UInt8] = []
  private var identities: [Int]

  /// A later row never replaces an earlier one of the same context and name, but a label key joins it.
  init(rows: [KeyRow], labelKeys: [String]) {
    index = Array(repeating: KeyTable.free, count: 1 << Int(KeyTable.slotBits))
    identities = Array(repeating: 0, count: KeyContext.allCases.count)
    for row in rows { insert(row) }
    for (label, key) in labelKeys.enumerated() {
      for (rank, context) in [KeyContext.labels, .metadata, .tags].enumerated() {
        insert(
          KeyRow(context: context, name: key, slot: SlotLayout.nowhere, rank: rank, child: nil, childBase: 0),
          label: label)
      }
    }
  }

  private mutating func insert(_ row: KeyRow, label: Int? = nil) {
    let bytes = Array(row.name.utf8)
    guard bytes.count <= KeyTable.longestName else { return }
    let (first, last) = KeyTable.words(bytes.span, 0, bytes.count)
    var place = KeyTable.hash(row.context.rawValue, first, last, bytes.count)
    while index[place] != KeyTable.free {
      let entry = Int(index[place])
      if matches(entries[entry], row.context.rawValue, first, last, bytes.span, 0, bytes.count) {
        if let label { entries[entry].match.label = UInt8(label) }
        return
      }
      place = (place + 1) & (index.count - 1)
    }
    index[place] = UInt16(entries.count)
    let identity = identities[Int(row.context.rawValue)]
    identities[Int(row.context.rawValue)] += 1
    entries.append(
      Entry(
        first: first, last: last, nameOffset: UInt32(names.count), context: row.context.rawValue,
        length: UInt8(bytes.count),
        match: KeyMatch(
          identity: UInt16(identity), slot: UInt16(row.slot), childBase: UInt16(row.childBase), rank: UInt8(row.rank),
          child: row.child?.rawValue ?? KeyMatch.none, label: label.map(UInt8.init) ?? KeyMatch.none,
          keepsObject: row.keepsObject)))
    names += bytes
  }

  static let longestName = 255

  @inline(__always)
  private static func words(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> (first: UInt64, last: UInt64) {
    if length >= 8 { return (bytes.word(at: start), bytes.word(at: start &+ length &- 8)) }
    let word = bytes.shortWord(start, length)
    return (word, word)
  }

  @inline(__always)
  private static func hash(_ context: UInt8, _ first: UInt64, _ last: UInt64, _ length: Int) -> Int {
    let seed = UInt64(context) << 8 | UInt64(truncatingIfNeeded: length)
    let mixed = (first ^ seed &* 0x9E37_79B9_7F4A_7C15) &+ (last << 29 | last >> 35)
    return Int(truncatingIfNeeded: ((mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93) >> (64 &- slotBits))
  }

  /// `first` and `last` cover names of up to 16 bytes; what lies between them is compared by words that overlap.
  @inline(__always)
  private func matches(
    _ entry: Entry, _ context: UInt8, _ first: UInt64, _ last: UInt64, _ bytes: Span<UInt8>, _ start: Int, _ length: Int
  ) -> Bool {
    guard entry.first == first, entry.last == last, Int(entry.length) == length, entry.context == context else {
      return false
    }
    guard length > 16 else { return true }
    let names = names.span
    let offset = Int(entry.nameOffset)
    var i = 8
    while i < length &- 8 {
      if names.word(at: offset &+ i) != bytes.word(at: start &+ i) { return false }
      i &+= 8
    }
    return true
  }

  /// Finds the name that stands in `bytes` from `start` on.
  @inline(__always)
  func find(_ context: KeyContext, _ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> KeyMatch? {
    guard length <= KeyTable.longestName else { return nil }
    let (first, last) = KeyTable.words(bytes, start, length)
    var place = KeyTable.hash(context.rawValue, first, last, length)
    while index[place] != KeyTable.free {
      let entry = entries[Int(index[place])]
      if matches(entry, context.rawValue, first, last, bytes, start, length) { return entry.match }
      place = (place &+ 1) & (index.count &- 1)
    }
    return nil
  }

  /// What a word means in its list.
  func word(_ context: KeyContext, _ bytes: Span<UInt8>) -> Int? {
    find(context, bytes, 0, bytes.count).map { Int($0.slot) }
  }
}
