import Events

/// `/api/v1/status`.
enum StatusJSON {
  static func text(_ report: StatusReport) -> String {
    object([
      ("version", JSONText.quote(BuildInfo.version)),
      ("time", time(report.time)),
      ("started", time(report.started)),
      ("ready", String(report.obstacles.isEmpty)),
      ("obstacles", array(report.obstacles.map(JSONText.quote))),
      ("listeners", array(report.listeners.map(listener))),
      ("events", counts(report.totals)),
      ("last_minute", lastMinute(report)),
      ("records", String(report.records)),
      ("series", String(report.series)),
      ("last_rejects", array(report.lastRejects.map(reject))),
      ("prices", report.prices.map(prices) ?? "null"),
      ("storage_path", optional(report.storagePath)),
      ("storage_fault", optional(report.storageFault)),
      ("configuration_file", optional(report.configurationFile)),
      ("last_reload_successful", String(report.lastReloadSucceeded)),
      ("last_reload_problems", array(report.lastReloadProblems.map(JSONText.quote))),
    ])
  }

  private static func listener(_ listener: StatusReport.Listener) -> String {
    object([
      ("listener", JSONText.quote(listener.name)), ("up", String(listener.isUp)),
      ("problem", optional(listener.problem)), ("connections", listener.connections.map(connections) ?? "null"),
    ])
  }

  private static func connections(_ connections: StatusReport.Connections) -> String {
    object([
      ("open", String(connections.open)), ("limit", String(connections.limit)),
      ("accepted", String(connections.accepted)), ("shed", String(connections.shed)),
      ("shed_lines", String(connections.shedLines)),
    ])
  }

  private static func reject(_ reject: StatusReport.RejectExample) -> String {
    object([
      ("reason", JSONText.quote(reject.reason)), ("time", time(reject.time)), ("source", JSONText.quote(reject.source)),
      ("position", String(reject.position)), ("detail", JSONText.quote(reject.detail)),
    ])
  }

  private static func prices(_ prices: StatusReport.Prices) -> String {
    object([
      ("version", JSONText.quote(prices.version)), ("models", String(prices.modelCount)),
      ("updated", time(prices.updated)), ("source", JSONText.quote(prices.source)),
      ("last_problem", optional(prices.lastProblem)),
    ])
  }

  private static func lastMinute(_ report: StatusReport) -> String {
    object([("seconds", String(report.lastMinuteSeconds)), ("events", counts(report.lastMinute))])
  }

  private static func counts(_ counts: StatusReport.Counts) -> String {
    object([
      ("received", String(counts.received)), ("accepted", String(counts.accepted)),
      ("rejected", String(counts.rejected)), ("duplicate", String(counts.duplicate)),
      ("dropped", String(counts.dropped)),
    ])
  }

  private static func object(_ members: [(String, String)]) -> String {
    "{" + members.map { JSONText.quote($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
  }

  private static func array(_ members: [String]) -> String { "[" + members.joined(separator: ",") + "]" }

  private static func optional(_ text: String?) -> String { text.map(JSONText.quote) ?? "null" }

  private static func time(_ nanoseconds: Int64) -> String { JSONText.quote(WallClock.text(nanoseconds)) }
}
