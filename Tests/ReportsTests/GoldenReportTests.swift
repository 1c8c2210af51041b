import CivilTime
import Foundation
import Pricing
import Reports
import Storage
import Testing

/// The six reports on one small file, in every format, against golden files that a person can read.
/// UPDATE_GOLDEN=1 writes them anew.
@Suite struct GoldenReports {
  static let now: Int64 = 1_795_255_200 * Instant.second  // 2026-11-21T10:00:00Z, a Saturday

  /// Two days of three models: what each report has to say can be checked by hand.
  static func lines() -> [String] {
    var lines: [String] = []
    func call(_ minutesAgo: Int, _ fields: String) {
      lines.append("{\"ts\":\(now / Instant.second - Int64(minutesAgo) * 60),\(fields)}")
    }
    for i in 0..<12 {
      call(
        30 + i * 100,
        """
        "model":"gpt-4o","application":"chat","team":"web","user":"ann","latency_ms":\(800 + i * 150),"ttft_ms":300,\
        "usage":{"prompt_tokens":1200,"completion_tokens":300,"prompt_tokens_details":{"cached_tokens":1024}},\
        "trace_id":"t\(i)","id":"c\(i)"
        """)
    }
    for i in 0..<5 {
      call(
        90 + i * 400,
        """
        "model":"claude-haiku-4-5-20251001","application":"search","user":"bob","latency_ms":\(2000 + i * 1000),\
        "usage":{"input_tokens":500,"output_tokens":900,"cache_read_input_tokens":4000}
        """)
    }
    call(45, #""model":"gpt-4o","application":"chat","user":"ann","error_type":"rate_limit","latency_ms":40"#)
    call(
      46, #""model":"gpt-4o","application":"chat","user":"ann","error_type":"timeout","latency_ms":60000,"attempt":2"#)
    call(
      1500,
      #""model":"house-model-7b","application":"chat","user":"eve|<b>","usage":{"prompt_tokens":10,"completion_tokens":5}"#
    )
    call(
      20,
      #""model":"gpt-4o","application":"chat","user":"ann","cache":"hit","usage":{"prompt_tokens":1200,"completion_tokens":300}"#
    )
    lines.append(
      #"{"event":"feedback","ts":\#(now / Instant.second - 600),"id":"c0","user":"ann","rating":"negative","category":"factual"}"#
    )
    return lines
  }

  static func query() -> ReportQuery {
    ReportQuery(range: now - 2 * Instant.day..<now, zone: .utc, now: now)
  }

  static func reports(_ source: CallSource) throws -> [Report] {
    var byDay = query()
    byDay.by = [.time(.day), .attribute(.application)]
    var daily = try source.cost(byDay)
    daily.name = "cost-by-day"
    return [
      try source.cost(query()), daily, try source.usage(query()), try source.errors(query()),
      try source.latency(query()), try source.users(query()), try source.slow(query()),
    ]
  }

  @Test func everyReportInEveryFormat() throws {
    let log = try LoggedCalls(now: Self.now)
    log.send(Self.lines())
    for report in try Self.reports(try log.finish()) { try Self.compareAll(report) }
  }

  /// A chat with a retry and a fallback, prompts that repeat, scores and thumbs.
  static func judgedLines() -> [String] {
    var lines: [String] = []
    let base = now / Instant.second - 7200
    func call(_ seconds: Int64, _ fields: String) { lines.append("{\"ts\":\(base + seconds),\(fields)}") }
    let usage = #""usage":{"prompt_tokens":2000,"completion_tokens":400}"#
    for session in 0..<3 {
      for turn in 0...session {
        call(
          Int64(session * 600 + turn * 60),
          """
          "model":"gpt-4o-mini","user":"u\(session)","session":"s\(session)","id":"m\(session)-\(turn)",\
          "prompt_hash":"p\(turn)","latency_ms":\(1500 + 500 * turn),\(usage)
          """)
      }
      lines.append(
        """
        {"event":"score","ts":\(base + 3000),"id":"m\(session)-0","name":"helpful","score":0.\(7 + session),\
        "evaluator":"model"}
        """)
    }
    let trace = #""trace_id":"chain","session":"s9","user":"u9""#
    call(2000, #""request_model":"gpt-4o","error_type":"overloaded","latency_ms":5000,"id":"a","# + trace)
    call(2009, #""request_model":"gpt-4o","error_type":"timeout","latency_ms":7000,"attempt":2,"id":"b","# + trace)
    call(
      2012,
      #""model":"claude-haiku-4-5-20251001","fallback_from":"gpt-4o","latency_ms":2500,"id":"c","# + usage + ","
        + trace)
    lines.append(
      #"{"event":"feedback","ts":\#(base + 2100),"id":"c","rating":"negative","category":"off_topic","user":"u9"}"#)
    lines.append(
      #"{"event":"score","ts":\#(base + 2200),"trace_id":"chain","name":"helpful","value":2,"min":1,"max":5,"evaluator":"expert"}"#
    )
    return lines
  }

  @Test func reportsOfConversationsPromptsTracesAndQuality() throws {
    let log = try LoggedCalls(now: Self.now)
    log.send(Self.judgedLines())
    let source = try log.finish()
    var extras = ReportExtras()
    extras.id = "chain"
    extras.bounds.minQuality = 700
    extras.bounds.minCalls = 3
    for name in [ReportName.conversations, .prompts, .quality, .models, .trace] {
      try Self.compareAll(try source.report(name, Self.query(), extras))
    }
    extras.sides = ["gpt-4o-mini", "claude-haiku-4-5-20251001"]
    try Self.compareAll(try source.report(.compare, Self.query(), extras))
  }

  /// Three weeks of a steady hourly cost with one hour of twenty times as much.
  @Test func aDaysReportNamesWhatWasOutOfLine() throws {
    let log = try LoggedCalls(now: Self.now)
    for hour in 0..<21 * 24 {
      let ts = Self.now / Instant.second - Int64(hour) * 3600 - 1800
      let cost = hour == 20 ? "2.00" : hour % 2 == 0 ? "0.11" : "0.09"
      log.send([#"{"model":"gpt-4o","application":"chat","user":"ann","ts":\#(ts),"cost_usd":"\#(cost)"}"#])
    }
    let source = try log.finish()
    try Self.compareAll(try source.report(.summary, Self.query()))
    var weekly = ReportExtras()
    weekly.cycle = .weekly
    var report = try source.report(.summary, Self.query(), weekly)
    report.name = "summary-weekly"
    try Self.compareAll(report)
  }

  @Test func callsPricedAgainByTheSameTableCostTheSame() throws {
    let log = try LoggedCalls(now: Self.now)
    log.send(Self.lines() + Self.judgedLines())
    let source = try log.finish()
    let report = try source.repriced(Self.query(), with: try PriceBook(layers: [.shipped])).report
    for row in try #require(report.tables.first).rows {
      #expect(row[4] == .dollars(0))
      #expect(row[6] == .none)
    }
  }

  @Test func anotherTableShowsItsDifferenceByModel() throws {
    let log = try LoggedCalls(now: Self.now)
    log.send(Self.lines())
    let table = """
      {"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 5e-06,
        "cache_read_input_token_cost": 2.5e-06, "output_cost_per_token": 2e-05},
       "house-model-7b": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06,
        "output_cost_per_token": 1e-06}}
      """
    let book = try PriceBook(layers: [.shipped, .table(Array(table.utf8), name: "negotiated")])
    let source = try log.finish()
    let report = try source.repriced(Self.query(), with: book).report
    let rows = try #require(report.tables.first).rows
    // Twelve calls of 0.00472 dollars each at twice the price; one call of 15 tokens at a dollar a million.
    #expect(rows[0][0] == .text("gpt-4o"))
    #expect(rows[0][4] == .dollars(12 * 4_720_000_000))
    let house = try #require(rows.first { $0[0] == .text("house-model-7b") })
    #expect(house[4] == .dollars(15_000_000))
    #expect(house[7] == .count(1))
    let whatIf = try source.whatIf(Self.query(), model: "gpt-4o-mini", with: book)
    #expect(whatIf.tables[0].total?[3] != nil)
    #expect(throws: ReportError.self) { try source.whatIf(Self.query(), model: "no-such-model", with: book) }
  }

  static func compareAll(_ report: Report) throws {
    for format in ReportFormat.allCases {
      try compare(report.rendered(as: format, zone: .utc, width: 120), "\(report.name).\(suffix(format))")
    }
  }

  private static func suffix(_ format: ReportFormat) -> String {
    switch format {
    case .table: "txt"
    case .csv: "csv"
    case .json: "json"
    case .markdown: "md"
    case .html: "html"
    }
  }

  static func compare(_ text: String, _ name: String) throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try Data(text.utf8).write(to: file)
      return
    }
    let golden = try String(decoding: Data(contentsOf: file), as: UTF8.self)
    #expect(text == golden, "\(name) changed; UPDATE_GOLDEN=1 accepts it")
  }
}
