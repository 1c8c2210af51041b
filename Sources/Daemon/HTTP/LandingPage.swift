/// The page at `/`: what a person wants to know first, without any outside resource and without scripts.
enum LandingPage {
  static func html(_ report: StatusReport, telemetryPath: String) -> String {
    let obstacles = report.obstacles
    return """
      <!doctype html>
      <html lang="en"><head><meta charset="utf-8"><title>llm-exporter</title>
      <meta name="viewport" content="width=device-width, initial-scale=1"><style>\(style)</style></head><body>
      <header><h1>llm-exporter</h1><p>Metrics of LLM calls for Prometheus · \(escape(BuildInfo.version))</p></header>
      <main>
      <p class="state \(obstacles.isEmpty ? "good" : "bad")">\(obstacles.isEmpty ? "Ready" : "Not ready")\
      <span>up \(duration(report.time - report.started))</span></p>
      \(obstacles.isEmpty ? "" : list(obstacles))
      <nav><a href="\(escape(telemetryPath))">Metrics</a><a href="/api/v1/status">Status as JSON</a>\
      <a href="/-/ready">Ready</a><a href="/-/healthy">Healthy</a></nav>
      <section><h2>Last minute</h2><div class="tiles">\(tiles(report))</div></section>
      <section id="charts" hidden></section>
      <section><h2>Listeners</h2>\(listeners(report))</section>
      <section><h2>Prices</h2>\(prices(report))</section>
      <section><h2>Last rejects</h2>\(rejects(report))</section>
      </main></body></html>

      """
  }

  private static func tiles(_ report: StatusReport) -> String {
    let seconds = max(report.lastMinuteSeconds, 1)
    func tile(_ name: String, _ value: String) -> String { "<div><b>\(value)</b>\(name)</div>" }
    return tile("events/s", rate(Double(report.lastMinute.received) / seconds))
      + tile("accepted", String(report.lastMinute.accepted)) + tile("rejected", String(report.lastMinute.rejected))
      + tile("duplicate", String(report.lastMinute.duplicate)) + tile("dropped", String(report.lastMinute.dropped))
      + tile("series", String(report.series))
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

  private static func list(_ items: [String]) -> String {
    "<ul>" + items.map { "<li>\(escape($0))</li>" }.joined() + "</ul>"
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

  private static func rate(_ value: Double) -> String {
    value >= 100 ? String(Int(value)) : String((value * 10).rounded() / 10)
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

  private static let style = """
    :root{color-scheme:light dark;--ink:#1d2330;--soft:#5b6472;--paper:#fff;--line:#dfe3ea;--good:#17713a;--bad:#b42318}
    @media(prefers-color-scheme:dark){:root{--ink:#e8ebf0;--soft:#9aa4b2;--paper:#14171d;--line:#2b313b;\
    --good:#5fd38d;--bad:#ff8a7a}}
    *{box-sizing:border-box}body{margin:0;font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
    header{background:#e6522c;color:#fff;padding:1rem}header h1{margin:0;font-size:1.4rem}header p{margin:0}
    main{max-width:60rem;margin:0 auto;padding:1rem}h2{font-size:1.05rem;margin:1.6rem 0 .4rem}
    .state{font-size:1.3rem;font-weight:600;margin:.5rem 0}.state span{font-size:.9rem;font-weight:400;\
    color:var(--soft);margin-left:.7rem}.good{color:var(--good)}.bad{color:var(--bad)}
    nav a{display:inline-block;margin:.2rem 1rem .2rem 0;color:inherit}
    .tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7rem,1fr));gap:.6rem}
    .tiles div{border:1px solid var(--line);border-radius:.5rem;padding:.6rem;color:var(--soft)}
    .tiles b{display:block;font-size:1.5rem;color:var(--ink);font-variant-numeric:tabular-nums}
    table{border-collapse:collapse;width:100%}td{border-top:1px solid var(--line);padding:.35rem .6rem .35rem 0;\
    vertical-align:top;overflow-wrap:anywhere}
    """
}
