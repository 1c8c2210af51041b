import CallMetrics
import CivilTime
import Yams

/// The list `budgets` of the file.
enum BudgetSection {
  static let limit = 100
  private static let windows = Budget.Window.allCases.map(\.rawValue)
  private static let keys = ["name", "window", "zone", "dollars", "tokens"] + Budget.Field.allCases.map(\.rawValue)

  static func read(_ node: Node, _ configuration: inout Configuration, _ reader: inout SectionReader) {
    let members = reader.list(node, expected: "a list of budgets")
    if members.count > limit {
      reader.report(node, at: "", found: "\(members.count) budgets", expected: "at most \(limit)")
    }
    var names: Set<[String]> = []
    for (index, node) in members.enumerated() {
      let path = "[\(index)]"
      guard let budget = budget(node, at: path, &reader) else { continue }
      guard names.insert([budget.name, budget.window.rawValue]).inserted else {
        reader.report(
          node, at: path, found: "\(budget.name) a \(budget.window.rawValue) twice", expected: "each name once a window"
        )
        continue
      }
      configuration.budgets.append(budget)
    }
  }

  private static func budget(_ node: Node, at path: String, _ reader: inout SectionReader) -> Budget? {
    let problemsBefore = reader.problems.count
    var budget = Budget(name: "", window: .month)
    var hasWindow = false
    for (name, node) in reader.members(node, at: path, expected: "a mapping") {
      let path = "\(path).\(name)"
      switch name {
      case "name":
        guard let text = reader.text(node, at: path) else { continue }
        if LabelText.mend(Array(text.utf8)).altered {
          reader.report(node, at: path, expected: "at most 128 bytes without control characters")
        }
        budget.name = text
      case "window":
        guard let window = node.scalar.flatMap({ Budget.Window(rawValue: $0.string) }) else {
          reader.report(node, at: path, expected: "one of \(windows.joined(separator: ", "))")
          continue
        }
        budget.window = window
        hasWindow = true
      case "zone":
        guard let zone = node.scalar.flatMap({ TimeZone(named: $0.string) }) else {
          reader.report(node, at: path, expected: "a time zone such as Europe/Berlin")
          continue
        }
        budget.zone = zone
      case "dollars":
        let expected = "a number above 0, at most 1e9"
        guard let dollars = reader.number(node, at: path, above: 0, expected: expected) else { continue }
        if dollars > 1e9 || dollars < 1e-6 { reader.report(node, at: path, expected: expected) }
        budget.dollars = Int128((min(dollars, 1e9) * 1e12).rounded())
      case "tokens": budget.tokens = reader.count(node, at: path, in: 1...1 << 50).map(Int64.init)
      default:
        guard let field = Budget.Field(rawValue: name) else {
          reader.report(node, at: path, found: name, expected: "one of \(keys.joined(separator: ", "))")
          continue
        }
        guard let text = reader.text(node, at: path, expected: "a value, or \"*\" for each") else { continue }
        budget.conditions[field] = text == "*" ? .each : .only(text)
      }
    }
    guard reader.problems.count == problemsBefore else { return nil }
    if budget.name.isEmpty { reader.report(node, at: path, found: "no name", expected: "a name") }
    if !hasWindow {
      reader.report(node, at: path, found: "no window", expected: "window: \(windows.joined(separator: ", "))")
    }
    if budget.dollars == nil, budget.tokens == nil {
      reader.report(node, at: path, found: "no limit", expected: "dollars, tokens or both")
    }
    return reader.problems.count == problemsBefore ? budget : nil
  }
}
