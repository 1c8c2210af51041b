import HTTPTypes
import HummingbirdCore
import NIOCore

/// Every path the daemon answers, in one place.
struct HTTPResponder: Sendable {
  let metrics: MetricsEndpoint
  let live: LiveEndpoint
  let status: StatusPages
  let lifecycle: LifecycleEndpoint
  let reports: ReportEndpoint
  let budgets: BudgetEndpoint
  /// Path of the metrics.
  let telemetryPath: String

  @concurrent
  func respond(to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
    let path = request.uri.path
    if path == telemetryPath {
      guard Self.reads(request.method) else { return try await Self.readOnly(path).send(writer) }
      return try await metrics.respond(to: request, writer, channel)
    }
    if path == "/api/v1/live", Self.reads(request.method) {
      return try await live.respond(to: request, writer, channel)
    }
    try await answer(path, request).send(writer)
  }

  private func answer(_ path: String, _ request: Request) async -> HTTPAnswer {
    if path == "/-/reload" { return await lifecycle.reload(request.method) }
    if path.hasPrefix(ReportEndpoint.prefix), Self.reads(request.method) {
      guard let parameters = QueryParameters.parse(request.uri.query ?? "") else {
        return .text(.badRequest, "The query is no UTF-8, percent-encoded.")
      }
      return await reports.answer(String(path.dropFirst(ReportEndpoint.prefix.count)), parameters)
    }
    let page: () -> HTTPAnswer
    switch path {
    case "/": page = { status.landingPage() }
    case "/-/healthy": page = { .text(.ok, "llm-exporter is healthy.") }
    case "/-/ready": page = { status.ready() }
    case "/api/v1/status": page = { status.json() }
    case "/api/v1/live": return Self.readOnly(path)
    case BudgetEndpoint.path: page = { budgets.answer(request.uri.query ?? "") }
    case BudgetEndpoint.listPath: page = { budgets.list() }
    default:
      let pages =
        "\(telemetryPath), /, /api/v1/status, /api/v1/live, /api/v1/report/, /api/v1/budget, /api/v1/budgets, "
        + "/-/healthy and /-/ready"
      return .text(.notFound, "No such page. There are \(pages).")
    }
    return Self.reads(request.method) ? page() : Self.readOnly(path)
  }

  private static func reads(_ method: HTTPRequest.Method) -> Bool { method == .get || method == .head }

  private static func readOnly(_ path: String) -> HTTPAnswer {
    .text(.methodNotAllowed, "\(path) answers GET and HEAD.", fields: [.allow: "GET, HEAD"])
  }
}
