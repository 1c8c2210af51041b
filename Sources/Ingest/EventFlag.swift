import CSockets
import Glibc

/// A flag that is raised once and can be waited for, by a thread or by epoll.
final class EventFlag: Sendable {
  let descriptor: Int32

  init() throws(ListenerError) {
    descriptor = csockets_eventfd()
    guard descriptor >= 0 else {
      throw ListenerError(.system, "cannot make an eventfd: \(describe(errno: -descriptor))")
    }
  }

  deinit { Glibc.close(descriptor) }

  func raise() {
    var one: UInt64 = 1
    // It fails only where the counter is at its end: then the flag is up.
    _ = unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
  }

  /// Lowers the flag, for one that wakes a loop again and again.
  func lower() {
    var count: UInt64 = 0
    _ = unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
  }

  /// False when it was not raised within the limit.
  func wait(within limit: Duration) -> Bool {
    let deadline = Clock.monotonicNanoseconds() &+ limit.nanosecondsClamped
    while true {
      let now = Clock.monotonicNanoseconds()
      let left = deadline > now ? deadline - now : 0
      var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // Rounded up, so that the last round is not a busy one.
      let milliseconds = Int32(clamping: (left + 999_999) / 1_000_000)
      if unsafe poll(&waited, 1, milliseconds) > 0 { return true }
      if left == 0 { return false }
    }
  }
}
