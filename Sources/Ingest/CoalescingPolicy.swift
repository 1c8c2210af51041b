/// Decides after each receive call whether a datagram reader waits for the next datagram, lets some gather, or takes
/// more at once. A value without a clock: the thread obeys.
///
/// Why: at high rates half of the price of a datagram is the wake-up for it. A reader that sleeps while they gather
/// pays one wake-up for many. The rule:
/// - Nothing is slept while the queue holds more than one batch, nor before the first datagram after a pause.
/// - Sleeping starts where at least `worthwhileGathering` datagrams would arrive meanwhile, by the rate of the last
///   few milliseconds. Below that it would cost two system calls more than it saves.
/// - A sleep is never longer than the receive buffer takes to fill by a quarter at the highest rate of the last ten
///   seconds, nor than 0.9 ms: with what the timer adds, no datagram waits for more than a millisecond.
/// - A granted buffer under 1 MiB is never slept on: the stock one holds 166 datagrams of 250 bytes.
struct CoalescingPolicy {
  enum Action: Equatable {
    /// Wait in the kernel for the next datagram.
    case block
    /// The queue may hold more: take it without waiting.
    case takeMore
    /// Sleep for so many nanoseconds, then take what is there without waiting.
    case sleep(nanoseconds: UInt64)
  }

  /// How late the timer may wake a sleeper.
  static let timerSlackNanoseconds: UInt64 = 50_000
  /// With the timer's slack, and as much again for the way from the timer to the first read, a datagram is handed on
  /// within a millisecond.
  static let longestSleepNanoseconds: UInt64 = 1_000_000 - 2 * timerSlackNanoseconds
  static let smallestBufferBytes = 1 << 20
  static let worthwhileGathering = 3.0

  /// What a datagram of so many bytes takes of the receive buffer, at most: 1,283 were measured for 250 bytes (the
  /// kernel charges its bookkeeping and rounds the payload up to a power of two).
  static func bufferCost(datagrams: Int, bytes: Int) -> Double { Double(datagrams) * 1_283 + 2 * Double(bytes) }

  private static let windowNanoseconds: UInt64 = 5_000_000

  /// A quarter of the buffer; 0 where it is too small to sleep on.
  private let affordableBytes: Double

  private var windowStart: UInt64?
  private var windowDatagrams = 0
  private var windowCost = 0.0
  /// Datagrams per nanosecond in the last whole window.
  private var recentRate = 0.0
  private var peaks = PeakOfTenSeconds()

  /// - Parameter grantedBufferBytes: as the kernel says it (SO_RCVBUF), not as it was asked for.
  init(isEnabled: Bool, grantedBufferBytes: Int) {
    let sleeps = isEnabled && grantedBufferBytes >= Self.smallestBufferBytes
    affordableBytes = sleeps ? Double(grantedBufferBytes) / 4 : 0
  }

  /// - Parameters:
  ///   - taken: datagrams that the call returned; 0 says that there was none.
  ///   - bytes: their payload.
  ///   - slots: how many the call could have returned.
  ///   - now: nanoseconds of a clock that only goes up.
  mutating func action(taken: Int, bytes: Int, slots: Int, now: UInt64) -> Action {
    guard affordableBytes > 0 else { return taken == slots ? .takeMore : .block }
    account(taken: taken, bytes: bytes, now: now)
    if taken == slots { return .takeMore }
    if taken == 0 { return .block }
    let sleep = affordableSleepNanoseconds
    guard recentRate * sleep >= Self.worthwhileGathering else { return .block }
    return .sleep(nanoseconds: UInt64(sleep))
  }

  private var affordableSleepNanoseconds: Double {
    let longest = Double(Self.longestSleepNanoseconds)
    let peak = peaks.highest
    return peak > 0 ? min(longest, affordableBytes / peak) : longest
  }

  private mutating func account(taken: Int, bytes: Int, now: UInt64) {
    guard let start = windowStart, now >= start else {
      windowStart = now
      return
    }
    windowDatagrams += taken
    windowCost += Self.bufferCost(datagrams: taken, bytes: bytes)
    let elapsed = now - start
    guard elapsed >= Self.windowNanoseconds else { return }
    recentRate = Double(windowDatagrams) / Double(elapsed)
    peaks.note(windowCost / Double(elapsed), now: now)
    windowStart = now
    windowDatagrams = 0
    windowCost = 0
  }
}

/// The highest of the values noted in the last ten seconds, by whole seconds: eleven of them, so that none is
/// forgotten early.
struct PeakOfTenSeconds {
  private static let seconds = 11
  private var peaks: [11 of Double] = .init(repeating: 0)
  private var latestSecond: UInt64 = 0
  private(set) var highest = 0.0

  init() {}

  mutating func note(_ value: Double, now: UInt64) {
    let second = now / 1_000_000_000
    if second > latestSecond {
      for passed in 1...min(second - latestSecond, UInt64(Self.seconds)) {
        peaks[Int((latestSecond + passed) % UInt64(Self.seconds))] = 0
      }
      latestSecond = second
      highest = 0
      for index in peaks.indices { highest = max(highest, peaks[index]) }
    }
    let index = Int(latestSecond % UInt64(Self.seconds))
    peaks[index] = max(peaks[index], value)
    highest = max(highest, value)
  }
}
