import CallMetrics
import Events

/// The data of the page's events.
enum LiveJSON {
  /// Models with a row of their own.
  private static let shownModels = 12

  /// Rows of [milliseconds since 1970, calls per second, share of failures, p50, p95, dollars per hour].
  static func points(_ points: [LiveHistory.Point]) -> String { array(points.map(point)) }

  /// Lists of rows of [text, style].
  static func facts(_ facts: PageFacts) -> String {
    func rows(_ rows: [PageFacts.Row]) -> String {
      array(rows.map { row in array(row.map { array([JSONText.quote($0.text), JSONText.quote($0.style.rawValue)]) }) })
    }
    return object([
      ("listeners", rows(facts.listeners)), ("prices", rows(facts.prices)), ("rejects", rows(facts.rejects)),
    ])
  }

  static func now(_ history: LiveHistory, total: CallSum, _ report: StatusReport) -> String {
    let minute = history.minute
    return object([
      ("time", String(report.time / 1_000_000)),
      ("up_seconds", String(max(0, report.time - report.started) / 1_000_000_000)),
      ("status", status(report)),
      ("point", point(history.point(at: report.time))),
      ("minute", sum(minute.sum, [("seconds", number(minute.seconds))])),
      ("total", sum(total)),
      ("errors", errors(minute.sum)),
      ("models", models(minute, history)),
    ])
  }

  private static func status(_ report: StatusReport) -> String {
    object([
      ("ready", String(report.obstacles.isEmpty)),
      ("obstacles", array(report.obstacles.map(JSONText.quote))),
      ("listeners", String(report.listeners.count)),
      ("listeners_up", String(report.listeners.count { $0.isUp })),
      ("received", String(report.totals.received)),
      ("rejected", String(report.totals.rejected)),
      ("dropped", String(report.totals.dropped)),
      ("kernel_dropped", String(report.kernelDrops)),
      ("records", String(report.records)),
      ("series", String(report.series)),
    ])
  }

  private static func point(_ point: LiveHistory.Point) -> String {
    array([
      String(point.time / 1_000_000), number(point.callsPerSecond), number(point.failedShare), number(point.p50),
      number(point.p95), number(point.dollarsPerHour),
    ])
  }

  private static func sum(_ sum: CallSum, _ more: [(String, String)] = []) -> String {
    object(
      [
        ("calls", String(sum.calls)), ("failed", String(sum.failed)),
        ("unpriced", String(sum.unpriced)), ("input_tokens", String(sum.inputTokens)),
        ("output_tokens", String(sum.outputTokens)), ("dollars", number(Double(sum.cost) / 1e12)),
      ] + more)
  }

  private static func errors(_ sum: CallSum) -> String {
    let counted = ErrorType.allCases.map { ($0.label, sum.failed(of: $0)) }.filter { $0.1 > 0 }
    return array(counted.sorted { $0.1 > $1.1 }.map { array([JSONText.quote($0.0), String($0.1)]) })
  }

  /// The busiest, then all others as one whose model is null.
  private static func models(_ minute: LiveHistory.Window, _ history: LiveHistory) -> String {
    let sorted = minute.models.sorted { a, b in
      if (a.key == LiveHistory.otherModels) != (b.key == LiveHistory.otherModels) {
        return b.key == LiveHistory.otherModels
      }
      return (b.value.calls, a.key.name, a.key.provider) < (a.value.calls, b.key.name, b.key.provider)
    }
    let shown = sorted.prefix { $0.key != LiveHistory.otherModels }.prefix(shownModels)
    var rows = shown.map { model($0.key, $0.value, minute, history) }
    if shown.count < sorted.count {
      var others = CallSum(buckets: history.bounds.count + 1)
      for (_, sum) in sorted.dropFirst(shown.count) { others += sum }
      rows.append(model(nil, others, minute, history))
    }
    return array(rows)
  }

  private static func model(
    _ model: CallSums.Model?, _ calls: CallSum, _ minute: LiveHistory.Window, _ history: LiveHistory
  ) -> String {
    sum(
      calls,
      [
        ("model", model.map { JSONText.quote($0.name) } ?? "null"),
        ("provider", model.map { JSONText.quote($0.provider) } ?? "null"),
        ("per_second", number(history.rate(Double(calls.calls), minute))),
        ("p50", number(history.quantile(0.5, calls))),
        ("p95", number(history.quantile(0.95, calls))),
        ("dollars_per_hour", number(history.rate(Double(calls.cost) / 1e12, minute) * 3600)),
      ])
  }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
  }

  private static func array(_ members: [String]) -> String { "[" + members.joined(separator: ",") + "]" }

  private static func number(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "null" }
    return "\(value)"
  }
}
