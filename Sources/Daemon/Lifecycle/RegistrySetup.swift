import CallMetrics

extension RegistryConfiguration {
  /// What the configuration says, in the registry's terms.
  init(_ configuration: Configuration, userKey: UserKey?, rememberKey: [UInt8]) {
    let metrics = configuration.metrics
    self.init(userHashKey: metrics.hashUsers ? userKey.map(\.hashKey) : nil)
    self.rememberKey = rememberKey
    let fixed = Dictionary(uniqueKeysWithValues: CallLabel.fixed.map { ($0.name, $0) })
    labels = metrics.labels.compactMap { fixed[$0] } + metrics.eventLabels.map(CallLabel.custom)
    bounds = HistogramBounds(metrics.buckets)
    maxLabelValues = metrics.maxLabelValues
    maxLabelValuesByLabel = metrics.labelLimits
    maxSeries = metrics.maxSeries
    expiry = metrics.expiry == .zero ? nil : metrics.expiry.nanoseconds
    models = metrics.models
    foldUnknownModels = metrics.foldUnknownModels
    anomalies.latencyDeviations = metrics.anomalies.latencyDeviations
    anomalies.tokenDeviations = metrics.anomalies.tokenDeviations
    anomalies.costFactor = metrics.anomalies.costFactor
    anomalies.minimumCalls = Double(metrics.anomalies.minCalls)
    inFlightTimeout = configuration.events.inFlightTimeout.nanoseconds
    gaugeExpiry = metrics.gaugeExpiry.nanoseconds
    topUsers = metrics.topUsers
    objectives = configuration.objectives.flatMap { objective in
      objective.goals.compactMap { goal in
        Objective.Kind(rawValue: goal.name).map {
          Objective(
            application: objective.application, function: objective.function, kind: $0, value: goal.value)
        }
      }
    }
  }
}

extension HistogramBounds {
  /// The catalogue's bounds, and those that the configuration sets in their place: by the metric's name, in its unit.
  init(_ buckets: [String: [Double]]) {
    self.init()
    for (name, bounds) in buckets {
      guard let path = Self.paths[name] else { continue }
      self[keyPath: path] = bounds.compactMap { Self.counted($0, of: name) }
    }
  }

  /// A bound in the integers that are counted in; nil where they can't hold it.
  static func counted(_ bound: Double, of name: String) -> Int64? {
    Int64(exactly: (bound * unit(of: name)).rounded()).flatMap { $0 > 0 ? $0 : nil }
  }

  static let paths: [String: any WritableKeyPath<HistogramBounds, [Int64]> & Sendable] = [
    "llm_request_duration_seconds": \.duration,
    "llm_time_to_first_token_seconds": \.timeToFirstToken,
    "llm_time_per_output_token_seconds": \.timePerOutputToken,
    "llm_tokens_per_request": \.tokens,
    "llm_context_used_ratio": \.context,
    "llm_cost_per_request_dollars": \.cost,
    "llm_recovery_seconds": \.recovery,
    "llm_quality_score": \.score,
    "llm_conversation_turns": \.turns,
  ]

  /// What one unit of the metric is in the integers that are counted in.
  static func unit(of name: String) -> Double {
    if name.hasSuffix("_dollars") { return 1e12 }
    return name == "llm_tokens_per_request" || name == "llm_conversation_turns" ? 1 : 1e9
  }
}

extension Duration {
  /// Settings are bounded to ten years, which 64 bits of nanoseconds hold.
  var nanoseconds: Int64 {
    components.seconds &* 1_000_000_000 &+ components.attoseconds / 1_000_000_000
  }
}

extension UserKey {
  /// SipHash takes 16 bytes; a longer key is folded, so that every byte of it counts.
  var hashKey: [UInt8] {
    var key = [UInt8](repeating: 0, count: 16)
    for (index, byte) in bytes.enumerated() { key[index % 16] ^= byte }
    return key
  }
}
