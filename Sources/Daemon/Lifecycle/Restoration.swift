import Logging
import ServiceLifecycle
import Storage

/// Waits for stored numbers that take long to restore, then lets events in.
struct Restoration: Service, CustomStringConvertible {
  let daemon: Daemon
  var description: String { "restoration" }

  func run() async throws {
    if let durable = daemon.durable {
      let inTime = await Blocking.run { durable.waitOn() }
      if !inTime { daemon.logger.error("stored state is not restored yet: events are counted in memory") }
    }
    try daemon.receive()
    try? await gracefulShutdown()
  }
}
