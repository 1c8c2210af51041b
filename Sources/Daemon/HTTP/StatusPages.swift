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
    let nonce = String(UInt128.random(in: .min ... .max), radix: 16)
    return HTTPAnswer(
      .ok, type: "text/html; charset=utf-8",
      body: LandingPage.html(report(), telemetryPath: telemetryPath, nonce: nonce),
      fields: [
        .cacheControl: "no-store",
        .contentSecurityPolicy: "default-src 'none'; style-src 'nonce-\(nonce)'; script-src 'nonce-\(nonce)'; "
          + "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      ])
  }

  func json() -> HTTPAnswer { .json(StatusJSON.text(report())) }
}
