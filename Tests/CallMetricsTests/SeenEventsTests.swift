import Testing

@testable import CallMetrics

@Suite struct SeenEventsTests {
  private let second: Int64 = 1_000_000_000

  /// Not random, but spread over all 64 bits.
  private func hash(_ number: Int) -> UInt64 { UInt64(number &+ 1) &* 0x9e37_79b9_7f4a_7c15 }

  @Test func anEventIsNewOnce() {
    let seen = Remembered(limit: 1_000, window: second)
    #expect(seen.insert(0, now: 1))
    #expect(!seen.insert(0, now: 1))
    #expect(seen.insert(1, now: 1))
  }

  @Test func nothingIsForgottenBelowTheBound() {
    let limit = 20_000
    let seen = Remembered(limit: limit, window: second)
    for number in 0..<limit { #expect(seen.insert(hash(number), now: 1)) }
    #expect(seen.evicted == 0)
    #expect((0..<limit).allSatisfy { !seen.insert(hash($0), now: 1) })
  }

  @Test func theOldestLeaveFirstAndAreCounted() {
    let limit = 6_400
    let seen = Remembered(limit: limit, window: second)
    let sent = 10 * limit
    for number in 0..<sent { _ = seen.insert(hash(number), now: 1) }
    #expect(seen.count <= limit)
    #expect(seen.count > limit * 62 / 64)
    #expect(Int(seen.evicted) + seen.count == sent)
    for number in (sent - seen.count)..<sent { #expect(!seen.insert(hash(number), now: 1)) }
    #expect(seen.insert(hash(0), now: 1))
  }

  @Test func whatIsPastItsTimeIsForgottenAndNotCounted() {
    let seen = Remembered(limit: 1_000, window: 64 * second)
    #expect(seen.insert(7, now: 0))
    #expect(!seen.insert(7, now: 60 * second))
    for time in 1...70 { _ = seen.insert(hash(time), now: Int64(time) * second) }
    #expect(seen.insert(7, now: 70 * second))
    #expect(seen.evicted == 0)
  }

  @Test func aClockThatJumpsBackForgetsNothing() {
    let seen = Remembered(limit: 1_000, window: 64 * second)
    _ = seen.insert(7, now: 1_000 * second)
    for number in 0..<100 { _ = seen.insert(hash(number), now: Int64(number) * second) }
    #expect(!seen.insert(7, now: 0))
  }

  @Test func whatWasStoredIsOlderThanWhatIsRememberedAlready() {
    let seen = Remembered(limit: 640, window: second)
    seen.isStored = true
    _ = seen.insert(1, now: 5)
    seen.restore([(time: 1, hashes: [10, 11]), (time: 2, hashes: [12, 1])])
    for known in [10, 11, 12, 1] as [UInt64] { #expect(!seen.insert(known, now: 5)) }
    #expect(seen.takePending() == [1], "only what no store has")
  }

  @Test func anotherStoreIsGivenAllThatIsRemembered() {
    let seen = Remembered(limit: 6_400, window: 1_000 * second)
    seen.isStored = true
    for number in 0..<1_000 { _ = seen.insert(hash(number), now: Int64(number) * second) }
    _ = seen.takePending()
    seen.restore([])
    #expect((0..<1_000).allSatisfy { !seen.insert(hash($0), now: 1_000 * second) })
    #expect(Set(seen.takePending()) == Set((0..<1_000).map(hash)))
  }

  @Test(arguments: [Int64.min, -1, .max]) func anyTimeThatAFileHoldsIsTaken(time: Int64) {
    let seen = Remembered(limit: 640, window: second)
    seen.restore([(time: time, hashes: [7])])
    #expect(!seen.insert(7, now: 1))
    _ = seen.insert(8, now: 1_790_000_000 * second)
  }

  @Test func whatWasTakenAndDidNotReachTheDiskIsTakenAgain() {
    let seen = Remembered(limit: 640, window: second)
    seen.isStored = true
    _ = seen.insert(1, now: 1)
    let taken = seen.takePending()
    _ = seen.insert(2, now: 1)
    seen.putBack(taken)
    #expect(seen.takePending() == [1, 2])
    #expect(seen.takePending().isEmpty)
  }

  @Test func agreesWithASetOnWhateverComes() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(state: seed)
    let seen = Remembered(limit: 5_000, window: second)
    var model: Set<UInt64> = []
    for _ in 0..<20_000 {
      let value = UInt64.random(in: 0..<4_900, using: &random)
      let isNew = seen.insert(hash(Int(value)), now: 1)
      if isNew != model.insert(value).inserted {
        Issue.record("differs at \(value), seed \(seed)")
        return
      }
    }
  }
}

/// By reference, because an expectation can't change what it looks at.
private final class Remembered {
  private var events: SeenEvents

  init(limit: Int, window: Int64) { events = SeenEvents(limit: limit, window: window) }

  var count: Int { events.count }
  var evicted: Int64 { events.evicted }
  var isStored: Bool {
    get { events.isStored }
    set { events.isStored = newValue }
  }
  func insert(_ hash: UInt64, now: Int64) -> Bool { events.insert(hash, now: now) }
  func takePending() -> [UInt64] { events.takePending() }
  func putBack(_ taken: [UInt64]) { events.putBack(taken) }
  func restore(_ stored: [(time: Int64, hashes: [UInt64])]) { events.restore(stored) }
}
