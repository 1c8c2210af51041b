import CivilTime
import Foundation
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
    for report in try Self.reports(try log.finish()) {
      for format in ReportFormat.allCases {
        let text = report.rendered(as: format, zone: .utc, width: 120)
        try Self.compare(text, "\(report.name).\(Self.suffix(format))")
      }
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
