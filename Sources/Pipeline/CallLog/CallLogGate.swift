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

  public struct Decision: Equatable, Sendable {
    /// Calls that the row stands for.
    public var weight: Int64
    /// Worth a row by itself.
    public var isNotable: Bool

    public init(weight: Int64, isNotable: Bool) {
      self.weight = weight
      self.isNotable = isNotable
    }
  }

  /// - Parameter now: nanoseconds since 1970.
  /// - Returns: nil for a call without a row.
  @inline(__always)
  public mutating func admit(_ call: Call, now: Int64) -> Decision? {
    if policy.mode == .off { return nil }
    let isNotable = isNotable(call)
    if !isNotable, policy.mode == .slowAndFailed { return nil }
    let second = now / 1_000_000_000
    let weight =
      isNotable
      ? notable.admit(weight: call.weight, second: second) : ordinary.admit(weight: call.weight, second: second)
    return weight.map { Decision(weight: $0, isNotable: isNotable) }
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
  /// What the calls since the last row stood for.
  private(set) var skipped: Int64 = 0

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
      skipped &+= weight
      return nil
    }
    let standsFor = skipped &+ weight
    skipped = 0
    rowsThisSecond &+= 1
    gap = nextGap()
    return standsFor
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
  /// each further 1/256 of the limit: the rows of one second exceed the limit by a few percent at most.
  private mutating func nextGap() -> Int64 {
    let over = rowsThisSecond - limit
    let doublings = over < 0 ? 0 : min(20, over * 256 / limit + 1)
    let mean = stride << doublings
    if mean == 1 { return 1 }
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return 1 + Int64(random % UInt64(2 * mean - 1))
  }
}
