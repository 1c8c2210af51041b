import Glibc
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs the services, obeys signals, and waits for the services no longer than a stop may take.
struct ServingUntilTold: Sendable {
  enum End: Sendable {
    case stopped
    case failed(any Error)
    /// Something under way did not end in time: a transfer, or an HTTP client that does not read.
    case late
  }

  /// Between the signal and the last commit: Docker kills after ten seconds.
  private static let stopLimit = Duration.seconds(8)

  let signals: UnixSignalsSequence
  let group: ServiceGroup
  let reloader: Reloader
  let logger: Logger

  func run() async -> End {
    let (ends, end) = AsyncStream.makeStream(of: End.self)
    let obedience = Task { await obey(end) }
    let running = Task {
      do {
        try await group.run()
        end.yield(.stopped)
      } catch {
        end.yield(.failed(error))
      }
    }
    defer {
      obedience.cancel()
      running.cancel()
    }
    return await ends.first { _ in true } ?? .stopped
  }

  private func obey(_ end: AsyncStream<End>.Continuation) async {
    var overdue: Task<Void, any Error>?
    defer { overdue?.cancel() }
    for await signal in signals {
      if signal == .sighup {
        _ = await reloader.reload()
      } else if overdue != nil {
        logger.critical("second signal: exiting at once")
        exit(1)
      } else {
        logger.info("stopping", metadata: ["signal": "\(signal)"])
        overdue = Task {
          try await Task.sleep(for: Self.stopLimit)
          end.yield(.late)
        }
        await group.triggerGracefulShutdown()
      }
    }
  }
}
