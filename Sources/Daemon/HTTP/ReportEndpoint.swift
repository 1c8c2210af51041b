import CLinux
import CivilTime
import HTTPTypes
import Pricing
import Reports
import Storage

/// `/api/v1/report/NAME?since=…&until=…&zone=…&by=…&where=…&top=…`: the command line's reports as JSON, by the same code
/// over the same file. It is made on a thread of its own and reads as any other reader of the file does: neither an event
/// loop nor the store's writer waits for it.
struct ReportEndpoint: Sendable {
  static let prefix = "/api/v1/report/"
  /// Longer than a report over a month of calls takes; beyond it, the machine is for the events.
  private static let patience = Duration.seconds(30)

  /// The store's file; nil where there is none.
  let path: String?
  /// The table that calls are priced by now.
  let prices: @Sendable () -> PriceBook
  private let gate = ScrapeGate(limit: 2)

  init(path: String?, prices: @escaping @Sendable () -> PriceBook) {
    self.path = path
    self.prices = prices
  }

  /// - Parameter parameters: of the query, decoded.
  func answer(_ name: String, _ parameters: [(name: String, value: String)]) async -> HTTPAnswer {
    guard let name = ReportName(rawValue: name) else {
      let names = ReportName.allCases.map(\.rawValue).joined(separator: ", ")
      return .text(.notFound, "No such report. There are \(names).")
    }
    guard let path else { return .text(.notFound, "There is no store, so there is no call log.") }
    guard gate.enter() else {
      return .refusal("Two reports are being made; try again.")
    }
    defer { gate.leave() }
    return await Blocking.run {
      defer { llm_release_idle_memory() }
      return make(name, path, parameters)
    }
  }

  private func make(_ name: ReportName, _ path: String, _ parameters: [(name: String, value: String)]) -> HTTPAnswer {
    do {
      let request = try ReportRequest(parameters)
      let query = try ReportQuery(request.text, now: WallClock.now, local: .utc)
      let source = CallSource([try CallLogReader(path: path, patience: Self.patience)])
      let report: Report
      if let model = request.whatIf {
        guard name == .cost else { throw ReportError("what_if belongs to the report cost") }
        report = try source.whatIf(query, model: model, with: prices())
      } else {
        report = try source.report(name, query, request.extras)
      }
      return HTTPAnswer(
        .ok, type: "application/json; charset=utf-8", body: report.rendered(as: .json, zone: query.zone),
        fields: [.cacheControl: "no-store"])
    } catch let error as ReportError {
      return .text(.badRequest, error.description)
    } catch is ReadTookTooLong {
      return .text(
        .gatewayTimeout,
        "The report took over \(Self.patience.components.seconds) s and was given up: ask of less time, "
          + "or use llm-exporter report.")
    } catch {
      return .text(.serviceUnavailable, "The call log can't be read: \(error)")
    }
  }
}
