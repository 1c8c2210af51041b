import Pricing

/// Who spends most, of any number of users, with room for a fixed number of them.
///
/// Space-saving with weights: a user who has no counter takes over the least one, with its sum, which is kept as the
/// most that the new one's sum can be too large by. A sum is so never too small, and too large by at most the least
/// counter: by a 1,024th of all that was spent, at most, and by nothing while there are fewer users than counters.
/// Source: Metwally, Agrawal, El Abbadi, "Efficient computation of frequent and top-k elements in data streams" (2005).
struct TopSpenders {
  static let capacity = 1_024

  struct Counter {
    /// Keyed hash of the id.
    var user: UInt64
    /// The id where ids are not hashed, else empty.
    var name: String
    var dollars: Picodollars
    /// The sum may be too large by so much.
    var error: Picodollars
    var isChanged = true
    /// Where it stands in the heap.
    fileprivate var rank: Int32

    /// What the user has spent for sure.
    var certain: Picodollars { dollars - error }
  }

  private(set) var counters: [Counter] = []
  /// Counters as a heap: the least sum first.
  private var heap: [Int32] = []
  private var index = HashIndex(capacity: 4 * capacity)

  /// - Parameter name: asked for when the user is new.
  @inline(__always)
  mutating func add(_ user: UInt64, _ dollars: Picodollars, error: Picodollars = 0, name: () -> String) {
    if let known = index.value(of: user) {
      let counter = Int(known)
      counters[counter].dollars &+= dollars
      counters[counter].error &+= error
      counters[counter].isChanged = true
      sink(from: Int(counters[counter].rank))
    } else {
      admit(user, dollars, error, name())
    }
  }

  @inline(never)
  private mutating func admit(_ user: UInt64, _ dollars: Picodollars, _ error: Picodollars, _ name: String) {
    if counters.count < Self.capacity {
      let counter = Int32(truncatingIfNeeded: counters.count)
      counters.append(Counter(user: user, name: name, dollars: dollars, error: error, rank: counter))
      heap.append(counter)
      index.insert(counter, of: user)
      rise(from: heap.count - 1)
    } else {
      let least = Int(heap[0])
      index.remove(counters[least].user)
      let before = counters[least].dollars
      counters[least] = Counter(user: user, name: name, dollars: before &+ dollars, error: before &+ error, rank: 0)
      index.insert(Int32(truncatingIfNeeded: least), of: user)
      sink(from: 0)
    }
  }

  mutating func removeAll() { self = TopSpenders() }

  mutating func markAll(_ isChanged: Bool) {
    for counter in counters.indices { counters[counter].isChanged = isChanged }
  }

  mutating func mark(_ counter: Int, _ isChanged: Bool) {
    if counters.indices.contains(counter) { counters[counter].isChanged = isChanged }
  }

  /// The first by what they have spent for sure.
  func first(_ count: Int) -> [Counter] {
    let all = counters.filter { $0.certain > 0 }
      .sorted { ($1.certain, $0.user) < ($0.certain, $1.user) }
    return Array(all.prefix(count))
  }

  // MARK: The heap

  private func sum(at rank: Int) -> Picodollars { counters[Int(heap[rank])].dollars }

  private mutating func sink(from start: Int) {
    var rank = start
    while true {
      let left = 2 &* rank &+ 1
      guard left < heap.count else { return }
      let right = left &+ 1
      let lesser = right < heap.count && sum(at: right) < sum(at: left) ? right : left
      guard sum(at: lesser) < sum(at: rank) else { return }
      swap(rank, lesser)
      rank = lesser
    }
  }

  private mutating func rise(from start: Int) {
    var rank = start
    while rank > 0, sum(at: rank) < sum(at: (rank - 1) / 2) {
      swap(rank, (rank - 1) / 2)
      rank = (rank - 1) / 2
    }
  }

  private mutating func swap(_ one: Int, _ other: Int) {
    heap.swapAt(one, other)
    counters[Int(heap[one])].rank = Int32(truncatingIfNeeded: one)
    counters[Int(heap[other])].rank = Int32(truncatingIfNeeded: other)
  }
}
