public import CallMetrics
import Synchronization

/// How the store is doing: written by the writer's thread, read by scrapes and by readiness.
public final class StorageStatus: Sendable {
  struct State {
    var isUp = false
    /// Stored numbers are restored, or nobody waits for them any longer.
    var isSettled = false
    /// Why it is not up; nil while it is, or before the first attempt.
    var fault: String?
    var errors: [Int64] = StorageOperation.allCases.map { _ in 0 }
    var interval: Int64 = 0
    var size: Int64 = 0
    var commits: [Int64] = Array(repeating: 0, count: StorageStatus.commitBounds.count + 1)
    var commitSum: Int128 = 0
    var setAside: [String] = []
  }
  private let state: Mutex<State>

  static let commitBounds = HistogramBounds.seconds([
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
  ])

  init(interval: Int64) {
    state = Mutex(State(interval: interval))
  }

  public var isUp: Bool { state.withLock { $0.isUp } }
  /// Whether stored numbers are restored, or nobody waits for them any longer: counters may be shown.
  public var isSettled: Bool { state.withLock { $0.isSettled } }
  /// In words, for readiness.
  public var fault: String? { state.withLock { $0.fault } }
  /// Files that were no store of ours, or damaged, and lie beside it under these names.
  public var setAside: [String] { state.withLock { $0.setAside } }

  func change(_ body: (inout State) -> Void) { state.withLock { state in body(&state) } }

  func count(_ operation: StorageOperation) {
    guard let index = StorageOperation.allCases.firstIndex(of: operation) else { return }
    change { $0.errors[index] += 1 }
  }

  func committed(nanoseconds: Int64) {
    let bucket = Self.commitBounds.firstIndex { nanoseconds <= $0 } ?? Self.commitBounds.count
    change {
      $0.commits[bucket] += 1
      $0.commitSum += Int128(nanoseconds)
    }
  }

  public var families: [SampledFamily] {
    let state = state.withLock { $0 }
    return [
      SampledFamily(
        Family("llm_exporter_storage_up", .gauge, help: "Whether the store is open and its last commit succeeded."),
        [.init([], .integer(state.isUp ? 1 : 0))]),
      SampledFamily(
        Family("llm_exporter_storage_errors_total", .counter, help: "Failures of the store, by what was attempted."),
        zip(StorageOperation.allCases, state.errors).map { .init([("operation", $0.rawValue)], .integer($1)) }),
      SampledFamily(
        Family(
          "llm_exporter_storage_commit_duration_seconds", .histogram, unit: "seconds",
          help: "Duration of commits, the disk's share included."),
        [
          .init(
            [],
            .histogram(
              bounds: Self.commitBounds, counts: state.commits, sum: state.commitSum, scale: .nano))
        ]),
      SampledFamily(
        Family(
          "llm_exporter_storage_commit_interval_seconds", .gauge, unit: "seconds",
          help: "Interval of commits in force: at most so much is lost in a crash of what no client had acknowledged."),
        [.init([], .nano(state.interval))]),
      SampledFamily(
        Family(
          "llm_exporter_storage_size_bytes", .gauge, unit: "bytes",
          help: "Size of the store's file and its write-ahead log."),
        [.init([], .integer(state.size))]),
    ]
  }
}
