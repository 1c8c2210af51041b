/// Points in time as nanoseconds since 1970.
enum Timestamp {
  /// RFC 3339, and the same without an offset, which is taken as UTC.
  static func parse(_ text: Span<UInt8>) -> Int64? {
    guard text.count >= 19, text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"),
      text[10] | 0x20 == UInt8(ascii: "t") || text[10] == UInt8(ascii: " "), text[13] == UInt8(ascii: ":"),
      text[16] == UInt8(ascii: ":"), let century = pair(text, 0), let years = pair(text, 2),
      let month = pair(text, 5), let day = pair(text, 8), let hour = pair(text, 11), let minute = pair(text, 14),
      let second = pair(text, 17)
    else { return nil }
    let year = century &* 100 &+ years
    guard (1970...2261).contains(year), (1...12).contains(month), day >= 1, day <= days(in: month, of: year),
      hour < 24, minute < 60, second <= 60
    else { return nil }
    var i = 19
    let nanoseconds = fraction(text, &i)
    guard let nanoseconds, let offset = offset(text, i) else { return nil }
    let seconds = (daysSince1970(year, month, day) &* 24 &+ hour) &* 3600 &+ minute &* 60 &+ second &- offset
    guard seconds >= 0 else { return nil }
    return Int64(seconds) &* 1_000_000_000 &+ nanoseconds
  }

  /// Epoch seconds, milliseconds, microseconds or nanoseconds: told apart by their size.
  static func epoch(_ decimal: Decimal) -> Int64? {
    guard !decimal.isNegative, let whole = decimal.magnitude(scale: 0) else { return nil }
    let scale =
      whole >= 100_000_000_000_000_000
      ? 0 : whole >= 100_000_000_000_000 ? 3 : whole >= 100_000_000_000 ? 6 : 9
    guard let nanoseconds = decimal.magnitude(scale: scale) else { return nil }
    return Int64(exactly: nanoseconds)
  }

  private static func pair(_ text: Span<UInt8>, _ i: Int) -> Int? {
    let high = text[i] &- UInt8(ascii: "0")
    let low = text[i &+ 1] &- UInt8(ascii: "0")
    return high < 10 && low < 10 ? Int(high &* 10 &+ low) : nil
  }

  private static func fraction(_ text: Span<UInt8>, _ i: inout Int) -> Int64? {
    guard text.byte(at: i) == UInt8(ascii: ".") else { return 0 }
    i &+= 1
    var value: Int64 = 0
    var digits = 0
    while case let digit = text.byte(at: i) &- UInt8(ascii: "0"), digit < 10 {
      if digits < 9 { value = value &* 10 &+ Int64(digit) }
      digits &+= 1
      i &+= 1
    }
    guard digits > 0 else { return nil }
    for _ in min(digits, 9)..<9 { value &*= 10 }
    return value
  }

  /// Seconds east of Greenwich: `+01:00`, or `+0100` as ISO 8601 and `strftime` have it.
  private static func offset(_ text: Span<UInt8>, _ i: Int) -> Int? {
    let sign = text.byte(at: i)
    if i == text.count { return 0 }
    if sign | 0x20 == UInt8(ascii: "z") { return i &+ 1 == text.count ? 0 : nil }
    let colon = text.byte(at: i &+ 3) == UInt8(ascii: ":") ? 1 : 0
    guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), text.count == i &+ 5 &+ colon,
      let hours = pair(text, i &+ 1), let minutes = pair(text, i &+ 3 &+ colon), hours < 24, minutes < 60
    else { return nil }
    let seconds = hours &* 3600 &+ minutes &* 60
    return sign == UInt8(ascii: "-") ? 0 &- seconds : seconds
  }

  private static func days(in month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days of the proleptic Gregorian calendar, counted in years that begin in March so that a leap day is the last.
  private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
    let marchYear = month > 2 ? year : year - 1
    let era = marchYear / 400
    let yearOfEra = marchYear - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }
}
