import CivilTime
import Reports
import Testing

@Suite struct QueryText {
  static let now: Int64 = 1_795_255_200 * Instant.second

  static func query(_ change: (inout ReportQuery.Text) -> Void) throws -> ReportQuery {
    var text = ReportQuery.Text()
    change(&text)
    return try ReportQuery(text, now: now, local: .utc)
  }

  @Test func withoutAWordItIsTheLastSevenDays() throws {
    let query = try Self.query { _ in }
    #expect(query.range == Self.now - 7 * Instant.day..<Self.now)
  }

  @Test func columnsAreGivenOneByOneOrWithCommas() throws {
    let query = try Self.query { $0.by = ["model,day", "label:tenant"] }
    #expect(query.by == [.attribute(.model), .time(.day), .label("tenant")])
  }

  @Test func datesAreThoseOfTheZone() throws {
    let query = try Self.query {
      $0.since = "2026-11-01"
      $0.until = "2026-11-02"
      $0.zone = "America/New_York"
    }
    #expect(query.range.upperBound - query.range.lowerBound == 25 * Instant.hour)
  }

  @Test(arguments: [
    ("since", "soon"), ("until", "2026-02-30"), ("zone", "Mars/Phobos"), ("by", "colour"), ("where", "model"),
    ("where", "colour=red"), ("since", "now"), ("since", "9999-12-31"), ("until", "1960-01-01"), ("top", "0"),
    ("top", "100001"),
    ("top", "9223372036854775807"),
  ])
  func isRefusedWithAReason(field: String, value: String) {
    #expect(throws: ReportError.self) {
      try Self.query { text in
        switch field {
        case "since": text.since = value
        case "until": text.until = value
        case "zone": text.zone = value
        case "by": text.by = [value]
        case "where": text.filters = [value]
        default: text.top = Int(value)
        }
      }
    }
  }
}
