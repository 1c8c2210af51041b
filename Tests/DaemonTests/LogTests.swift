import Testing

@testable import Daemon

@Suite struct LogTests {
  @Test(arguments: [
    ("plain", "plain"), ("two words", "\"two words\""), ("", "\"\""), ("a=b", "\"a=b\""),
    ("say \"hi\"\n", #""say \"hi\"\n""#), ("ünïcode", "ünïcode"),
  ])
  func valuesAreQuotedWhereTheyMustBe(value: String, written: String) {
    #expect(LogOutput.logfmt(value) == written)
  }

  @Test func aMessageThatRepeatsFallsSilentUntilItsWindowIsOver() {
    var limit = RepetitionLimit()
    for _ in 0..<RepetitionLimit.burst { #expect(limit.admit("again", now: 0) == 0) }
    for _ in 0..<7 { #expect(limit.admit("again", now: 1) == nil) }
    #expect(limit.admit("another", now: 1) == 0)
    #expect(limit.admit("again", now: RepetitionLimit.window) == 7)
    #expect(limit.admit("again", now: RepetitionLimit.window) == 0)
  }

  @Test func moreMessagesThanCanBeRememberedAreStillWritten() {
    var limit = RepetitionLimit()
    for number in 0..<(3 * RepetitionLimit.capacity) { #expect(limit.admit("message \(number)", now: 0) == 0) }
  }

  @Test func timesAreInUTCWithMilliseconds() {
    #expect(WallClock.text(0) == "1970-01-01T00:00:00.000Z")
    #expect(WallClock.text(1_763_715_896_042_000_000) == "2025-11-21T09:04:56.042Z")
  }

  @Test(arguments: [
    ("1970-01-01", 0), ("2000-02-29+abc", 951_782_400), ("2026-11-21+25a3ee74aa53", 1_795_219_200),
  ])
  func datesOfPriceTables(text: String, seconds: Int64) {
    #expect(WallClock.nanoseconds(ofDate: text) == seconds * 1_000_000_000)
  }

  @Test(arguments: ["", "25a3ee74aa53", "2026-13-01", "2026-1-01xx"])
  func noDatesOfPriceTables(text: String) { #expect(WallClock.nanoseconds(ofDate: text) == nil) }
}
