import HTTPTypes

/// `/`, `/-/ready` and `/api/v1/status`.
struct StatusPages: Sendable {
  let report: @Sendable () -> StatusReport
  let telemetryPath: String

  func ready() -> HTTPAnswer {
    let obstacles = report().obstacles
    if obstacles.isEmpty { return .text(.ok, "llm-exporter is ready.") }
    return .text(.serviceUnavailable, "llm-exporter is not ready:\n" + obstacles.joined(separator: "\n"))
  }

  func landingPage() -> HTTPAnswer {
    HTTPAnswer(
      .ok, type: "text/html; charset=utf-8", body: LandingPage.html(report(), telemetryPath: telemetryPath),
      fields: [
        .cacheControl: "no-store",
        .contentSecurityPolicy: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'",
      ])
  }

  func json() -> HTTPAnswer { .json(StatusJSON.text(report())) }
}
