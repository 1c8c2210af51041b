/// The rule that holds after the last listed transition: POSIX `TZ` text such as `CET-1CEST,M3.5.0,M10.5.0/3`.
/// Source: POSIX.1-2017, Base Definitions 8.3, with RFC 8536 3.3.1 (hours of a change may be -167…167).
struct TimeZoneRule: Sendable, Equatable {
  /// Seconds east of Greenwich.
  var standard: Int
  var daylight: Change?

  struct Change: Sendable, Equatable {
    var offset: Int
    var begins: Moment
    var ends: Moment
  }

  /// A moment of the year, in the wall clock before the change.
  struct Moment: Sendable, Equatable {
    enum Day: Sendable, Equatable {
      /// Week 5 is the last; weekday 0 is Sunday.
      case weekday(month: Int, week: Int, weekday: Int)
      /// 1…365, never February 29.
      case julian(Int)
      /// 0…365.
      case ordinal(Int)
    }
    var day: Day
    var seconds: Int

    /// Seconds since 1970 if the clock showed Greenwich time.
    func inYear(_ year: Int) -> Int {
      guard let newYear = CivilDate(year: year, month: 1, day: 1) else { return 0 }
      let date: CivilDate
      switch day {
      case .ordinal(let days): date = newYear.adding(days: days)
      case .julian(let number):
        let isLeap = CivilDate.days(inMonth: 2, of: year) == 29
        date = newYear.adding(days: number - 1 + (isLeap && number > 59 ? 1 : 0))
      case .weekday(let month, let week, let weekday):
        guard let first = CivilDate(year: year, month: month, day: 1) else { return 0 }
        let ahead = (weekday - first.weekday % 7 + 7) % 7
        var number = 1 + ahead + (week - 1) * 7
        while number > CivilDate.days(inMonth: month, of: year) { number -= 7 }
        date = first.adding(days: number - 1)
      }
      return date.daysSinceEpoch * 86_400 + seconds
    }
  }

  func offset(at time: Int) -> Int {
    guard let daylight else { return standard }
    let localDay = (time + standard) / 86_400 - ((time + standard) % 86_400 < 0 ? 1 : 0)
    let year = CivilDate(daysSinceEpoch: localDay).components.year
    let begins = daylight.begins.inYear(year) - standard
    let ends = daylight.ends.inYear(year) - daylight.offset
    let isDaylight = begins <= ends ? (begins..<ends).contains(time) : !(ends..<begins).contains(time)
    return isDaylight ? daylight.offset : standard
  }

  /// - Returns: nil where the text is none of POSIX's.
  init?(_ text: [UInt8]) {
    var reader = Reader(bytes: text)
    guard reader.skipName(), let west = reader.clock() else { return nil }
    standard = -west
    daylight = nil
    if reader.isAtEnd { return }
    guard reader.skipName() else { return nil }
    var offset = standard + 3600
    if reader.peek != UInt8(ascii: ",") {
      guard let west = reader.clock() else { return nil }
      offset = -west
    }
    guard reader.take(","), let begins = reader.moment(), reader.take(","), let ends = reader.moment(), reader.isAtEnd
    else { return nil }
    daylight = Change(offset: offset, begins: begins, ends: ends)
  }

  private struct Reader {
    let bytes: [UInt8]
    var at = 0

    var isAtEnd: Bool { at == bytes.count }
    var peek: UInt8? { at < bytes.count ? bytes[at] : nil }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard peek == UInt8(ascii: character) else { return false }
      at += 1
      return true
    }

    /// `CET`, or `<+03>`.
    mutating func skipName() -> Bool {
      let start = at
      if take("<") {
        while let byte = peek, byte != UInt8(ascii: ">") { at += 1 }
        return take(">") && at > start + 2
      }
      while let byte = peek, (byte | 0x20) >= UInt8(ascii: "a"), (byte | 0x20) <= UInt8(ascii: "z") { at += 1 }
      return at >= start + 3
    }

    mutating func number(_ bounds: ClosedRange<Int>) -> Int? {
      let start = at
      var value = 0
      while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9"), at < start + 3 {
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
        at += 1
      }
      return at > start && bounds.contains(value) ? value : nil
    }

    /// `[+-]hh[:mm[:ss]]` in seconds.
    mutating func clock() -> Int? {
      let isNegative = take("-")
      if !isNegative { _ = take("+") }
      guard let hours = number(0...167) else { return nil }
      var seconds = hours * 3600
      for unit in [60, 1] {
        guard take(":") else { break }
        guard let value = number(0...59) else { return nil }
        seconds += value * unit
      }
      return isNegative ? -seconds : seconds
    }

    mutating func moment() -> Moment? {
      let day: Moment.Day
      if take("M") {
        guard let month = number(1...12), take("."), let week = number(1...5), take("."), let weekday = number(0...6)
        else { return nil }
        day = .weekday(month: month, week: week, weekday: weekday)
      } else if take("J") {
        guard let number = number(1...365) else { return nil }
        day = .julian(number)
      } else {
        guard let number = number(0...365) else { return nil }
        day = .ordinal(number)
      }
      guard take("/") else { return Moment(day: day, seconds: 7200) }
      guard let seconds = clock() else { return nil }
      return Moment(day: day, seconds: seconds)
    }
  }
}
