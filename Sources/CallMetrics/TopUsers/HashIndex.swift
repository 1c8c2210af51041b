/// A number for each of a bounded set of hashes that are random already: linear probing, at most a quarter full, and
/// what is removed leaves no gap behind. The memory is taken at the first insertion.
struct HashIndex {
  private struct Slot {
    var hash: UInt64 = 0
    /// -1: free.
    var value: Int32 = -1
  }

  private let mask: Int
  private var slots: [Slot] = []

  /// - Parameter capacity: a power of two; no more than half of it may be used.
  init(capacity: Int) { mask = capacity - 1 }

  @inline(__always)
  func value(of hash: UInt64) -> Int32? {
    if slots.isEmpty { return nil }
    var place = Int(truncatingIfNeeded: hash) & mask
    while slots[place].value >= 0 {
      if slots[place].hash == hash { return slots[place].value }
      place = (place &+ 1) & mask
    }
    return nil
  }

  /// - Parameter hash: is not in it yet.
  mutating func insert(_ value: Int32, of hash: UInt64) {
    if slots.isEmpty { slots = Array(repeating: Slot(), count: mask + 1) }
    var place = Int(truncatingIfNeeded: hash) & mask
    while slots[place].value >= 0 { place = (place &+ 1) & mask }
    slots[place] = Slot(hash: hash, value: value)
  }

  mutating func remove(_ hash: UInt64) {
    if slots.isEmpty { return }
    var gap = Int(truncatingIfNeeded: hash) & mask
    while slots[gap].value >= 0, slots[gap].hash != hash { gap = (gap &+ 1) & mask }
    guard slots[gap].value >= 0 else { return }
    var place = gap
    while true {
      place = (place &+ 1) & mask
      guard slots[place].value >= 0 else { break }
      // It may fill the gap unless its own place lies behind it.
      let home = Int(truncatingIfNeeded: slots[place].hash) & mask
      if (place &- home) & mask >= (place &- gap) & mask {
        slots[gap] = slots[place]
        gap = place
      }
    }
    slots[gap] = Slot()
  }
}
