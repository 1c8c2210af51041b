import CPage

/// The page at `/`: what a person wants to know first, without any outside resource. Without scripts it is a page that
/// stands still; with them it is live.
enum LandingPage {
  /// - Parameter nonce: by which the browser knows that style and script are ours; another one each time.
  static func html(_ report: StatusReport, telemetryPath: String, nonce: String) -> String {
    let obstacles = report.obstacles
    let facts = PageFacts(report)
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
        "up": PageFacts.duration(report.time - report.started),
        "last-minute": lastMinute(report),
        "empty-hidden": report.records == 0 ? "" : " hidden",
        "first-event": escape(firstEvent(report)),
        "listeners": html(facts.listeners),
        "prices": html(facts.prices),
        "rejects": html(facts.rejects),
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

  private static func html(_ rows: [PageFacts.Row]) -> String {
    func element(_ tag: String, _ cell: PageFacts.Cell) -> String {
      switch cell.style {
      case .code: "<\(tag)><code>\(escape(cell.text))</code></\(tag)>"
      case .plain: "<\(tag)>\(escape(cell.text))</\(tag)>"
      case .good, .bad: "<\(tag) class=\"\(cell.style.rawValue)\">\(escape(cell.text))</\(tag)>"
      }
    }
    if rows.allSatisfy({ $0.count == 1 }) { return rows.joined().map { element("p", $0) }.joined() }
    return "<table>" + rows.map { "<tr>" + $0.map { element("td", $0) }.joined() + "</tr>" }.joined() + "</table>"
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
