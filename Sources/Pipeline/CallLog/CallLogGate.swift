/// Decides which calls get a row, and for how many calls each row stands, so that sums over rows stay right.
///
/// There are two lanes: what is worth a row by itself (slow, failed, large, dear), and the rest. Each lane is thinned
/// out alone when it exceeds its limit: a storm of failures hides no slow call, and ordinary traffic hides neither.
public struct CallLogGate: Sendable {
  public let policy: CallLogPolicy
  private var notable: Lane
  private var ordinary: Lane

  /// - Parameter seed: of the gaps between sampled calls. They vary at random, so that traffic which repeats itself
  ///   every so many calls is sampled fairly.
  public init(policy: CallLogPolicy, seed: UInt64) {
    self.policy = policy
    notable = Lane(limit: policy.maxRowsPerSecond, leastStride: 1, random: seed)
    switch policy.mode {
    case .sampled(let stride):
      ordinary = Lane(limit: policy.maxRowsPerSecond, leastStride: max(1, stride), random: ~seed)
    case .all, .slowAndFailed, .off:
      ordinary = Lane(limit: policy.maxRowsPerSecond, leastStride: 1, random: ~seed)
    }
  }

  /// What is known of a call when its row is decided on.
  public struct Call: Sendable {
    public var isError: Bool
    /// Nanoseconds; -1 where it is not known.
    public var latency: Int64
    public var tokens: Int64
    /// 1e-12 dollars.
    public var cost: Int128
    /// Calls that the event stands for.
    public var weight: Int64

    public init(isError: Bool, latency: Int64, tokens: Int64, cost: Int128, weight: Int64) {
      self.isError = isError
      self.latency = latency
      self.tokens = tokens
      self.cost = cost
      self.weight = weight
    }
  }

  public enum Decision: Equatable, Sendable {
    /// A row for so many calls. It is notable when it is worth one by itself.
    case row(weight: Int64, isNotable: Bool)
    /// No row yet: the next one of its lane stands for this call too. The first since the last row is to be kept, in case
    /// there is no next one: see `takeRemainder`.
    case skipped(isFirst: Bool, isNotable: Bool)
    /// Not logged in this mode.
    case left
  }

  /// - Parameter now: nanoseconds since 1970.
  @inline(__always)
  public mutating func admit(_ call: Call, now: Int64) -> Decision {
    if policy.mode == .off { return .left }
    let isNotable = isNotable(call)
    if !isNotable, policy.mode == .slowAndFailed { return .left }
    let second = now / 1_000_000_000
    let weight =
      isNotable
      ? notable.admit(weight: call.weight, second: second) : ordinary.admit(weight: call.weight, second: second)
    if let weight { return .row(weight: weight, isNotable: isNotable) }
    let skipped = isNotable ? notable.skipped : ordinary.skipped
    return .skipped(isFirst: skipped == call.weight, isNotable: isNotable)
  }

  /// How many calls the first skipped one is to stand for where no row came since: after a minute, so that reports are
  /// right before long, and at the end.
  ///
  /// - Returns: nil where there are none, or a row may still come.
  public mutating func takeRemainder(isNotable: Bool, now: Int64, isLast: Bool) -> Int64? {
    let second = now / 1_000_000_000
    return isNotable
      ? notable.takeRemainder(second: second, isLast: isLast) : ordinary.takeRemainder(second: second, isLast: isLast)
  }

  @inline(__always)
  private func isNotable(_ call: Call) -> Bool {
    if call.isError || call.latency >= policy.slowLatency { return true }
    if let large = policy.largeTokens, call.tokens >= large { return true }
    if let dear = policy.dearCost, call.cost >= dear { return true }
    return false
  }

  /// Calls that were skipped so far and for which no row stands yet.
  public var calledButNotYetStoodFor: Int64 { notable.skipped + ordinary.skipped }
}

/// One of so many calls, the number following the rate.
private struct Lane: Sendable {
  let limit: Int64
  let leastStride: Int64
  private var random: UInt64
  /// One row for so many calls, on average.
  private var stride: Int64
  private var second: Int64 = -1
  private var callsThisSecond: Int64 = 0
  private var rowsThisSecond: Int64 = 0
  /// Calls until the next row.
  private var gap: Int64 = 1
  /// What the calls since the last row stood for, and when the first of them came.
  private(set) var skipped: Int64 = 0
  private var skippedSince: Int64 = 0

  /// Seconds that skipped calls wait for a row.
  private static let patience: Int64 = 60

  init(limit: Int64, leastStride: Int64, random: UInt64) {
    self.limit = max(1, limit)
    self.leastStride = leastStride
    self.random = random | 1
    stride = leastStride
    gap = nextGap()
  }

  mutating func admit(weight: Int64, second now: Int64) -> Int64? {
    if now != second { begin(second: now) }
    callsThisSecond &+= 1
    gap &-= 1
    if gap > 0 {
      if skipped == 0 { skippedSince = now }
      skipped &+= weight
      return nil
    }
    let standsFor = skipped &+ weight
    skipped = 0
    rowsThisSecond &+= 1
    gap = nextGap()
    return standsFor
  }

  mutating func takeRemainder(second now: Int64, isLast: Bool) -> Int64? {
    guard skipped > 0, isLast || now >= skippedSince + Self.patience else { return nil }
    defer { skipped = 0 }
    return skipped
  }

  /// The last second's calls decide how many rows this one's may have.
  private mutating func begin(second now: Int64) {
    let expected = now == second + 1 ? callsThisSecond : 0
    stride = max(leastStride, (expected + limit - 1) / limit)
    second = now
    callsThisSecond = 0
    rowsThisSecond = 0
    gap = min(gap, nextGap())
  }

  /// Uniform in 1…2n-1, which is n on average. When a second turns out busier than the one before it, n doubles with
  /// each further sixteenth of the limit. So the first second of a flood may have up to twice the rows, and none of them
  /// stands for more than one in limit/32 of its calls, were they a thousand times too many.
  private mutating func nextGap() -> Int64 {
    let over = rowsThisSecond - limit
    let doublings = over < 0 ? 0 : min(20, over * 16 / limit + 1)
    let mean = stride << doublings
    if mean == 1 { return 1 }
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return 1 + Int64(random % UInt64(2 * mean - 1))
  }
}
