/// Which events were counted already: keyed 64-bit hashes, bounded by number and by time, the oldest leaving first.
///
/// ```
/// bucket: 64 bytes   [ hash × 7 | generation of each, one byte × 7, unused byte ]     0: free
/// ```
/// A hash lies in one of two buckets that it chooses itself, in the emptier one. A generation is a 64th of the bound,
/// by number or by time, so to forget the oldest is to declare its generation dead: nothing is searched for. Places of
/// dead generations are used again, and swept before their number comes round.
///
/// | at a bound of 1,000,000 | |
/// |---|---|
/// | memory | 13.9 MB, and 8 bytes for each that no commit holds yet |
/// | full buckets at that load (4.6 of 7) | none in practice: both of a pair must be full |
/// | taken at first | a 64th, then an eighth, then all: where no streams are used, nothing |
struct SeenEvents {
  static let perBucket = 7
  private static let bucketWords = 8
  private static let generations = 64
  /// Generation numbers are bytes from 1 to 255, so each comes round after so many.
  private static let numbers = 255

  private let limit: Int
  private let window: Int64
  private var buckets: [UInt64] = []
  private var bucketCount = 0
  /// Of the buckets there are now.
  private var capacity = 0
  private var isLive = [Bool](repeating: false, count: 256)
  /// Live generations, oldest first; never more than `generations + 1`.
  private var live: [Generation] = []
  private var made = 0
  private var swept = 0
  private(set) var count = 0
  /// Forgotten before their time, for want of room.
  private(set) var evicted: Int64 = 0
  /// Remembered since they were taken last; empty where no store takes them.
  private(set) var pending: [UInt64] = []
  var isStored = false

  private struct Generation {
    var number: UInt8
    var count = 0
    var began: Int64
    /// Of its newest.
    var last: Int64
  }

  /// - Parameter window: nanoseconds.
  init(limit: Int, window: Int64) {
    self.limit = max(limit, Self.generations)
    self.window = max(window, Int64(Self.generations))
  }

  /// Remembers the hash.
  ///
  /// - Returns: false where it was remembered already.
  mutating func insert(_ hash: UInt64, now: Int64) -> Bool {
    guard place(hash, now: now) else { return false }
    if isStored { keepPending(hash) }
    return true
  }

  /// Where the store is out of order, what waits is as bounded as what is remembered.
  @inline(__always)
  private mutating func keepPending(_ hash: UInt64) {
    if pending.count >= limit &+ limit / 8 { pending.removeFirst(limit / 8) }
    pending.append(hash)
  }

  /// What was remembered since the last time, oldest first.
  mutating func takePending() -> [UInt64] {
    var taken: [UInt64] = []
    taken.reserveCapacity(min(pending.count, 1 << 17))
    swap(&taken, &pending)
    return taken
  }

  /// What was taken did not reach the disk.
  mutating func putBack(_ taken: [UInt64]) { pending.insert(contentsOf: taken, at: 0) }

  /// Remembers what the store has, as older than what is remembered already; all of the latter waits for a commit, as
  /// this store has none of it.
  ///
  /// - Parameter stored: oldest first.
  mutating func restore(_ stored: [(time: Int64, hashes: [UInt64])]) {
    let own = remembered
    forgetAll()
    for commit in stored + own {
      // A damaged file may have any time, and differences of times must not overflow.
      for hash in commit.hashes { _ = place(hash, now: max(0, commit.time)) }
    }
    if isStored { pending = own.flatMap(\.hashes) }
  }

  /// What is remembered, oldest first, as exactly as generations tell.
  private var remembered: [(time: Int64, hashes: [UInt64])] {
    var found = live.map { (time: $0.last, hashes: [UInt64]()) }
    var place = [Int?](repeating: nil, count: 256)
    for (index, generation) in live.enumerated() { place[Int(generation.number)] = index }
    for start in stride(from: 0, to: buckets.count, by: Self.bucketWords) {
      for slot in 0..<Self.perBucket {
        let number = buckets[start + Self.perBucket] >> UInt64(8 * slot) & 0xff
        if let generation = place[Int(number)] { found[generation].hashes.append(buckets[start + slot]) }
      }
    }
    return found
  }

  // MARK: Places

  private mutating func place(_ hash: UInt64, now: Int64) -> Bool {
    if count >= capacity { grow() }
    let first = find(hash, bucket: bucket(of: hash))
    if first.isKnown { return false }
    let second = find(hash, bucket: bucket(of: hash &* 0x9e37_79b9_7f4a_7c15))
    if second.isKnown { return false }
    let number = generation(at: now)
    let chosen = second.free > first.free ? second : first
    if chosen.free == 0 { evict(chosen) }
    put(hash, number, at: chosen)
    count += 1
    return true
  }

  private struct Found {
    var isKnown = false
    var bucket: Int
    var slot = 0
    var free = 0
  }

  @inline(__always)
  private func bucket(of hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash.multipliedFullWidth(by: UInt64(bucketCount)).high)
  }

  @inline(__always)
  private func find(_ hash: UInt64, bucket: Int) -> Found {
    let start = bucket &* Self.bucketWords
    var found = Found(bucket: start)
    var numbers = buckets[start &+ Self.perBucket]
    for slot in 0..<Self.perBucket {
      if isLive[Int(numbers & 0xff)] {
        if buckets[start &+ slot] == hash {
          found.isKnown = true
          return found
        }
      } else {
        found.free &+= 1
        found.slot = slot
      }
      numbers >>= 8
    }
    return found
  }

  @inline(__always)
  private mutating func put(_ hash: UInt64, _ number: UInt8, at place: Found) {
    buckets[place.bucket &+ place.slot] = hash
    let shift = UInt64(8 &* place.slot)
    let numbers = place.bucket &+ Self.perBucket
    buckets[numbers] = buckets[numbers] & ~(0xff << shift) | UInt64(number) << shift
  }

  /// Both buckets are full: a place is used again.
  private mutating func evict(_ place: Found) {
    let number = UInt8(truncatingIfNeeded: buckets[place.bucket + Self.perBucket] >> UInt64(8 * place.slot))
    if let generation = live.firstIndex(where: { $0.number == number }) { live[generation].count -= 1 }
    evicted &+= 1
    count -= 1
  }

  private mutating func grow() {
    guard capacity < limit else { return }
    let steps = [limit / 64, limit / 8, limit].map { max($0, 64) }
    guard let next = steps.first(where: { $0 > capacity }) else { return }
    var old: [UInt64] = []
    swap(&old, &buckets)
    capacity = next
    bucketCount = next * 10 / 46 + 1
    buckets = Array(repeating: 0, count: bucketCount * Self.bucketWords)
    for start in stride(from: 0, to: old.count, by: Self.bucketWords) {
      for slot in 0..<Self.perBucket {
        let number = UInt8(truncatingIfNeeded: old[start + Self.perBucket] >> UInt64(8 * slot))
        guard isLive[Int(number)] else { continue }
        let hash = old[start + slot]
        let first = find(hash, bucket: bucket(of: hash))
        let second = find(hash, bucket: bucket(of: hash &* 0x9e37_79b9_7f4a_7c15))
        put(hash, number, at: second.free > first.free ? second : first)
      }
    }
  }

  private mutating func forgetAll() {
    buckets = []
    (bucketCount, capacity, count, made, swept) = (0, 0, 0, 0, 0)
    live = []
    isLive = Array(repeating: false, count: 256)
  }

  // MARK: Generations

  /// The generation of what comes now; a clock that went back counts as standing still.
  @inline(__always)
  private mutating func generation(at now: Int64) -> UInt8 {
    let last = live.count - 1
    if last >= 0, live[last].count < limit / Self.generations, now - live[last].began < window / Int64(Self.generations)
    {
      live[last].count += 1
      live[last].last = max(live[last].last, now)
      return live[last].number
    }
    return beginGeneration(at: max(now, last >= 0 ? live[last].last : now))
  }

  @inline(never)
  private mutating func beginGeneration(at now: Int64) -> UInt8 {
    while let oldest = live.first {
      let isOver = now - oldest.last > window
      guard isOver || count >= limit || live.count > Self.generations else { break }
      if !isOver { evicted += Int64(oldest.count) }
      count -= oldest.count
      isLive[Int(oldest.number)] = false
      live.removeFirst()
    }
    let number = UInt8(made % Self.numbers + 1)
    made += 1
    sweep()
    live.append(Generation(number: number, count: 1, began: now, last: now))
    isLive[Int(number)] = true
    return number
  }

  /// Frees the dead places of a 128th of the buckets: all are swept well before a number is used again.
  private mutating func sweep() {
    for _ in 0..<(bucketCount / 128 + 1) {
      let numbers = swept * Self.bucketWords + Self.perBucket
      for slot in 0..<Self.perBucket {
        let shift = UInt64(8 * slot)
        if !isLive[Int(buckets[numbers] >> shift & 0xff)] { buckets[numbers] &= ~(0xff << shift) }
      }
      swept = swept + 1 < bucketCount ? swept + 1 : 0
    }
  }
}
