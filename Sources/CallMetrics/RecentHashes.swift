/// Which keyed hashes came lately, and one number of each: bounded, and forgetting the oldest of a neighbourhood first.
///
/// Four-way sets: a hash may lie in one of four neighbouring places, and a new one takes the place of the oldest. So
/// both look-up and insertion touch one cache line. The memory is taken at the first insertion.
struct RecentHashes {
  private struct Entry {
    var hash: UInt64 = 0
    /// Seconds since 1970; 0: free.
    var seconds: UInt32 = 0
    var value: Int32 = 0
  }

  private let capacity: Int
  private var entries: [Entry] = []

  /// - Parameter capacity: a power of two of at least 4; 16 bytes each.
  init(capacity: Int) { self.capacity = capacity }

  var isEmpty: Bool { entries.isEmpty }

  mutating func insert(_ hash: UInt64, value: Int32, now: Int64) {
    if entries.isEmpty { entries = Array(repeating: Entry(), count: capacity) }
    let start = Int(truncatingIfNeeded: hash) & (capacity &- 1) & ~3
    var place = start
    for i in start..<start &+ 4 {
      if entries[i].hash == hash {
        place = i
        break
      }
      if entries[i].seconds < entries[place].seconds { place = i }
    }
    entries[place] = Entry(hash: hash, seconds: Self.seconds(now), value: value)
  }

  /// The number of a hash that came within `window` nanoseconds.
  func value(of hash: UInt64, within window: Int64, now: Int64) -> Int32? {
    guard !entries.isEmpty else { return nil }
    let start = Int(truncatingIfNeeded: hash) & (capacity &- 1) & ~3
    let oldest = Self.seconds(now &- window)
    for i in start..<start &+ 4
    where entries[i].hash == hash && entries[i].seconds != 0 && entries[i].seconds >= oldest {
      return entries[i].value
    }
    return nil
  }

  mutating func removeAll() { entries = [] }

  private static func seconds(_ nanoseconds: Int64) -> UInt32 {
    UInt32(clamping: nanoseconds / 1_000_000_000)
  }
}
