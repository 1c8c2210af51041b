/// A point in time as a person writes it.
///
/// - `7d`, `36h`, `90m`, `2w`: so long ago
/// - `now`, `today`, `yesterday`, `week`, `month`: the last four mean the beginning of it
/// - `2026-11-01`, `2026-11-01T12:30`, `2026-11-01 12:30:05`: in the zone of the report
/// - `2026-11-01T12:30:05Z`, `…+02:00`: in a zone of its own
public enum TimeExpression {
  public struct Failure: Error, Equatable, CustomStringConvertible {
    public var text: String
    public init(text: String) { self.text = text }
    public var description: String {
      "“\(text)” is no time: expected a duration (90m, 36h, 7d, 2w), a date (2026-11-01), a date and time "
        + "(2026-11-01T12:30, with Z or +02:00 where it is not local), now, today, yesterday, week or month"
    }
  }

  /// - Returns: nanoseconds since 1970.
  public static func parse(_ text: String, now: Int64, zone: TimeZone) throws(Failure) -> Int64 {
    if let instant = word(text, now: now, zone: zone) ?? ago(text, now: now) ?? date(text, zone: zone) {
      return instant
    }
    throw Failure(text: text)
  }

  /// `90m`, `36h`, `7d`, `2w`, `30s` in nanoseconds.
  public static func duration(_ text: String) -> Int64? {
    guard let unit = text.last, let count = Int64(text.dropLast()), count >= 0 else { return nil }
    let units: [Character: Int64] = [
      "s": Instant.second, "m": 60 * Instant.second, "h": Instant.hour, "d": Instant.day, "w": 7 * Instant.day,
    ]
    guard let length = units[unit] else { return nil }
    let (product, overflow) = count.multipliedReportingOverflow(by: length)
    return overflow ? nil : product
  }

  private static func ago(_ text: String, now: Int64) -> Int64? {
    guard let duration = duration(text) else { return nil }
    return max(0, now - min(duration, now))
  }

  private static func word(_ text: String, now: Int64, zone: TimeZone) -> Int64? {
    let today = zone.local(Instant.seconds(now)).date
    let date: CivilDate
    switch text {
    case "now": return now
    case "today": date = today
    case "yesterday": date = today.adding(days: -1)
    case "week": date = today.startOfWeek
    case "month": date = today.startOfMonth
    default: return nil
    }
    return instant(zone.time(of: date))
  }

  /// Nothing was logged before 1970; and with a year to spare at the other end of what Int64 holds, a day or a week more
  /// is still a number.
  private static func instant(_ seconds: Int, _ nanoseconds: Int64 = 0) -> Int64? {
    let latest = Int((Int64.max - 366 * Instant.day) / Instant.second)
    return seconds > latest ? nil : Int64(max(0, seconds)) * Instant.second + (seconds < 0 ? 0 : nanoseconds)
  }

  private static func date(_ text: String, zone: TimeZone) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 10, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
      let year = number(bytes[0..<4]), let month = number(bytes[5..<7]), let day = number(bytes[8..<10]),
      let date = CivilDate(year: year, month: month, day: day)
    else { return nil }
    if bytes.count == 10 { return instant(zone.time(of: date)) }
    guard bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "t") else {
      return nil
    }
    let marks = bytes[11...].firstIndex {
      [UInt8(ascii: "Z"), UInt8(ascii: "z"), UInt8(ascii: "+"), UInt8(ascii: "-")].contains($0)
    }
    guard let clock = clock(bytes[11..<(marks ?? bytes.count)]) else { return nil }
    guard let marks else {
      return instant(zone.time(of: date, seconds: clock.seconds), clock.nanoseconds)
    }
    guard let offset = offset(bytes[marks...]) else { return nil }
    return instant(date.daysSinceEpoch * 86_400 + clock.seconds - offset, clock.nanoseconds)
  }

  /// `12:30`, `12:30:05`, `12:30:05.25`.
  private static func clock(_ bytes: ArraySlice<UInt8>) -> (seconds: Int, nanoseconds: Int64)? {
    let parts = bytes.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, parts[0].count == 2, parts[1].count == 2,
      let hours = number(parts[0]), let minutes = number(parts[1]), hours < 24, minutes < 60
    else { return nil }
    guard parts.count == 3 else { return (hours * 3600 + minutes * 60, 0) }
    let second = parts[2].split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard second.count <= 2, second[0].count == 2, let seconds = number(second[0]), seconds < 60 else { return nil }
    var nanoseconds: Int64 = 0
    if second.count == 2 {
      guard (1...9).contains(second[1].count), let digits = number(second[1]) else { return nil }
      nanoseconds = Int64(digits)
      for _ in second[1].count..<9 { nanoseconds *= 10 }
    }
    return (hours * 3600 + minutes * 60 + seconds, nanoseconds)
  }

  /// `Z`, `+02:00`, `-0530`.
  private static func offset(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard let sign = bytes.first else { return nil }
    if sign | 0x20 == UInt8(ascii: "z") { return bytes.count == 1 ? 0 : nil }
    let digits = bytes.dropFirst().filter { $0 != UInt8(ascii: ":") }
    guard digits.count == 4, let hours = number(digits[..<2]), let minutes = number(digits[2...]), hours < 24,
      minutes < 60
    else { return nil }
    let seconds = hours * 3600 + minutes * 60
    return sign == UInt8(ascii: "-") ? -seconds : seconds
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 9 else { return nil }
    var value = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int(digit - UInt8(ascii: "0"))
    }
    return value
  }
}
