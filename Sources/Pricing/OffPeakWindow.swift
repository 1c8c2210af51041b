/// Hours in which `off_peak_pricing` holds.
struct OffPeakWindow: BitwiseCopyable, Sendable {
  /// Bit 1 is Monday … bit 7 Sunday, as ISO 8601 counts them.
  var weekdays: UInt8
  /// Minutes that the calendar of the weekdays is ahead of UTC. The hours themselves are UTC.
  var calendarOffset: Int16
  /// Minutes since midnight UTC: from `start` (included) to `end` (excluded), past midnight where `end` is not later.
  var start: UInt16
  var end: UInt16

  static let everyDay: UInt8 = 0b1111_1110

  func contains(_ time: Int64) -> Bool {
    let minutes = time.flooredDivision(by: 60_000_000_000)
    let minuteOfDay = minutes.flooredRemainder(by: 1440)
    let isInside =
      start < end
      ? minuteOfDay >= Int64(start) && minuteOfDay < Int64(end)
      : minuteOfDay >= Int64(start) || minuteOfDay < Int64(end)
    guard isInside else { return false }
    // 1970-01-01 was a Thursday.
    let day = (minutes &+ Int64(calendarOffset)).flooredDivision(by: 1440)
    let weekday = (day &+ 3).flooredRemainder(by: 7) &+ 1
    return weekdays >> UInt8(weekday) & 1 == 1
  }

  /// `16:30-00:30`, hours and minutes in UTC.
  static func hours(_ text: some StringProtocol) -> (start: UInt16, end: UInt16)? {
    let ends = text.split(separator: "-", omittingEmptySubsequences: false)
    guard ends.count == 2, let start = minute(ends[0]), let end = minute(ends[1]) else { return nil }
    return (start, end)
  }

  private static func minute(_ text: some StringProtocol) -> UInt16? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2,
      let hour = UInt16(String(parts[0].filter { $0 != " " })),
      let minute = UInt16(String(parts[1].filter { $0 != " " })),
      hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  static func weekday(_ word: some StringProtocol) -> Int? {
    let word = word.lowercased()
    let names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    guard word.utf8.count >= 3 else { return nil }
    return names.firstIndex { $0.hasPrefix(word) }.map { $0 + 1 }
  }

  /// Calendars without daylight saving time: an offset is all there is to know. Others would need a time zone
  /// database, which a table of prices has not asked for yet.
  static let calendarOffsets: [String: Int16] = [
    "UTC": 0, "Etc/UTC": 0, "GMT": 0, "Asia/Shanghai": 480, "Asia/Hong_Kong": 480, "Asia/Singapore": 480,
    "Asia/Taipei": 480, "Asia/Tokyo": 540, "Asia/Seoul": 540, "Asia/Kolkata": 330, "Asia/Dubai": 240,
  ]
}

extension Int64 {
  fileprivate func flooredDivision(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }

  fileprivate func flooredRemainder(by divisor: Int64) -> Int64 {
    let remainder = self % divisor
    return remainder < 0 ? remainder + divisor : remainder
  }
}
