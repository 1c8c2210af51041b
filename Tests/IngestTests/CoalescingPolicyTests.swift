import Testing

@testable import Ingest

@Suite("The coalescing policy") struct CoalescingPolicyTests {
  private let stock = 425_984
  private let ample = 8 << 20
  private let millisecond: UInt64 = 1_000_000

  /// Feeds `rate` datagrams per second of `size` bytes for `duration`, as a reader that obeys would take them, and
  /// returns the actions.
  private func run(
    _ policy: inout CoalescingPolicy, rate: Double, size: Int = 250, from start: UInt64, for duration: UInt64,
    slots: Int = 64
  ) -> [CoalescingPolicy.Action] {
    var actions: [CoalescingPolicy.Action] = []
    var now = start
    var taken = 0
    let end = start + duration
    let interval = 1e9 / rate
    while now < end {
      let arrived = Int(Double(now - start) / interval) + 1
      let count = min(slots, arrived - taken)
      taken += count
      let action = policy.action(taken: count, bytes: count * size, slots: slots, now: now)
      actions.append(action)
      switch action {
      case .takeMore: break
      case .sleep(let nanoseconds): now += nanoseconds + CoalescingPolicy.timerSlackNanoseconds
      case .block: now = max(now + 1, start + UInt64(Double(taken) * interval))
      }
    }
    return actions
  }

  private func longestSleep(_ actions: [CoalescingPolicy.Action]) -> UInt64 {
    actions.reduce(0) { longest, action in
      if case .sleep(let nanoseconds) = action { max(longest, nanoseconds) } else { longest }
    }
  }

  @Test("takes the first datagram after a pause at once, and waits for the next") func doesNotSleepWhenIdle() {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: ample)
    var now: UInt64 = 0
    for _ in 0..<20 {
      now += 1_000 * millisecond
      #expect(policy.action(taken: 1, bytes: 250, slots: 64, now: now) == .block)
    }
  }

  @Test("never sleeps where too few would gather") func doesNotSleepForFew() {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: ample)
    #expect(longestSleep(run(&policy, rate: 2_000, from: 0, for: 1_000 * millisecond)) == 0)
  }

  @Test("lets ten thousand a second gather for a millisecond") func gathers() {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: ample)
    let actions = run(&policy, rate: 10_000, from: 0, for: 1_000 * millisecond)
    #expect(longestSleep(actions) == CoalescingPolicy.longestSleepNanoseconds)
    // One wake-up for ten, but for the first few milliseconds.
    #expect(actions.count < 1_300)
  }

  @Test("never sleeps longer than a millisecond, slack included", arguments: [5e3, 1e4, 1e5, 1e6, 1e7])
  func staysWithinAMillisecond(rate: Double) {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: 1 << 30)
    let longest = longestSleep(run(&policy, rate: rate, from: 0, for: 100 * millisecond, slots: 1 << 20))
    #expect(longest > 0)
    #expect(longest + CoalescingPolicy.timerSlackNanoseconds <= millisecond)
  }

  @Test("sleeps for at most a quarter of the buffer at the rate that it sees") func respectsTheBuffer() {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: 1 << 20)
    let rate = 500_000.0
    let actions = run(&policy, rate: rate, from: 0, for: 100 * millisecond, slots: 1 << 20)
    let gathered = rate / 1e9 * Double(longestSleep(actions)) * 1_283
    #expect(gathered > 0)
    #expect(gathered <= Double(1 << 20) / 4)
  }

  @Test("remembers the highest rate for ten seconds, and not for ever") func remembersThePeak() {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: 1 << 20)
    _ = run(&policy, rate: 500_000, from: 0, for: 100 * millisecond, slots: 1 << 20)
    let soon = run(&policy, rate: 10_000, from: 9_900 * millisecond, for: 50 * millisecond)
    let late = run(&policy, rate: 10_000, from: 12_000 * millisecond, for: 50 * millisecond)
    #expect(longestSleep(soon) < 600_000)
    #expect(longestSleep(late) == CoalescingPolicy.longestSleepNanoseconds)
  }

  @Test("takes more at once when a batch was full") func takesMore() {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: ample)
    #expect(policy.action(taken: 64, bytes: 64 * 250, slots: 64, now: 1) == .takeMore)
  }

  @Test("waits when a sleep brought nothing") func waitsWhenNothingCame() {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: ample)
    _ = run(&policy, rate: 10_000, from: 0, for: 50 * millisecond)
    #expect(policy.action(taken: 0, bytes: 0, slots: 64, now: 51 * millisecond) == .block)
  }

  @Test("never sleeps on a small buffer, nor where it is switched off") func neverSleepsWhereItMust() {
    for (isEnabled, granted) in [(true, stock), (true, (1 << 20) - 1), (false, ample)] {
      var policy = CoalescingPolicy(isEnabled: isEnabled, grantedBufferBytes: granted)
      #expect(longestSleep(run(&policy, rate: 100_000, from: 0, for: 100 * millisecond)) == 0)
    }
  }

  @Test("survives a clock that goes back") func survivesTheClock() {
    var policy = CoalescingPolicy(isEnabled: true, grantedBufferBytes: ample)
    _ = run(&policy, rate: 10_000, from: 100_000 * millisecond, for: 50 * millisecond)
    _ = run(&policy, rate: 10_000, from: 0, for: 50 * millisecond)
  }
}
