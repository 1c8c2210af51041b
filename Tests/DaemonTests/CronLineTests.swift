import CivilTime
import Testing

@testable import Daemon

@Suite struct CronLineTests {
  /// 2026-11-20, a Friday, 00:00 UTC.
  static let friday: Int64 = 1_795_132_800 * Instant.second
  static let minute = 60 * Instant.second

  private func due(_ line: String, hours: Int64, zone: TimeZone = .utc, from: Int64 = friday) throws -> [String] {
    let line = try #require(CronLine(line))
    return line.due(after: from, through: from + hours * Instant.hour, zone: zone)
      .map { Instant.shortText($0, in: zone) }
  }

  @Test(arguments: [
    ("0 8 * * *", ["2026-11-20 08:00", "2026-11-21 08:00", "2026-11-22 08:00"]),
    ("30 7-8 * * sat", ["2026-11-21 07:30", "2026-11-21 08:30"]),
    ("0 0 22 * *", ["2026-11-22 00:00"]),
    ("0 12 21 * sun", ["2026-11-21 12:00", "2026-11-22 12:00"]),
    ("0 */12 * nov 5,6", ["2026-11-20 12:00", "2026-11-21 00:00", "2026-11-21 12:00"]),
    ("0 6/12 20 11 *", ["2026-11-20 06:00", "2026-11-20 18:00"]),
    ("@daily", ["2026-11-21 00:00", "2026-11-22 00:00", "2026-11-23 00:00"]),
    ("@weekly", ["2026-11-22 00:00"]),
    ("0 3 * * 7", ["2026-11-22 03:00"]),
    ("0 0 30 feb *", []),
  ])
  func aLineIsDueAsCrontabHasIt(line: String, expected: [String]) throws {
    let found = try due(line, hours: 72)
    #expect(found.count == expected.count)
    for (a, b) in zip(found, expected) { #expect(a.hasPrefix(b), "\(a)") }
  }

  @Test(arguments: [
    "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8", "5-1 * * * *",
    "*/0 * * * *", "1,,2 * * * *", "-5 * * * *", "1- * * * *", "x * * * *", "* * * * monday", "@yearly",
    "1/2/3 * * * *",
    "+1 * * * *", "99999999999999999999 * * * *",
  ])
  func anythingElseIsRefused(line: String) { #expect(CronLine(line) == nil) }

  @Test func anHourThatComesTwiceIsDueOnce() throws {
    let zone = try #require(TimeZone(named: "Europe/Berlin"))
    // 2026-10-25, 00:00 there; at three clocks are put back to two.
    let from: Int64 = 1_792_879_200 * Instant.second
    #expect(try due("30 2 * * *", hours: 25, zone: zone, from: from).count == 1)
    #expect(try due("0 * * * *", hours: 25, zone: zone, from: from).count == 24)
  }

  @Test func anHourThatIsLeftOutIsDueRightAfterIt() throws {
    let zone = try #require(TimeZone(named: "Europe/Berlin"))
    // 2026-03-29, 00:00 there; at two clocks are put forward to three.
    let from: Int64 = 1_774_738_800 * Instant.second
    #expect(try due("30 2 * * *", hours: 20, zone: zone, from: from) == ["2026-03-29 03:00:00"])
    #expect(try due("0 * * * *", hours: 5, zone: zone, from: from).count == 5)
    #expect(try due("30 3 * * *", hours: 20, zone: zone, from: from) == ["2026-03-29 03:30:00"])
  }

  @Test func theLastMinuteIsNotDueAgainAndAMonthIsTheMost() throws {
    let line = try #require(CronLine("* * * * *"))
    let now = Self.friday
    #expect(line.due(after: now, through: now + Self.minute - 1, zone: .utc).isEmpty)
    #expect(line.due(after: now, through: now + Self.minute, zone: .utc) == [now + Self.minute])
    #expect(line.due(after: 0, through: now, zone: .utc).count == 31 * 24 * 60)
    #expect(line.due(after: now + Instant.day, through: now, zone: .utc).isEmpty)
  }

  @Test func messagesAreBase64InLinesAndSubjectsInWords() {
    #expect(Base64.text(Array("".utf8)).isEmpty)
    for (plain, packed) in [("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
      #expect(String(decoding: Base64.text(Array(plain.utf8)), as: UTF8.self) == packed)
    }
    #expect(MailMessage.encoded("Cost") == "Cost")
    #expect(MailMessage.encoded("Käse") == "=?UTF-8?B?S8Okc2U=?=")
    let long = MailMessage.encoded(String(repeating: "ü", count: 60)).split(separator: "\r\n ")
    #expect(long.count == 3)
    #expect(long.allSatisfy { $0.utf8.count <= 75 })
    #expect(MailMessage.date(Self.friday) == "Fri, 20 Nov 2026 00:00:00 +0000")
  }

  @Test func bucketsArePartOfAURL() {
    #expect(S3Location("s3://calls/a/b/")?.prefix == "a/b")
    #expect(S3Location("s3://calls")?.bucket == "calls")
    for text in ["", "calls", "s3://", "s3:///x", "https://calls/x", "s3://ca lls/x"] {
      #expect(S3Location(text) == nil)
    }
    #expect(S3Client.encode("/ü a+b~", alsoSlash: false) == "/%C3%BC%20a%2Bb~")
    #expect(S3Client.elements("Key", in: "<Key>a&amp;b</Key><Key>c</Key><Key>d") == ["a&b", "c"])
  }
}
