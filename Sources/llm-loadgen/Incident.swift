import ArgumentParser

/// Something that goes wrong on request, so that alerts have a reason to fire.
enum Incident: String, CaseIterable, ExpressibleByArgument {
  /// Four calls in ten of gpt-4o at openai fail, mostly overloaded.
  case errorBurst = "error-burst"
  /// claude-sonnet-4 answers eight times slower.
  case slowModel = "slow-model"
  /// The research agent loops: many calls with enormous prompts to an expensive model.
  case costSpike = "cost-spike"

  func errorRate(_ model: ModelProfile) -> Double {
    self == .errorBurst && model.requested == "gpt-4o" && model.provider == "openai" ? 0.4 : model.errorRate
  }

  func slowness(_ model: ModelProfile) -> Double {
    self == .slowModel && model.requested.hasPrefix("claude-sonnet-4") ? 8 : 1
  }
}

/// When the incident holds.
struct IncidentSchedule {
  var incident: Incident?
  var startSeconds: Double?
  var lengthSeconds: Double

  /// - Parameter isSwitched: by hand: turns a running one off and a resting one on.
  func active(atSeconds elapsed: Double, isSwitched: Bool) -> Incident? {
    let isScheduled = startSeconds.map { elapsed >= $0 && elapsed < $0 + lengthSeconds } ?? false
    return isScheduled != isSwitched ? incident : nil
  }
}
