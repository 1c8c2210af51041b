/// What stands at the foot of the page, as texts: HTML when the page is loaded, and sent anew when it changes while somebody
/// watches.
struct PageFacts {
  enum Style: String {
    case plain = ""
    case code, good, bad
  }

  struct Cell {
    var text: String
    var style = Style.plain
  }

  /// A row of one cell is a sentence.
  typealias Row = [Cell]

  let listeners: [Row]
  let prices: [Row]
  let rejects: [Row]

  init(_ report: StatusReport) {
    listeners =
      report.listeners.isEmpty
      ? [[Cell(text: "All are switched off.")]]
      : report.listeners.map { listener in
        [
          Cell(text: listener.name, style: .code),
          listener.isUp
            ? Cell(text: "up", style: .good) : Cell(text: "down: \(listener.problem ?? "unknown")", style: .bad),
        ]
      }
    prices = Self.prices(report)
    rejects =
      report.lastRejects.isEmpty
      ? [[Cell(text: "None.")]]
      : report.lastRejects.map { reject in
        [
          Cell(text: "\(Self.duration(report.time - reject.time)) ago"), Cell(text: reject.source),
          Cell(text: reject.reason, style: .code), Cell(text: "byte \(reject.position): \(reject.detail)"),
        ]
      }
  }

  private static func prices(_ report: StatusReport) -> [Row] {
    guard let prices = report.prices else { return [[Cell(text: "No price table: calls are counted as unpriced.")]] }
    let age = duration(report.time - prices.updated)
    let table = "\(prices.modelCount) models, version \(prices.version), \(age) old, from \(prices.source)."
    return [[Cell(text: table)]] + (prices.lastProblem.map { [[Cell(text: $0, style: .bad)]] } ?? [])
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
}
