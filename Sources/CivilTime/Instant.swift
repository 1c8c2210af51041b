/// Time stamps as text. Instants are nanoseconds since 1970.
public enum Instant {
  public static let second: Int64 = 1_000_000_000
  public static let hour: Int64 = 3_600_000_000_000
  public static let day: Int64 = 86_400_000_000_000

  public static func seconds(_ instant: Int64) -> Int {
    Int(instant >= 0 ? instant / second : (instant - second + 1) / second)
  }

  /// `2026-11-21T09:47:46.123456Z`: RFC 3339, as many digits of the second as are not zero.
  public static func text(_ instant: Int64, in zone: TimeZone = .utc) -> String {
    let seconds = seconds(instant)
    let (date, clock) = zone.local(seconds)
    let rest = instant - Int64(seconds) * second
    var fraction = ""
    if rest > 0 {
      fraction = Digits.padded(Int(rest), 9)
      while fraction.last == "0" { fraction.removeLast() }
      fraction = "." + fraction
    }
    return date.text + "T" + Self.clock(clock) + fraction + offsetText(zone.offset(at: seconds))
  }

  /// `2026-11-21T09:47:46`, in UTC.
  public static func secondsText(_ instant: Int64) -> String {
    let (date, clock) = TimeZone.utc.local(seconds(instant))
    return date.text + "T" + Self.clock(clock)
  }

  /// `2026-11-21 09:47:46`, for people.
  public static func shortText(_ instant: Int64, in zone: TimeZone) -> String {
    let (date, clock) = zone.local(seconds(instant))
    return date.text + " " + Self.clock(clock)
  }

  private static func clock(_ seconds: Int) -> String {
    "\(Digits.padded(seconds / 3600, 2)):\(Digits.padded(seconds / 60 % 60, 2)):\(Digits.padded(seconds % 60, 2))"
  }

  private static func offsetText(_ offset: Int) -> String {
    if offset == 0 { return "Z" }
    let minutes = abs(offset) / 60
    return (offset < 0 ? "-" : "+") + "\(Digits.padded(minutes / 60, 2)):\(Digits.padded(minutes % 60, 2))"
  }
}
