import CivilTime
import Testing

@Suite struct TimeExpressions {
  /// Saturday 2026-11-21 09:47:46 UTC.
  static let now: Int64 = 1_795_254_466 * Instant.second

  @Test(arguments: [
    ("now", "2026-11-21T10:47:46+01:00"),
    ("90m", "2026-11-21T09:17:46+01:00"),
    ("7d", "2026-11-14T10:47:46+01:00"),
    ("2w", "2026-11-07T10:47:46+01:00"),
    ("today", "2026-11-21T00:00:00+01:00"),
    ("yesterday", "2026-11-20T00:00:00+01:00"),
    ("week", "2026-11-16T00:00:00+01:00"),
    ("month", "2026-11-01T00:00:00+01:00"),
    ("2026-07-01", "2026-07-01T00:00:00+02:00"),
    ("2026-07-01T12:30", "2026-07-01T12:30:00+02:00"),
    ("2026-07-01 12:30:05.25", "2026-07-01T12:30:05.25+02:00"),
    ("2026-07-01T12:30:05Z", "2026-07-01T14:30:05+02:00"),
    ("2026-07-01T12:30:05-05:30", "2026-07-01T20:00:05+02:00"),
  ])
  func isTaken(text: String, expected: String) throws {
    let berlin = try #require(TimeZone(named: "Europe/Berlin"))
    let instant = try TimeExpression.parse(text, now: Self.now, zone: berlin)
    #expect(Instant.text(instant, in: berlin) == expected)
  }

  @Test(arguments: ["0001-01-01", "1969-12-31T23:59:59.5", "1800-01-01T00:00Z"])
  func whatWasBefore1970IsItsBeginning(text: String) throws {
    #expect(try TimeExpression.parse(text, now: Self.now, zone: .utc) == 0)
  }

  /// Of all years that can be written, each is a time, its beginning, or refused; none stops the program.
  @Test func everyYearIsTakenOrRefused() throws {
    let zones = [TimeZone.utc, try #require(TimeZone(named: "America/New_York")), TimeZone(name: "x", offset: 50_400)]
    var last = [Int64](repeating: 0, count: zones.count)
    for year in 1...9999 {
      for (i, zone) in zones.enumerated() {
        let text = Digits.padded(year, 4) + "-03-01T12:30"
        guard let time = try? TimeExpression.parse(text, now: Self.now, zone: zone) else {
          if year <= 2260 { Issue.record("\(text) was refused") }
          continue
        }
        if year > 1970, time <= last[i] { Issue.record("\(text) is not after the year before") }
        if year < 1970, time != 0 { Issue.record("\(text) is \(time)") }
        last[i] = time
      }
    }
    #expect(last.allSatisfy { $0 > Self.now })
  }

  @Test(arguments: [
    "", "soon", "7", "7y", "-7d", "2026-13-01", "2026-02-30", "2026-07-01T25:00", "2026-07-01T12:30+2", "2026-7-1",
    "2026-07-01T12:30:60", "99999999999999999d", "2026-07-01x", "9999-12-31", "9999-12-31T23:59:59Z", "2262-04-11",
  ])
  func isRefused(text: String) {
    #expect(throws: TimeExpression.Failure(text: text)) {
      try TimeExpression.parse(text, now: Self.now, zone: .utc)
    }
  }
}
