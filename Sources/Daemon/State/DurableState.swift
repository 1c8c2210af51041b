import CallMetrics
import Logging
import Pipeline
import Storage

/// What keeps the counters over a restart: the store's writer, and what it writes.
struct DurableState: Sendable {
  /// So long `/metrics` waits, from the start on, for a store that takes its time to be read; then it shows what is in
  /// memory. For one that can't be opened the writer waits as long by itself.
  static let patience = 5_000
  /// Restoring takes far less where nothing is wrong: so long the start waits for it, so that listeners and HTTP come
  /// up in one go.
  private static let usualMilliseconds = 1_000
  private static let leastInterval: Int64 = 10_000_000

  let writer: StoreWriter
  /// The file.
  let path: String
  let persistence: StatePersistence

  /// - Parameter registry: counts nothing yet.
  init(
    _ settings: Configuration.Storage, registry: Registry, callLog: CallLog?, keys: [KeptKey], logger: Logger
  ) {
    let log: @Sendable (String) -> Void = { logger.warning("storage", metadata: ["what": "\($0)"]) }
    persistence = StatePersistence(
      registry: registry, clock: { WallClock.now }, log: log, alongside: { callLog?.writer.collect() })
    path = settings.path + "/" + Store.fileName
    var options = StoreWriter.Options(path: path)
    options.prepare = { () throws(StoreError) in for key in keys { try key.keep() } }
    options.interval = max(settings.commitInterval.nanoseconds, Self.leastInterval)
    writer = StoreWriter(options: options, participants: [persistence] + (callLog.map { [$0.writer] } ?? []), log: log)
    callLog?.commits(with: writer)
  }

  /// - Returns: whether everything is restored, or is not going to be.
  func start() -> Bool {
    writer.start()
    return writer.waitUntilSettled(milliseconds: Self.usualMilliseconds)
  }

  /// What is left of the patience after `start` was not enough.
  ///
  /// - Returns: as there.
  func waitOn() -> Bool { writer.waitUntilSettled(milliseconds: Self.patience - Self.usualMilliseconds) }

  var families: [SampledFamily] { writer.status.families + persistence.families }
}
