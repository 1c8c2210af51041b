import Glibc
import Synchronization

// A C function pointer captures nothing, so what a signal handler writes is global.
private let isStopped = Atomic<Bool>(false)
private let switches = Atomic<Int>(0)

/// What signals ask of a running generator: SIGTERM and SIGINT end it with its report, SIGUSR1 switches the incident.
enum Interruption {

  static func listen() {
    // Only atomics are touched in a handler. SIGPIPE is an error of the write, not the end of us.
    signal(SIGTERM) { _ in isStopped.store(true, ordering: .relaxed) }
    signal(SIGINT) { _ in isStopped.store(true, ordering: .relaxed) }
    signal(SIGUSR1) { _ in switches.add(1, ordering: .relaxed) }
    signal(SIGPIPE, SIG_IGN)
  }

  static var wantsStop: Bool { isStopped.load(ordering: .relaxed) }
  /// Switched an odd number of times.
  static var isIncidentSwitched: Bool { switches.load(ordering: .relaxed) % 2 == 1 }
}
