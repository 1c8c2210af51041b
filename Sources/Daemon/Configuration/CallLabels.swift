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

  static func free(_ text: String) throws(Mismatch) -> String {
    let isName =
      text.utf8.enumerated().allSatisfy { index, byte in
        byte == UInt8(ascii: "_") || (97...122).contains(byte) || (65...90).contains(byte)
          || (index > 0 && (48...57).contains(byte))
      } && !text.isEmpty && !text.hasPrefix("__")
    guard isName, !always.contains(text), !optional.contains(text), !reserved.contains(text) else {
      throw Mismatch(found: text, expected: "a label name of letters, digits and _ that no metric uses already")
    }
    return text
  }
}
