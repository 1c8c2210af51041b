import Glibc

/// The system's clocks in nanoseconds.
enum Clock {
  static func monotonicNanoseconds() -> UInt64 { nanoseconds(of: CLOCK_MONOTONIC) }
  static func unixNanoseconds() -> UInt64 { nanoseconds(of: CLOCK_REALTIME) }

  private static func nanoseconds(of clock: clockid_t) -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return UInt64(clamping: time.tv_sec) &* 1_000_000_000 &+ UInt64(clamping: time.tv_nsec)
  }

  static func sleep(nanoseconds: UInt64) {
    var time = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    // Ended early by nothing: these threads block all signals.
    unsafe nanosleep(&time, nil)
  }
}

extension Duration {
  var nanosecondsClamped: UInt64 {
    let parts = components
    guard parts.seconds >= 0 else { return 0 }
    let seconds = UInt64(min(parts.seconds, 1_000_000_000))
    return seconds * 1_000_000_000 + UInt64(max(parts.attoseconds, 0) / 1_000_000_000)
  }
}

/// The system's words for an error number.
func describe(errno number: Int32) -> String {
  guard let text = unsafe strerror(number) else { return "error \(number)" }
  return unsafe String(cString: text)
}
