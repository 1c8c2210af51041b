import CivilTime
import Glibc

/// The time of day, read in one place.
enum WallClock {
  /// Nanoseconds since 1970.
  static var now: Int64 {
    var time = timespec()
    // clock_gettime fills the struct that it is given; CLOCK_REALTIME is always there.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// RFC 3339 in UTC, with milliseconds.
  static func text(_ nanoseconds: Int64) -> String {
    let milliseconds = Int(nanoseconds / 1_000_000 % 1_000)
    return Instant.secondsText(nanoseconds) + "." + Digits.padded(milliseconds, 3) + "Z"
  }
}

/// A clock that never jumps, for intervals.
enum SteadyClock {
  static var now: Int64 {
    var time = timespec()
    // As above, for CLOCK_MONOTONIC.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }
}

extension WallClock {
  /// Midnight UTC of the `YYYY-MM-DD` that a text starts with.
  static func nanoseconds(ofDate text: String) -> Int64? {
    let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
    // Nanoseconds since 1970 end in 2262.
    guard text.count >= 10, parts.count == 3, let year = Int(parts[0]), (1970..<2262).contains(year),
      let month = Int(parts[1]), let day = Int(parts[2]), let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    return Int64(date.daysSinceEpoch) * Instant.day
  }
}
