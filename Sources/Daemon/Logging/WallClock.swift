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
    var seconds = time_t(nanoseconds / 1_000_000_000)
    var parts = unsafe tm()
    // Both pointers are to locals that outlive the call.
    unsafe gmtime_r(&seconds, &parts)
    let milliseconds = Int(nanoseconds / 1_000_000 % 1_000)
    return unsafe pad(Int(parts.tm_year) + 1900, 4) + "-" + pad(Int(parts.tm_mon) + 1, 2) + "-"
      + pad(Int(parts.tm_mday), 2)
      + "T" + pad(Int(parts.tm_hour), 2) + ":" + pad(Int(parts.tm_min), 2) + ":" + pad(Int(parts.tm_sec), 2) + "."
      + pad(milliseconds, 3) + "Z"
  }

  private static func pad(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
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
    guard text.count >= 10, parts.count == 3, let year = Int64(parts[0]), let month = Int64(parts[1]),
      let day = Int64(parts[2]), (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day)
    else { return nil }
    // Days since 1970 in the proleptic Gregorian calendar; years begin in March, so that leap days come last.
    let shifted = month <= 2 ? year - 1 : year
    let era = shifted / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return (era * 146_097 + dayOfEra - 719_468) * 86_400_000_000_000
  }
}
