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
  /// Which of several spellings of one field wins: the lowest. In an object it is added to that of the object's key.
  var rank: Int
  /// What an object behind the key is read as; nil: it is kept as a place in the line, to be read when needed.
  var child: KeyContext?
  /// Added to the base for the child's slots.
  var childBase: Int
  /// An object behind the key leaves its place in the slot, too.
  var keepsObject = false
}

/// A key that was found, and the means to find it. 32 bytes.
struct KeyEntry: BitwiseCopyable {
  /// The first and the last eight bytes of the name (of a shorter one: all of it, twice).
  var first: UInt64
  var last: UInt64
  /// The context and the length in one.
  var tag: UInt16
  var nameOffset: UInt16
  var slot: UInt16
  var childBase: UInt16
  /// Numbers the keys of one context, to find those that stand twice.
  var identity: UInt16
  var rank: UInt8
  var child: UInt8
  /// Which of the configured label keys this is, too.
  var label: UInt8
  var keepsObject: Bool

  static let none: UInt8 = 255
}

/// All spellings in one hash table, built once from `KeyRow`s; finding a key takes two multiplications and, nearly
/// always, one comparison.
///
/// The arrays are plain memory that never changes after `init`, so that a look-up pays no reference counting:
/// `index` has 2^12 places, of which each holds the number of an entry or `free`; a place is 12 bits of a hash.
@safe final class KeyTable: @unchecked Sendable {
  private static let placeBits: UInt64 = 12
  private static let places = 1 << Int(placeBits)
  private static let free = UInt16.max
  static let longestName = 255
  /// Leaves at least half of the places free.
  private static let entryLimit = 1 << 11

  private let index: UnsafeMutablePointer<UInt16>
  private let entries: UnsafeMutablePointer<KeyEntry>
  private var count = 0
  private let names: UnsafeMutablePointer<UInt8>
  private var namesEnd = 0
  private static let namesLimit = 1 << 15
  private var identities = Array(repeating: 0, count: KeyContext.allCases.count)

  /// A later row never replaces an earlier one of the same context and name, but a label key joins it.
  init(rows: [KeyRow], labelKeys: [String]) {
    unsafe index = .allocate(capacity: KeyTable.places)
    unsafe index.initialize(repeating: KeyTable.free, count: KeyTable.places)
    unsafe entries = .allocate(capacity: KeyTable.entryLimit)
    unsafe entries.initialize(
      repeating: KeyEntry(
        first: 0, last: 0, tag: 0, nameOffset: 0, slot: UInt16(SlotLayout.nowhere),
        childBase: 0, identity: 0, rank: 0, child: KeyEntry.none, label: KeyEntry.none, keepsObject: false),
      count: KeyTable.entryLimit)
    unsafe names = .allocate(capacity: KeyTable.namesLimit)
    for row in rows { insert(row) }
    for (label, key) in labelKeys.enumerated() {
      for (rank, context) in [KeyContext.labels, .metadata, .tags].enumerated() {
        insert(
          KeyRow(context: context, name: key, slot: SlotLayout.nowhere, rank: rank, child: nil, childBase: 0),
          label: label)
      }
    }
  }

  deinit {
    unsafe index.deallocate()
    unsafe entries.deallocate()
    unsafe names.deallocate()
  }

  private func insert(_ row: KeyRow, label: Int? = nil) {
    let bytes = Array(row.name.utf8)
    guard bytes.count <= KeyTable.longestName, count < KeyTable.entryLimit,
      namesEnd + bytes.count <= KeyTable.namesLimit
    else { return }
    let (first, last) = KeyTable.words(bytes.span, 0, bytes.count)
    let context = row.context.rawValue
    let tag = KeyTable.tag(context, bytes.count)
    var place = KeyTable.place(tag, first, last)
    while unsafe index[place] != KeyTable.free {
      let entry = unsafe Int(index[place])
      if matches(entry, tag, first, last, bytes.span, 0, bytes.count) {
        if let label { unsafe entries[entry].label = UInt8(label) }
        return
      }
      place = (place + 1) & (KeyTable.places - 1)
    }
    let identity = identities[Int(context)]
    identities[Int(context)] += 1
    let entry = KeyEntry(
      first: first, last: last, tag: tag, nameOffset: UInt16(namesEnd), slot: UInt16(row.slot),
      childBase: UInt16(row.childBase), identity: UInt16(identity), rank: UInt8(truncatingIfNeeded: row.rank),
      child: row.child?.rawValue ?? KeyEntry.none, label: label.map(UInt8.init) ?? KeyEntry.none,
      keepsObject: row.keepsObject)
    unsafe entries[count] = entry
    unsafe index[place] = UInt16(count)
    count += 1
    for byte in bytes {
      unsafe names[namesEnd] = byte
      namesEnd += 1
    }
  }

  @inline(__always)
  private static func words(_ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> (first: UInt64, last: UInt64) {
    if length >= 8 { return (bytes.word(at: start), bytes.word(at: start &+ length &- 8)) }
    let word = bytes.shortWord(start, length)
    return (word, word)
  }

  @inline(__always)
  private static func tag(_ context: UInt8, _ length: Int) -> UInt16 {
    UInt16(context) << 8 | UInt16(truncatingIfNeeded: length)
  }

  /// The upper bits of a product depend on all bits of what is multiplied.
  @inline(__always)
  private static func place(_ tag: UInt16, _ first: UInt64, _ last: UInt64) -> Int {
    let mixed = (first ^ (last << 29 | last >> 35)) &+ UInt64(tag) << 20
    return Int(truncatingIfNeeded: (mixed &* 0xD6E8_FEB8_6659_FD93) >> (64 &- placeBits))
  }

  /// `first` and `last` cover names of up to 16 bytes; what lies between them is compared by words that overlap.
  @inline(__always)
  private func matches(
    _ entry: Int, _ tag: UInt16, _ first: UInt64, _ last: UInt64, _ bytes: Span<UInt8>, _ start: Int, _ length: Int
  ) -> Bool {
    // A number out of `index`, so an entry below `count`.
    guard unsafe entries[entry].first == first, unsafe entries[entry].last == last,
      unsafe entries[entry].tag == tag
    else { return false }
    guard length > 16 else { return true }
    let name = unsafe UnsafeRawPointer(names + Int(entries[entry].nameOffset))
    var i = 8
    while i < length &- 8 {
      // i + 8 < length, so inside the name.
      let expected = unsafe UInt64(littleEndian: name.loadUnaligned(fromByteOffset: i, as: UInt64.self))
      if expected != bytes.word(at: start &+ i) { return false }
      i &+= 8
    }
    return true
  }

  /// Finds the name that stands in `bytes` from `start` on; its first and last bytes are known already.
  @inline(__always)
  func find(
    _ context: UInt8, _ bytes: Span<UInt8>, _ start: Int, _ length: Int, first: UInt64, last: UInt64
  ) -> Int? {
    // A tag has no room for more.
    guard length <= KeyTable.longestName else { return nil }
    let tag = KeyTable.tag(context, length)
    var place = KeyTable.place(tag, first, last)
    // A place is 12 bits; half of them are free, so the walk ends.
    while case let entry = unsafe index[place], entry != KeyTable.free {
      if matches(Int(entry), tag, first, last, bytes, start, length) { return Int(entry) }
      place = (place &+ 1) & (KeyTable.places &- 1)
    }
    return nil
  }

  func find(_ context: KeyContext, _ bytes: Span<UInt8>, _ start: Int, _ length: Int) -> Int? {
    let (first, last) = KeyTable.words(bytes, start, length)
    return find(context.rawValue, bytes, start, length, first: first, last: last)
  }

  /// `entry` is what `find` returned.
  @inline(__always)
  subscript(entry: Int) -> KeyEntry {
    @inline(__always) get {
      // The numbers that `find` returns are those of entries.
      unsafe entries[entry & (KeyTable.entryLimit &- 1)]
    }
  }

  /// What a word means in its list.
  func word(_ context: KeyContext, _ bytes: Span<UInt8>) -> Int? {
    find(context, bytes, 0, bytes.count).map { Int(self[$0].slot) }
  }
}
