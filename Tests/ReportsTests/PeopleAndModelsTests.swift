import CivilTime
import Reports
import Storage
import Testing

/// Who is counted for what was said, and what a model costs whose price is known in part.
@Suite struct PeopleAndModels {
  static let now = GoldenReports.now

  private func call(_ daysAgo: Double, _ fields: String) -> String {
    #"{"ts":\#(Double(Self.now / Instant.second) - daysAgo * 86_400),"model":"gpt-4o",\#(fields)}"#
  }

  /// A report's tables as CSV has them, and its query changed.
  private func rows(
    _ name: ReportName, _ lines: [String], _ extras: ReportExtras = ReportExtras(),
    _ change: (inout ReportQuery) -> Void = { _ in }
  ) throws -> [[[String: String]]] {
    let log = try LoggedCalls(now: Self.now)
    for line in lines { log.send([line]) }
    var query = ReportQuery(range: Self.now - 7 * Instant.day..<Self.now, zone: .utc, now: Self.now)
    change(&query)
    let csv = try log.finish().report(name, query, extras).rendered(as: .csv, zone: .utc)
    return csv.split(separator: "\r\n\r\n").map { table in
      let lines = table.split(separator: "\r\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
      return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    }
  }

  // MARK: Users

  @Test func theLastThirtyDaysAreThoseBeforeTheEndWheneverAReportBegins() throws {
    let lines = [
      call(1, #""user":"ann""#), call(10, #""user":"ann""#), call(10, #""user":"bob""#), call(31, #""user":"eve""#),
    ]
    let activity = try rows(.users, lines)[0][0]
    #expect(activity["users"] == "1")
    #expect(activity["active_7d"] == "1")
    #expect(activity["active_30d"] == "2")
  }

  @Test func feedbackWithoutAUserIsThatOfItsCallsUser() throws {
    let lines = [
      call(1, #""user":"ann","id":"a""#), call(1, #""user":"bob","id":"b","application":"shop""#),
      #"{"event":"feedback","ts":\#(Self.now / Instant.second - 60),"id":"a","rating":"negative"}"#,
      #"{"event":"feedback","ts":\#(Self.now / Instant.second - 60),"id":"b","rating":"positive"}"#,
    ]
    let tables = try rows(.users, lines)
    #expect(tables[0][0]["gave_feedback"] == "2")
    #expect(tables[1].map { $0["negative_feedback"] }.sorted { ($0 ?? "") < ($1 ?? "") } == ["", "1"])
    let filtered = try rows(.users, lines) { $0.filters = [.init(.attribute(.application), "shop")] }
    #expect(filtered[0][0]["gave_feedback"] == "1")
  }

  /// As after a restart of the daemon: the judgement knows its call by the id alone. And it may come after the time asked
  /// about.
  @Test func aConversationIsRatedByTheIdsOfItsCallsAndAfterItsTime() throws {
    let lines = [
      #"{"event":"feedback","ts":\#(Self.now / Instant.second - 60),"id":"a","rating":"positive"}"#,
      call(2, #""session":"s","id":"a""#),
    ]
    let conversations = try rows(.conversations, lines) {
      $0.range = Self.now - 7 * Instant.day..<Self.now - Instant.day
    }
    #expect(conversations[0][0]["rated"] == "1")
    #expect(conversations[1][0]["positive"] == "1")
  }

  // MARK: Models

  @Test func whatATokenCostsIsKnownOfPricedCallsOnly() throws {
    let usage = #""usage":{"prompt_tokens":1000,"completion_tokens":0}"#
    var lines = (0..<30).map { _ in call(1, usage) }
    lines += (0..<30).map { _ in call(1, #""model":"half","cost_usd":0.001,"# + usage) }
    lines += (0..<30).map { _ in call(1, #""model":"half","# + usage) }
    lines = lines.map { $0.replacing(#""model":"gpt-4o","model":"#, with: #""model":"#) }
    let table = try rows(.models, lines)[0]
    let half = try #require(table.first { $0["model"] == "half" })
    #expect(half["dollars_per_million_tokens"] == "1", "by the half that has a price")
    #expect(half["holds"] == "no: unpriced")
    #expect(try #require(table.first { $0["model"] == "gpt-4o" })["holds"] == "yes")
  }

  // MARK: Times

  @Test func theDearestHoursOfTheDayAreShownInTheOrderOfTheDay() throws {
    let lines = (0..<24).map { call(1 + Double($0) / 24, #""cost_usd":\#([3, 7, 20].contains($0) ? 5 : 1)"#) }
    let expected = ["03:00", "07:00", "14:00"]
    for name in [ReportName.cost, .errors] {
      let table = try rows(name, lines.map { $0.replacing("}", with: #","error_type":"other"}"#) }) {
        $0.by = [.time(.hourOfDay)]
        $0.top = 3
      }
      #expect(table[0].count >= 3)
      if name == .cost { #expect(table[0].prefix(3).map { $0["hour_of_day"] } == expected) }
    }
  }

  /// 2026-11-01, when New York put its clocks back at two.
  @Test func anHourThatComesTwiceIsTwoHours() throws {
    let zone = try #require(TimeZone(named: "America/New_York"))
    let log = try LoggedCalls(now: Self.now)
    let midnight = zone.time(of: try #require(CivilDate(year: 2026, month: 11, day: 1)))
    log.send((0..<4).map { #"{"model":"gpt-4o","ts":\#(midnight + 3600 * $0 + 60)}"# })
    var query = ReportQuery(range: 0..<Self.now, zone: zone, now: Self.now)
    query.by = [.time(.hour)]
    let hours = try log.finish().cost(query).tables[0].rows.map { $0[0] }
    let expected = ["00:00", "01:00", "01:00 again", "02:00"].map { Cell.text("2026-11-01 " + $0) }
    #expect(hours == expected)
  }

  /// India is five and a half hours ahead of Greenwich.
  @Test func aZoneOfHalfHoursIsAnsweredFromHoursWhereRowsAreGone() throws {
    var configuration = CallLogConfiguration()
    configuration.callRetention = 2 * Instant.day
    let log = try LoggedCalls(now: Self.now, configuration: configuration)
    log.send((0..<100).map { call(Double($0) / 20, #""cost_usd":1"#) })
    let source = try log.finish()
    try log.prune()
    var kept = 0
    try log.reader().calls(in: 0..<Self.now + 1) { _ in kept += 1 }
    #expect(kept < 50)
    var query = ReportQuery(
      range: Self.now - 7 * Instant.day..<Self.now + Instant.second, zone: TimeZone(name: "half", offset: 19_800),
      now: Self.now)
    let report = try source.cost(query)
    #expect(report.tables[0].rows[0].contains(.count(100)))
    #expect(report.notes.contains { $0.contains("UTC") })
    query.range = Self.now - Instant.day..<Self.now + 1
    #expect(try source.cost(query).notes.isEmpty)
  }

  // MARK: Renderings

  /// A letter's accent makes one character of it and the sign before it; whoever reads the file sees the sign.
  @Test func signsUnderAccentsAreSignsInEveryFormat() throws {
    let table = ReportTable(
      key: "t", title: "t", columns: [Column("a", "a", isNumber: false), Column("b", "b", isNumber: false)],
      rows: [[.text("x\"\u{301},=1"), .text("-\u{301}1|\u{301}<\u{301}b>")]])
    let report = Report(name: "t", title: "t", range: 0..<1, tables: [table])
    #expect(report.rendered(as: .csv, zone: .utc).hasSuffix("\r\n\"x\"\"\u{301},=1\",'-\u{301}1|\u{301}<\u{301}b>\r\n"))
    #expect(report.rendered(as: .markdown, zone: .utc).contains("\\|\u{301}\\<\u{301}b\\>"))
    #expect(report.rendered(as: .html, zone: .utc).contains("|\u{301}&lt;\u{301}b&gt;"))
  }
}
