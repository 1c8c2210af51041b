public import CivilTime

/// The questions that there are, by the names that the command line and the HTTP interface share.
public enum ReportName: String, CaseIterable, Sendable {
  case cost, usage, errors, latency, users, slow

  public var summary: String {
    switch self {
    case .cost: "What was spent"
    case .usage: "Tokens by type"
    case .errors: "What failed, and why"
    case .latency: "Percentiles of durations and of the first token"
    case .users: "Who uses it, how often and for how much"
    case .slow: "The slowest calls, one by one"
    }
  }
}

extension CallSource {
  public func report(_ name: ReportName, _ query: ReportQuery) throws -> Report {
    switch name {
    case .cost: try cost(query)
    case .usage: try usage(query)
    case .errors: try errors(query)
    case .latency: try latency(query)
    case .users: try users(query)
    case .slow: try slow(query)
    }
  }
}

extension ReportQuery {
  /// A query as it is written: on a command line, or in a URL.
  public struct Text: Sendable {
    public var since = "7d"
    public var until = "now"
    public var zone = ""
    public var by: [String] = []
    /// `model=gpt-4o`.
    public var filters: [String] = []
    public var top: Int?
    public init() {}
  }

  /// - Parameter local: the zone where none is named.
  public init(_ text: Text, now: Int64, local: TimeZone) throws(ReportError) {
    var zone = local
    if !text.zone.isEmpty {
      guard let named = TimeZone(named: text.zone) else {
        throw ReportError(
          "“\(text.zone)” is no time zone of this machine: expected a name such as Europe/Berlin or UTC")
      }
      zone = named
    }
    let range: (Int64, Int64)
    do throws(TimeExpression.Failure) {
      range = (
        try TimeExpression.parse(text.since, now: now, zone: zone),
        try TimeExpression.parse(text.until, now: now, zone: zone)
      )
    } catch {
      throw ReportError(error.description)
    }
    guard range.0 < range.1 else {
      throw ReportError("the report would end (\(text.until)) before it begins (\(text.since))")
    }
    self.init(range: range.0..<range.1, zone: zone, now: now)
    top = text.top
    if let top, top < 1 { throw ReportError("the first \(top) are none: expected 1 or more") }
    for name in text.by.flatMap({ $0.split(separator: ",") }) { by.append(try Self.dimension(String(name))) }
    for filter in text.filters {
      let parts = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw ReportError("“\(filter)” is no filter: expected COLUMN=VALUE") }
      filters.append(Filter(try Self.dimension(String(parts[0])), String(parts[1])))
    }
  }

  private static func dimension(_ name: String) throws(ReportError) -> Dimension {
    guard let dimension = Dimension(name) else {
      throw ReportError("“\(name)” is nothing to group by: expected one of \(Dimension.names.joined(separator: ", "))")
    }
    return dimension
  }
}
