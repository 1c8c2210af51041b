import CallMetrics
import Yams

/// A part of the file that has more structure than a setting.
struct ConfigurationSection: Sendable {
  /// Where it stands: `metrics.buckets`.
  let key: String
  let help: String
  /// As it could stand in a file.
  let example: String
  let read: @Sendable (Node, inout Configuration, inout SectionReader) -> Void
}

enum ConfigurationSections {
  static let all: [ConfigurationSection] = [
    ConfigurationSection(
      key: "metrics.buckets",
      help: "Upper bounds of a histogram's buckets, by the metric's name, in its unit, ascending. Waiting and loading "
        + "have the buckets of llm_request_duration_seconds.",
      example: "llm_request_duration_seconds: [0.1, 0.5, 1, 5, 30, 120]", read: readBuckets),
    ConfigurationSection(
      key: "metrics.label_limits",
      help: "Limit on the values of one label, in place of metrics.max_label_values.",
      example: "user: 200", read: readLabelLimits),
    ConfigurationSection(
      key: "prices.aliases",
      help: "Names of your own (deployments, inference profiles) and the model that each stands for.",
      example: "my-deployment: azure/gpt-4o", read: readAliases),
    ConfigurationSection(
      key: "prices.overrides",
      help: "Entries that win over every table, in the table's own form; per second of latency for your own machines.",
      example: "llama-on-our-gpu: {cost_per_second: 0.0006}", read: OverrideSection.read),
    ConfigurationSection(
      key: "objectives",
      help: "Goals to compare with (llm_objective), per application and function.",
      example: "- {application: shop, availability: 0.999, latency_p95_seconds: 5}", read: readObjectives),
    ConfigurationSection(
      key: "reports",
      help:
        "Reports that are made by the clock and sent to a webhook or by mail, and calls that are archived in a bucket.",
      example: "- {name: monday, schedule: \"0 8 * * mon\", report: summary, webhook: {url_file: /etc/llm/slack-url}, "
        + "format: slack}", read: readReports),
    ConfigurationSection(
      key: "budgets",
      help:
        "What may be spent in a day, week or month, in dollars or tokens, by all or by a user, team, application or "
        + "model (\"*\": by each).",
      example: "- {name: search, team: search, window: month, dollars: 500}", read: BudgetSection.read),
  ]

  /// The histograms of the catalogue whose buckets may be chosen.
  static var histograms: Set<String> { Set(HistogramBounds.paths.keys) }

  static let goals = ["availability", "latency_p95_seconds", "ttft_p95_seconds", "quality", "cost_per_request_dollars"]

  private static func readBuckets(_ node: Node, _ configuration: inout Configuration, _ reader: inout SectionReader) {
    for (name, node) in reader.members(node, expected: "a mapping from metric to a list of bounds") {
      guard histograms.contains(name) else {
        reader.report(node, at: name, found: name, expected: "one of \(histograms.sorted().joined(separator: ", "))")
        continue
      }
      let members = reader.list(node, at: name, expected: "a list of bounds")
      let bounds = members.compactMap { reader.number($0, at: name, above: 0, expected: "a number above 0") }
      guard bounds.count == members.count else { continue }
      // As they are counted: what is told apart here must be told apart there.
      let counted = bounds.compactMap { HistogramBounds.counted($0, of: name) }
      guard counted.count == bounds.count, (1...64).contains(counted.count),
        zip(counted, counted.dropFirst()).allSatisfy({ $0 < $1 })
      else {
        let unit = HistogramBounds.unit(of: name)
        reader.report(
          node, at: name, found: "\(bounds.count) bounds: \(bounds)",
          expected: "1 to 64 bounds, each above the last by at least \(1 / unit), none above \(9.2e18 / unit)")
        continue
      }
      configuration.metrics.buckets[name] = bounds
    }
  }

  private static func readLabelLimits(
    _ node: Node, _ configuration: inout Configuration, _ reader: inout SectionReader
  ) {
    for (name, node) in reader.members(node, expected: "a mapping from label to a number") {
      if let limit = reader.count(node, at: name, in: 1...1_000_000) {
        configuration.metrics.labelLimits[name] = limit
      }
    }
  }

  private static func readAliases(_ node: Node, _ configuration: inout Configuration, _ reader: inout SectionReader) {
    for (name, node) in reader.members(node, expected: "a mapping from name to name") {
      if let model = reader.text(node, at: name, expected: "a model's name") {
        configuration.prices.aliases[name] = model
      }
    }
  }

  private static func readObjectives(_ node: Node, _ configuration: inout Configuration, _ reader: inout SectionReader)
  {
    for (index, node) in reader.list(node, expected: "a list of objectives").enumerated() {
      let path = "[\(index)]"
      let problemsBefore = reader.problems.count
      var objective = Configuration.Objective()
      for (name, node) in reader.members(node, at: path, expected: "a mapping") {
        if name == "application" || name == "function" {
          guard let text = reader.text(node, at: "\(path).\(name)") else { continue }
          if name == "function" { objective.function = text } else { objective.application = text }
        } else if goals.contains(name) {
          let isShare = name == "availability" || name == "quality"
          let expected = isShare ? "a number above 0, at most 1" : "a number above 0"
          guard let value = reader.number(node, at: "\(path).\(name)", above: 0, expected: expected) else { continue }
          if isShare, value > 1 {
            reader.report(node, at: "\(path).\(name)", expected: expected)
          } else {
            objective.goals.append(Configuration.Goal(name: name, value: value))
          }
        } else {
          reader.report(
            node, at: path, found: name, expected: "application, function, \(goals.joined(separator: ", "))")
        }
      }
      guard reader.problems.count == problemsBefore else { continue }
      if objective.goals.isEmpty {
        reader.report(node, at: path, found: "no goal", expected: "at least one of \(goals.joined(separator: ", "))")
      } else {
        configuration.objectives.append(objective)
      }
    }
  }
}
