import CivilTime
import Glibc
import Reports
import Storage

/// What the command line does with scheduled reports and archives.
public struct DeliveryDesk {
  private let configuration: Configuration

  public init(_ loader: ConfigurationLoader) throws(ConfigurationProblems) {
    configuration = try loader.load().configuration
  }

  /// Makes and sends one now, as the daemon would at that time: once, without trying again.
  ///
  /// - Parameter time: as in a report's `--since`; in the report's zone.
  public func deliver(_ name: String, at time: String) throws -> String {
    guard let report = configuration.reports.first(where: { $0.name == name }) else {
      let names = configuration.reports.map(\.name).joined(separator: ", ")
      throw DeliveryProblem("no report is called \(name); there are \(names.isEmpty ? "none" : names)")
    }
    let zone = TimeZone(named: report.zone) ?? .utc
    let due = try TimeExpression.parse(time, now: WallClock.now, zone: zone)
    let prices = try PriceDesk.book(of: configuration)
    let path = configuration.storage.path + "/" + Store.fileName
    return try ReportDelivery(report: report, path: path, due: due, prices: prices).run()
  }
}

/// Archived calls in a bucket.
public struct CallArchive {
  private let client: S3Client

  public init(_ location: S3Location) throws { client = try S3Client(location) }

  /// Names of the archived days of all hosts, oldest first, that touch a time.
  ///
  /// - Parameter range: nanoseconds since 1970. Days were cut in the zone of whoever archived them: a day more on either
  ///   side is looked at.
  public func days(_ range: Range<Int64>) throws -> [String] {
    let first = CivilDate(daysSinceEpoch: Int(range.lowerBound / Instant.day) - 1)
    let last = CivilDate(daysSinceEpoch: Int(range.upperBound / Instant.day) + 1)
    let prefix = client.location.prefix.isEmpty ? "" : client.location.prefix + "/"
    var months: [CivilDate] = []
    var month = first.startOfMonth
    while month <= last, months.count < 1_200 {
      months.append(month)
      month = month.startOfNextMonth
    }
    let span = Self.folder(first)...Self.folder(last)
    return try months.flatMap { month in
      try client.list(prefix + Self.folder(month).prefix(8)).filter { name in
        name.hasSuffix(".ndjson.gz") && span.contains(String(name.dropFirst(prefix.utf8.count).prefix(10)))
      }
    }
  }

  /// `2026/11/21`.
  private static func folder(_ date: CivilDate) -> String { date.text.split(separator: "-").joined(separator: "/") }

  /// Hands over the lines of an archived day. It lies in a file meanwhile, so that memory does not grow with it.
  public func lines(of name: String, _ body: (String) throws -> Void) throws {
    let file =
      (Environment.value("TMPDIR") ?? "/tmp") + "/llm-exporter-\(getpid())-\(UInt64.random(in: .min ... .max)).gz"
    try FileContent.create(file, with: [], mode: 0o600)
    defer { unsafe unlink(file) }
    try client.get(name, into: file)
    try GzipLines.each(of: file, body)
  }
}
