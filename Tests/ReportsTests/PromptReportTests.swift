import CivilTime
import Reports
import Storage
import Testing

/// What people ask again, and how conversations end.
@Suite struct PromptReportTests {
  static let now = GoldenReports.now

  /// The line of the overview, as CSV has it.
  func overview(_ name: ReportName, _ lines: [String]) throws -> String {
    let log = try LoggedCalls(now: Self.now)
    log.send(lines)
    let report = try log.finish().report(name, GoldenReports.query(), ReportExtras())
    let csv = report.rendered(as: .csv, zone: .utc)
    return try #require(csv.split(whereSeparator: \.isNewline).dropFirst().first.map(String.init))
  }

  func call(_ seconds: Int, _ prompt: String, _ fields: String) -> String {
    let ts = Self.now / Instant.second - 7200 + Int64(seconds)
    return #"{"ts":\#(ts),"model":"gpt-4o-mini","prompt_hash":"\#(prompt)","latency_ms":9,\#(fields)}"#
  }

  @Test func thePromptOfTheSameUserWithinTenMinutesWasAskedAgain() throws {
    let lines = [
      call(0, "p", #""user":"ann""#), call(599, "p", #""user":"ann""#), call(1_198, "p", #""user":"ann""#),
      call(1_799, "p", #""user":"ann""#), call(1_800, "p", #""user":"bob""#), call(1_801, "q", #""user":"bob""#),
    ]
    #expect(try overview(.prompts, lines) == "6,2,2,0.333333")
  }

  @Test func withoutAUserTheSessionSaysWhoAsked() throws {
    let lines = [
      call(0, "p", #""session":"s""#), call(1, "p", #""session":"s""#), call(2, "p", #""session":"t""#),
      call(3, "p", #""application":"shop""#), call(4, "p", #""application":"shop""#),
    ]
    #expect(try overview(.prompts, lines) == "5,1,1,0.2")
  }

  @Test func aHitOfTheCacheAskedNobody() throws {
    let lines = [call(0, "p", #""user":"ann""#), call(1, "p", #""user":"ann","cache":"hit""#)]
    #expect(try overview(.prompts, lines) == "2,1,0,0")
  }

  @Test func aConversationWithMoreGoodRatingsThanBadSatisfied() throws {
    var lines: [String] = []
    for (session, ratings) in [("a", ["positive"]), ("b", ["negative", "positive"]), ("c", ["negative"]), ("d", [])] {
      lines.append(call(0, session, #""session":"\#(session)","id":"\#(session)","cost_usd":0.5"#))
      for (n, rating) in ratings.enumerated() {
        let ts = Self.now / Instant.second - 7000 + Int64(n)
        lines.append(#"{"event":"feedback","ts":\#(ts),"id":"\#(session)","rating":"\#(rating)"}"#)
      }
    }
    let line = try overview(.conversations, lines)
    #expect(line.hasPrefix("4,1,1,"))
    #expect(line.hasSuffix(",2,0.5"), "two were rated one way or the other: \(line)")
  }
}
