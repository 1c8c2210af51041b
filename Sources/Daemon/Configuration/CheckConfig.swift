import CallMetrics
import CivilTime
import Events
import Pricing

/// `check-config`: the effective settings, or everything that is wrong.
public enum CheckConfig {
  /// - Returns: the exit code.
  public static func run(_ loader: ConfigurationLoader) -> Int32 {
    do throws(ConfigurationProblems) {
      let loaded = try loader.load()
      do throws(StartProblem) {
        _ = try PriceShelf(directory: nil).build(loaded.configuration.prices, logger: PriceShelf.silent)
      } catch {
        StandardError.write("\(error)\n")
        return 2
      }
      print("# \(loaded.file ?? "no configuration file"): all is well")
      for effective in loaded.effective {
        let words = effective.values.filter { !$0.isEmpty }.map { JSONText.quote(PublicURL.text($0)) }
        let values = words.joined(separator: ", ")
        let shown = effective.setting.shape == .list ? "[\(values)]" : (values.isEmpty ? "\"\"" : values)
        print("\(effective.setting.key): \(shown)  # \(effective.origin)")
      }
      for line in sections(of: loaded.configuration) { print(line) }
      return 0
    } catch {
      StandardError.write(error.all.map { "\($0)\n" }.joined())
      return 2
    }
  }

  /// What the file's structured parts came to.
  private static func sections(of configuration: Configuration) -> [String] {
    var lines: [String] = []
    for (name, bounds) in configuration.metrics.buckets.sorted(by: { $0.key < $1.key }) {
      lines.append("metrics.buckets.\(name): \(bounds)")
    }
    for (label, limit) in configuration.metrics.labelLimits.sorted(by: { $0.key < $1.key }) {
      lines.append("metrics.label_limits.\(label): \(limit)")
    }
    for (name, model) in configuration.prices.aliases.sorted(by: { $0.key < $1.key }) {
      lines.append("prices.aliases: {\(JSONText.quote(name)): \(JSONText.quote(model))}")
    }
    for (name, entry) in configuration.prices.overrides.sorted(by: { $0.key < $1.key }) {
      lines.append("prices.overrides: {\(JSONText.quote(name)): \(entry)}")
    }
    for report in configuration.reports {
      lines.append(
        "reports: {name: \(report.name), schedule: \(JSONText.quote(report.schedule?.text ?? "")), "
          + "report: \(report.report.isEmpty ? "the calls" : report.report), format: \(report.format)}")
    }
    lines += configuration.budgets.map { "budgets: {" + members(of: $0).joined(separator: ", ") + "}" }
    for objective in configuration.objectives {
      let goals = objective.goals.map { "\($0.name): \($0.value)" }.joined(separator: ", ")
      lines.append(
        "objectives: {application: \(JSONText.quote(objective.application)), "
          + "function: \(JSONText.quote(objective.function)), \(goals)}")
    }
    return lines
  }

  private static func members(of budget: Budget) -> [String] {
    var members = [
      "name: \(JSONText.quote(budget.name))", "window: \(budget.window.rawValue)", "zone: \(budget.zone.name)",
    ]
    if let dollars = budget.dollars { members.append("dollars: \(Dollars.text(dollars))") }
    if let tokens = budget.tokens { members.append("tokens: \(tokens)") }
    for field in Budget.Field.allCases {
      switch budget.conditions[field] {
      case .only(let value): members.append("\(field.rawValue): \(JSONText.quote(value))")
      case .each: members.append("\(field.rawValue): \"*\"")
      case nil: break
      }
    }
    return members
  }
}
