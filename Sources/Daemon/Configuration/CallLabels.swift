import CallMetrics

/// The labels that calls can have.
enum CallLabels {
  static let always = ["model", "provider", "operation"]
  /// Attribution that the configuration may turn into labels.
  static let optional = [
    "application", "team", "environment", "function", "prompt_version", "prompt_name", "version", "service_tier",
    "response_model", "user",
  ]
  /// Names that a family gives its own meaning, that Prometheus keeps for itself, or that it sets on targets.
  static let reserved: Set<String> = [
    "le", "quantile", "job", "instance", "status", "error_type", "reason", "token_type", "component", "source",
    "direction", "kind", "outcome", "from", "result", "rating", "category", "name", "evaluator", "window",
  ]

  static func configurable(_ text: String) throws(Mismatch) -> String {
    guard optional.contains(text) else {
      throw Mismatch(
        found: text,
        expected: "one of \(optional.joined(separator: ", ")) (any key of an event's labels: metrics.event_labels)")
    }
    return text
  }

  /// A key of events' labels as it is, of which the name of the label is made: `cost-center` becomes `cost_center`.
  static func free(_ key: String) throws(Mismatch) -> String {
    let name = CallLabel.custom(key).name
    let isTaken = always.contains(name) || optional.contains(name) || reserved.contains(name)
    guard !key.isEmpty, !name.hasPrefix("__"), !isTaken else {
      let becomes = key == name ? "" : ", which would be the label \(name)"
      throw Mismatch(found: key + becomes, expected: "a key that makes a label that no metric uses already")
    }
    return key
  }
}
