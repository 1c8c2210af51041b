import CPage

/// The page at `/`: what a person wants to know first, without any outside resource. Without scripts it is a page that
/// stands still; with them it is live.
enum LandingPage {
  /// - Parameter nonce: by which the browser knows that style and script are ours; another one each time.
  static func html(_ report: StatusReport, telemetryPath: String, nonce: String) -> String {
    let obstacles = report.obstacles
    let dropped = report.totals.dropped + Int64(clamping: report.kernelDrops)
    let up = report.listeners.count { $0.isUp }
    return fill(
      template,
      [
        "nonce": nonce,
        "style": unsafe String(cString: llm_page_css()),
        "script": unsafe String(cString: llm_page_script()),
        "version": escape(BuildInfo.version),
        "metrics": escape(telemetryPath),
        "state": obstacles.isEmpty ? "Ready" : "Not ready",
        "state-class": obstacles.isEmpty ? "good" : "bad",
        "obstacles": obstacles.map { "<li>\(escape($0))</li>" }.joined(),
        "listeners-up": "\(up) of \(report.listeners.count) up",
        "listeners-class": up == report.listeners.count ? "good" : "bad",
        "dropped": String(dropped),
        "dropped-class": dropped == 0 ? "good" : "bad",
        "rejected": String(report.totals.rejected),
        "series": String(report.series),
        "up": duration(report.time - report.started),
        "last-minute": lastMinute(report),
        "empty-hidden": report.records == 0 ? "" : " hidden",
        "first-event": escape(firstEvent(report)),
        "listeners": listeners(report),
        "prices": prices(report),
        "rejects": rejects(report),
      ])
  }

  private static var template: String { unsafe String(cString: llm_page_html()) }

  /// Puts values in the places of marks: `{{name}}`. What a value holds is not looked at again.
  static func fill(_ template: String, _ values: [String: String]) -> String {
    var page = ""
    var rest = template[...]
    while let start = rest.firstRange(of: "{{"), let end = rest[start.upperBound...].firstRange(of: "}}") {
      page += rest[..<start.lowerBound]
      page += values[String(rest[start.upperBound..<end.lowerBound])] ?? ""
      rest = rest[end.upperBound...]
    }
    return page + rest
  }

  /// A line for the shell that sends an event to where this daemon listens.
  private static func firstEvent(_ report: StatusReport) -> String {
    let event =
      #"echo '{"model":"gpt-4o","usage":{"prompt_tokens":1200,"completion_tokens":300},"latency_ms":2300}'"#
    let names = report.listeners.filter(\.isUp).map { (kind: $0.name.prefix { $0 != ":" }, address: $0.address) }
    if let udp = names.first(where: { $0.kind == "udp" }), let colon = udp.address.lastIndex(of: ":") {
      let host = udp.address[..<colon].filter { $0 != "[" && $0 != "]" }
      let isAny = host.isEmpty || host == "0.0.0.0" || host == "::"
      return event + " > /dev/udp/\(isAny ? "127.0.0.1" : String(host))/\(udp.address[colon...].dropFirst())"
    }
    guard let other = names.first else { return "llm-exporter serve --events.listen-udp=127.0.0.1:10781" }
    return event + " | llm-exporter send --to \(other.kind):\(other.address)"
  }

  private static func lastMinute(_ report: StatusReport) -> String {
    let counts = report.lastMinute
    return "\(counts.received) events received, \(counts.accepted) accepted, \(counts.rejected) rejected, "
      + "\(counts.duplicate) duplicate, \(counts.dropped) dropped"
  }

  private static func listeners(_ report: StatusReport) -> String {
    if report.listeners.isEmpty { return "<p>All are switched off.</p>" }
    let rows = report.listeners.map { listener in
      "<tr><td><code>\(escape(listener.name))</code></td><td class=\"\(listener.isUp ? "good" : "bad")\">"
        + "\(listener.isUp ? "up" : escape("down: \(listener.problem ?? "unknown")"))</td></tr>"
    }
    return "<table>" + rows.joined() + "</table>"
  }

  private static func prices(_ report: StatusReport) -> String {
    guard let prices = report.prices else { return "<p>No price table: calls are counted as unpriced.</p>" }
    let age = duration(report.time - prices.updated)
    let problem = prices.lastProblem.map { "<p class=\"bad\">\(escape($0))</p>" } ?? ""
    return
      "<p>\(prices.modelCount) models, version \(escape(prices.version)), \(age) old, from \(escape(prices.source)).</p>"
      + problem
  }

  private static func rejects(_ report: StatusReport) -> String {
    if report.lastRejects.isEmpty { return "<p>None.</p>" }
    let rows = report.lastRejects.map { reject in
      "<tr><td>\(duration(report.time - reject.time)) ago</td><td>\(escape(reject.source))</td>"
        + "<td><code>\(escape(reject.reason))</code></td><td>byte \(reject.position): \(escape(reject.detail))</td></tr>"
    }
    return "<table>" + rows.joined() + "</table>"
  }

  static func duration(_ nanoseconds: Int64) -> String {
    let seconds = max(0, nanoseconds / 1_000_000_000)
    return switch seconds {
    case ..<120: "\(seconds) s"
    case ..<7_200: "\(seconds / 60) min"
    case ..<172_800: "\(seconds / 3_600) h"
    default: "\(seconds / 86_400) days"
    }
  }

  static func escape(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { out, scalar in
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      default: out.unicodeScalars.append(scalar)
      }
    }
  }
}
