/// When the writer commits: decides, and does nothing itself. Times are nanoseconds of a clock that never jumps.
struct CommitSchedule {
  /// The timer's interval stretches so that its writes stay below this.
  static let bytesPerSecond: Int64 = 2_000_000
  /// After a failure everything is tried again so much later,
  static let retry: Int64 = 1_000_000_000
  /// and so much where everybody waits for it: at the start and at the end.
  static let hastyRetry: Int64 = 100_000_000

  let base: Int64
  /// In force at the moment.
  private(set) var interval: Int64
  private var next: Int64
  private var hasFailed = false
  /// A flush came first although the timer's commit was due: it is not put off twice.
  private var hasYielded = false

  enum Step: Equatable {
    case commit(CommitReason)
    /// Clients that ask for an acknowledgement meanwhile are told no.
    case waitAfterFailure(Int64)
    case wait(Int64)
  }

  init(interval: Int64, now: Int64) {
    base = interval
    self.interval = interval
    next = now + interval
  }

  func step(now: Int64, clientsWait: Bool, urgent: Bool, stopping: Bool) -> Step {
    if stopping { return .commit(.stop) }
    // A timer's commit may be large; what clients wait for is small.
    if now >= next { return .commit(clientsWait && !hasYielded && !hasFailed ? .flush : .timer) }
    if hasFailed { return .waitAfterFailure(next - now) }
    if urgent { return .commit(.timer) }
    if clientsWait { return .commit(.flush) }
    return .wait(next - now)
  }

  /// - Parameters:
  ///   - bytes: written by the commit and by the checkpoint that followed.
  ///   - began: when the commit did.
  mutating func committed(_ reason: CommitReason, bytes: Int64, began: Int64) {
    hasFailed = false
    hasYielded = reason == .flush && began >= next
    guard reason != .flush else { return }
    let needed = Int64(clamping: Int128(bytes) * 1_000_000_000 / Int128(Self.bytesPerSecond))
    interval = max(base, needed)
    next = began + interval
  }

  /// The store is open again, or another file in its place: clients need not be told no any more.
  mutating func opened() { hasFailed = false }

  mutating func failed(now: Int64) {
    hasFailed = true
    next = now + Self.retry
  }
}
