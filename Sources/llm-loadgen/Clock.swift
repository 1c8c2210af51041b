import CSockets
import Glibc

enum Clock {
  /// Shorter waits are spun: the kernel's wake-up takes about that long.
  private static let shortestSleepNanoseconds: UInt64 = 80_000

  static func nanoseconds() -> UInt64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  static func unixSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// As exactly as the machine can.
  static func wait(untilNanoseconds deadline: UInt64) {
    let now = nanoseconds()
    guard deadline > now else { return }
    if deadline - now > shortestSleepNanoseconds {
      let left = deadline - now - shortestSleepNanoseconds / 2
      var time = timespec(tv_sec: Int(left / 1_000_000_000), tv_nsec: Int(left % 1_000_000_000))
      unsafe nanosleep(&time, nil)
    }
  }

  static func processorSeconds() -> Double {
    var usage = rusage()
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let user = Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) / 1e6
    return user + Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) / 1e6
  }
}
