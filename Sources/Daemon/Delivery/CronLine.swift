import CivilTime

/// When something is to be done, as crontab(5) has it: minute, hour, day of the month, month, day of the week.
struct CronLine: Equatable, Sendable {
  /// As it was written.
  let text: String
  private let minutes: Set<Int>
  private let hours: Set<Int>
  private let days: Set<Int>
  private let months: Set<Int>
  private let weekdays: Set<Int>
  /// Where both kinds of days are restricted, either is enough.
  private let takesEitherDay: Bool

  private static let words = [
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
  ]
  private static let monthNames = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]
  private static let weekdayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]

  static let expected = "five fields as in crontab, such as \"0 8 * * mon-fri\", or @hourly, @daily, @weekly, @monthly"

  init?(_ text: String) {
    self.text = text
    let fields = (Self.words[text] ?? text).split(separator: " ").map { String($0).lowercased() }
    guard fields.count == 5, let minutes = Self.values(fields[0], 0...59), let hours = Self.values(fields[1], 0...23),
      let days = Self.values(fields[2], 1...31), let months = Self.values(fields[3], 1...12, names: Self.monthNames, 1),
      let weekdays = Self.values(fields[4], 0...7, names: Self.weekdayNames, 0)
    else { return nil }
    self.minutes = minutes
    self.hours = hours
    self.days = days
    self.months = months
    // Sunday is 0 and 7.
    self.weekdays = Set(weekdays.map { $0 == 0 ? 7 : $0 })
    takesEitherDay = !fields[2].hasPrefix("*") && !fields[4].hasPrefix("*")
  }

  /// `*`, `5`, `1-5`, `*/15`, `8-18/2`, and lists of these.
  private static func values(
    _ field: String, _ range: ClosedRange<Int>, names: [String] = [], _ first: Int = 0
  ) -> Set<Int>? {
    func number(_ text: Substring) -> Int? {
      if let named = names.firstIndex(of: String(text)) { return named + first }
      return text.allSatisfy { $0.isASCII && $0.isNumber } ? Int(text) : nil
    }
    var values: Set<Int> = []
    for part in field.split(separator: ",", omittingEmptySubsequences: false) {
      let halves = part.split(separator: "/", omittingEmptySubsequences: false)
      guard halves.count <= 2, let span = halves.first else { return nil }
      var bounds = (range.lowerBound, range.upperBound)
      if span != "*" {
        let ends = span.split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count <= 2, let low = ends.first.flatMap(number), let high = ends.last.flatMap(number) else {
          return nil
        }
        bounds = (low, halves.count == 2 && ends.count == 1 ? range.upperBound : high)
      }
      let step = halves.count == 2 ? number(halves[1]) : 1
      guard let step, step > 0, range.contains(bounds.0), range.contains(bounds.1), bounds.0 <= bounds.1 else {
        return nil
      }
      values.formUnion(stride(from: bounds.0, through: bounds.1, by: step))
    }
    return values
  }

  func isDue(_ date: CivilDate, minute: Int) -> Bool {
    let (_, month, day) = date.components
    guard minutes.contains(minute % 60), hours.contains(minute / 60), months.contains(month) else { return false }
    let isDay = days.contains(day)
    let isWeekday = weekdays.contains(date.weekday)
    return takesEitherDay ? isDay || isWeekday : isDay && isWeekday
  }

  /// The minutes after `last` and not after `now` in which it was due, oldest first. A local time that comes twice, where
  /// clocks are put back, counts once; one that is left out, where they are put forward, comes with the minute after it.
  ///
  /// - Parameters: nanoseconds since 1970.
  func due(after last: Int64, through now: Int64, zone: TimeZone) -> [Int64] {
    let minute = 60 * Instant.second
    var found: [Int64] = []
    // A month at most: what is older is of no use any more.
    var time = max(last / minute, now / minute - 31 * 24 * 60)
    var latest = Self.place(time * minute, zone)
    while time < now / minute {
      time += 1
      let place = Self.place(time * minute, zone)
      if place <= latest { continue }
      if (latest + 1...place).contains(where: isDue(at:)) { found.append(time * minute) }
      latest = place
    }
    return found
  }

  private func isDue(at place: Int) -> Bool {
    isDue(CivilDate(daysSinceEpoch: place / 1440), minute: place % 1440)
  }

  /// The local minute, counted from 1970.
  private static func place(_ time: Int64, _ zone: TimeZone) -> Int {
    let local = zone.local(Instant.seconds(time))
    return local.date.daysSinceEpoch * 1440 + local.seconds / 60
  }
}
