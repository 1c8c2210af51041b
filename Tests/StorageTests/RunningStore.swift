import CallMetrics
import Dispatch
import Synchronization

@testable import Storage

/// A registry that is kept in a file, from `start` to `stop`: one life of a daemon.
final class RunningStore {
  let events: CountedEvents
  let persistence: StatePersistence
  let writer: StoreWriter
  let log: Lines

  final class Lines: Sendable {
    private let lines = Mutex<[String]>([])
    private let arrived = DispatchSemaphore(value: 0)

    func add(_ line: String) {
      lines.withLock { $0.append(line) }
      arrived.signal()
    }

    var all: [String] { lines.withLock { $0 } }

    /// Waits until there is such a line; gives up after a minute.
    func wait(for isWanted: (String) -> Bool) {
      while !all.contains(where: isWanted), arrived.wait(timeout: .now() + 60) == .success {}
    }
  }

  /// - Parameters:
  ///   - interval: seconds between commits; by default none comes by itself.
  ///   - patience: seconds for which a start and a stop wait for a store that does not work.
  init(
    _ path: String, interval: Int64 = 3_600, patience: Int64 = 0,
    _ change: (inout RegistryConfiguration) -> Void = { _ in },
    prepare: @escaping @Sendable () throws(StoreError) -> Void = {}
  ) {
    let log = Lines()
    self.log = log
    events = CountedEvents(change)
    persistence = StatePersistence(registry: events.registry, clock: { CountedEvents.now }, log: log.add)
    var options = StoreWriter.Options(path: path)
    options.interval = interval * 1_000_000_000
    options.prepare = prepare
    options.startPatience = patience * 1_000_000_000
    options.stopPatience = patience * 1_000_000_000
    writer = StoreWriter(options: options, participants: [persistence], log: log.add)
    events.flushes.withLock { $0 = writer }
  }

  func start() {
    writer.start()
    writer.waitUntilSettled(milliseconds: 60_000)
  }

  /// One life: starts, does something, stops as SIGTERM does.
  func live(_ body: (CountedEvents) -> Void = { _ in }) {
    start()
    body(events)
    writer.stop()
  }
}
