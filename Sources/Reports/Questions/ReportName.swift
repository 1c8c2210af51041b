public import CivilTime

/// The questions that there are, by the names that the command line and the HTTP interface share.
public enum ReportName: String, CaseIterable, Sendable {
  case cost, usage, errors, latency, users, slow, anomalies, prompts, conversations, quality, models
  case trace, summary, compare

  public var summary: String {
    switch self {
    case .cost: "What was spent"
    case .usage: "Tokens by type"
    case .errors: "What failed, and why"
    case .latency: "Percentiles of durations and of the first token"
    case .users: "Who uses it, how often and for how much"
    case .slow: "The slowest calls, one by one"
    case .anomalies: "Hours out of line with those before: cost, latency, errors"
    case .prompts: "Prompts by their hash: count, first and last seen, cost"
    case .conversations: "Turns, length, cost and satisfaction of conversations"
    case .quality: "How answers were judged"
    case .models: "Models by price, score, latency and errors; the cheapest that holds the bounds"
    case .trace: "The calls of a trace, call id or session in order"
    case .summary: "A day or week of cost against the one before, and the month's forecast"
    case .compare: "Two models, prompt versions or periods side by side"
    }
  }
}

/// What single reports can be told besides.
public struct ReportExtras: Sendable {
  /// Of `trace`: the trace, call or session.
  public var id = ""
  /// Of `models`.
  public var bounds = CallSource.ModelBounds()
  /// Of `summary`.
  public var cycle = ReportCycle.daily
  /// Of `compare`: two values of the column grouped by; one or none compares the time asked about with the one before.
  public var sides: [String] = []
  public init() {}
}

extension CallSource {
  public func report(
    _ name: ReportName, _ query: ReportQuery, _ extras: ReportExtras = ReportExtras()
  ) throws -> Report {
    switch name {
    case .cost: return try cost(query)
    case .usage: return try usage(query)
    case .errors: return try errors(query)
    case .latency: return try latency(query)
    case .users: return try users(query)
    case .slow: return try slow(query)
    case .anomalies: return try anomalies(query)
    case .prompts: return try prompts(query)
    case .conversations: return try conversations(query)
    case .quality: return try quality(query)
    case .models: return try models(query, bounds: extras.bounds)
    case .trace:
      guard !extras.id.isEmpty else { throw ReportError("which trace? expected its id") }
      return try trace(query, id: extras.id)
    case .summary: return try summary(query, extras.cycle)
    case .compare: return try compare(query, extras.sides)
    }
  }

  private func compare(_ query: ReportQuery, _ sides: [String]) throws -> Report {
    var (first, second) = (query, query)
    if sides.isEmpty {
      let length = query.range.upperBound - query.range.lowerBound
      first.range = max(0, query.range.lowerBound - length)..<query.range.lowerBound
      return try compare(first, "Before", with: second, "This time")
    }
    guard sides.count == 2 else { throw ReportError("compare takes two values, or none for the time before") }
    guard query.by.count < 2 else { throw ReportError("compare takes one column to compare by") }
    let dimension = query.by.first ?? .attribute(.model)
    first.filters.append(ReportQuery.Filter(dimension, sides[0]))
    second.filters.append(ReportQuery.Filter(dimension, sides[1]))
    return try compare(first, sides[0], with: second, sides[1])
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
    if let top, !Self.tops.contains(top) {
      throw ReportError(
        "the first \(top) are too few or too many: expected \(Self.tops.lowerBound) to \(Self.tops.upperBound)")
    }
    for name in text.by.flatMap({ $0.split(separator: ",") }) { by.append(try Self.dimension(String(name))) }
    for filter in text.filters {
      let parts = filter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw ReportError("“\(filter)” is no filter: expected COLUMN=VALUE") }
      filters.append(Filter(try Self.dimension(String(parts[0])), String(parts[1])))
    }
  }

  private static let tops = 1...100_000

  private static func dimension(_ name: String) throws(ReportError) -> Dimension {
    guard let dimension = Dimension(name) else {
      throw ReportError("“\(name)” is nothing to group by: expected one of \(Dimension.names.joined(separator: ", "))")
    }
    return dimension
  }
}
