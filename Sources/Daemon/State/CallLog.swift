import CallMetrics
import Logging
import Pipeline
import Pricing
import Storage
import Synchronization

/// The call log: the queue that the pipeline fills, and the part in the store's commits that empties it.
struct CallLog: Sendable {
  let queue: CallLogQueue
  let writer: CallLogWriter
  private let bell = CommitBell()

  /// Asks for a commit when the queue is half full: the store's writer is made after its participants.
  private final class CommitBell: Sendable {
    let store = Mutex<StoreWriter?>(nil)
    func ring() { store.withLock { $0 }?.commitSoon() }
  }

  /// - Returns: nil where there is none, by configuration.
  init?(_ configuration: Configuration, _ state: StateSetup, prices: PriceBook, logger: Logger) {
    guard configuration.storage.isEnabled, configuration.calls.mode != .off else { return nil }
    let bell = bell
    queue = CallLogQueue(policy: CallLogPolicy(configuration.calls), seed: .random(in: .min ... .max)) { bell.ring() }
    var log = CallLogConfiguration(configuration.calls)
    // Without a key that lasts, a hash that means nothing after a restart is better than a name.
    if configuration.metrics.hashUsers { log.userHashKey = state.userKey?.hashKey ?? state.rememberKey }
    log.labelNames = configuration.metrics.eventLabels
    writer = CallLogWriter(
      queue: queue, configuration: log, prices: prices, seed: state.rememberKey, now: { WallClock.now },
      failed: { logger.warning("rows of the call log were not written", metadata: ["problem": "\($0)"]) })
  }

  func commits(with store: StoreWriter) { bell.store.withLock { $0 = store } }

  var families: [SampledFamily] {
    let dropped = Family(
      "llm_exporter_call_log_dropped_total", .counter,
      help: "Rows of the call log that were not written; their calls are counted.")
    return [SampledFamily(dropped, [.init([], .integer(writer.dropped))])]
  }
}

extension CallLogPolicy {
  init(_ settings: Configuration.Calls) {
    self.init()
    switch settings.mode {
    case .all: mode = .all
    case .slowAndFailed: mode = .slowAndFailed
    case .sampled: mode = .sampled(oneOf: Int64(settings.sampleOneOf))
    case .off: mode = .off
    }
    slowLatency = settings.slow == .zero ? .max : settings.slow.nanoseconds
    largeTokens = settings.largeTokens == 0 ? nil : Int64(settings.largeTokens)
    dearCost = settings.dearDollars == 0 ? nil : Int128(settings.dearDollars)
    maxRowsPerSecond = Int64(settings.maxRows)
    capturesText = settings.capturesText
    capturesRatedText = settings.capturesRatedText
  }
}

extension CallLogConfiguration {
  init(_ settings: Configuration.Calls) {
    self.init()
    // Longer than any clock runs, and far from overflow.
    let forever = Int64.max / 4
    func limit(_ time: Duration) -> Int64 { time == .zero ? forever : time.nanoseconds }
    callRetention = limit(settings.retention)
    hourRetention = limit(settings.hoursRetention) / 3_600_000_000_000
    textRetention = settings.textRetention == .zero ? callRetention : settings.textRetention.nanoseconds
    maxFileBytes = Int64(settings.maxFileBytes)
  }
}
