/// Where the events of one key go: found by one look-up.
///
/// Open addressing, linear probing, at most half full; a slot holds the key and what it leads to, so that a look-up
/// touches one cache line. A full table is emptied: routes are a cache, and are found again.
struct RouteTable<Target: BitwiseCopyable & Sendable>: Sendable {
  private struct Slot: Sendable {
    var key = RouteKey.none
    var target: Target
  }

  private let limit: Int
  private let unused: Target
  private var slots: [Slot]
  private(set) var count = 0

  /// - Parameter unused: what lies in slots without a key.
  init(unused: Target, limit: Int = 1 << 17) {
    self.unused = unused
    self.limit = limit
    slots = Self.empty(64, unused)
  }

  private static func empty(_ count: Int, _ unused: Target) -> [Slot] {
    Array(repeating: Slot(target: unused), count: count)
  }

  mutating func removeAll() {
    slots = Self.empty(64, unused)
    count = 0
  }

  @inline(__always)
  func target(_ key: RouteKey) -> Target? {
    let mask = slots.count &- 1
    var place = Int(truncatingIfNeeded: key.low) & mask
    while slots[place].key != .none {
      if slots[place].key == key { return slots[place].target }
      place = (place &+ 1) & mask
    }
    return nil
  }

  mutating func insert(_ target: Target, _ key: RouteKey) {
    if count >= limit { removeAll() }
    if (count + 1) * 2 > slots.count {
      let old = slots
      slots = Self.empty(old.count * 2, unused)
      for slot in old where slot.key != .none { place(slot) }
    }
    place(Slot(key: key, target: target))
    count += 1
  }

  private mutating func place(_ slot: Slot) {
    let mask = slots.count - 1
    var place = Int(truncatingIfNeeded: slot.key.low) & mask
    while slots[place].key != .none { place = (place + 1) & mask }
    slots[place] = slot
  }
}
