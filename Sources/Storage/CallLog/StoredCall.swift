public import Events
public import Pricing

/// A row of the call log.
public struct StoredCall: Sendable {
  public var key: Int64 = 0
  public var set: Int64 = 0
  /// Calls that the row stands for.
  public var weight: Int64 = 1
  /// 0 is success, else 1 + the number of the error type.
  public var outcome: UInt8 = 0
  public var httpStatus: Int64 = -1
  public var finishReason: FinishReason?
  public var cache: CacheResult?
  public var attempt: Int64 = 1
  public var verdict = CallCost.Verdict.unpriced(.unknownModel)
  /// Number of the price table's version.
  public var priceVersion: Int64 = 0
  /// Nanoseconds; -1 is absent.
  public var latency: Int64 = -1
  public var timeToFirstToken: Int64 = -1
  /// Its parts only where the detail was read.
  public var usage = Usage()
  /// Of one call.
  public var cost: Picodollars = 0
  public var user = ""
  public var session = ""
  public var callID = ""
  public var traceID = ""
  public var promptHash = ""
  /// As stored; `details` reads it.
  public var detail: [UInt8] = []

  public init() {}

  public var time: Int64 { CallKey.time(of: key) }
  public var isError: Bool { outcome != 0 }
  public var errorType: ErrorType? { outcome == 0 ? nil : ErrorType(rawValue: outcome - 1) }
  public var isCacheHit: Bool { cache == .hit }
  /// Of all calls that the row stands for.
  public var totalCost: Picodollars { cost * Picodollars(weight) }
  public var isPriced: Bool {
    if case .priced = verdict { return true }
    return false
  }
}

/// Feedback or a score.
public struct StoredJudgement: Sendable {
  public var key: Int64 = 0
  /// Key of the call, where it was known when the judgement came.
  public var call: Int64?
  public var set: Int64?
  public var kind = EventKind.feedback
  public var callID = ""
  public var traceID = ""
  public var user = ""
  public var session = ""
  public var rating: Rating?
  public var category = FaultCategory.none
  public var name = ""
  public var evaluator: Evaluator?
  /// 0…1 in 1e-9; -1 is absent.
  public var scoreNano: Int64 = -1
  public var weight: Int64 = 1
  public init() {}

  public var time: Int64 { CallKey.time(of: key) }
  /// What it calls the call that it speaks of: an id, else a trace id, else nothing.
  public var subject: String { callID.isEmpty ? traceID : callID }
}

/// The sums of an hour, of one combination, user and outcome.
public struct StoredHour: Sendable {
  /// Since 1970.
  public var hour: Int64 = 0
  public var set: Int64 = 0
  public var user = ""
  public var outcome: UInt8 = 0
  public var calls: Int64 = 0
  public var unpriced: Int64 = 0
  public var cacheHits: Int64 = 0
  public var retries: Int64 = 0
  /// Inclusive, as in `Usage`.
  public var input: Int64 = 0
  public var cachedInput: Int64 = 0
  public var cacheWrite: Int64 = 0
  public var output: Int64 = 0
  public var reasoning: Int64 = 0
  public var cost: Picodollars = 0
  /// Nanoseconds of all calls that say it, and how many do.
  public var latency: Int64 = 0
  public var timed: Int64 = 0
  public init() {}

  public var time: Int64 { hour * 3_600_000_000_000 }
}
