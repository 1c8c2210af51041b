import HTTPTypes

/// `/-/reload`.
struct LifecycleEndpoint: Sendable {
  let isEnabled: @Sendable () -> Bool
  let reload: @Sendable () async -> ReloadOutcome

  func reload(_ method: HTTPRequest.Method) async -> HTTPAnswer {
    guard method == .post || method == .put else {
      return .text(.methodNotAllowed, "A reload is asked for with PUT or POST.", fields: [.allow: "PUT, POST"])
    }
    guard isEnabled() else {
      return .text(.forbidden, "The lifecycle API is off: start with --web.enable-lifecycle, or send SIGHUP.")
    }
    switch await reload() {
    case .done(let changes):
      return .text(
        .ok, changes.isEmpty ? "Reloaded; nothing changed." : "Reloaded:\n" + changes.joined(separator: "\n"))
    case .refused(let problems):
      return .text(.internalServerError, "Not reloaded, all is as it was:\n" + problems.joined(separator: "\n"))
    }
  }
}

enum ReloadOutcome: Sendable {
  /// What changed, in words.
  case done([String])
  case refused([String])
}
