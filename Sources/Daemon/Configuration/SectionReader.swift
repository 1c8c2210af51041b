import Yams

/// Reads the structured parts of the file and collects what is wrong with them, each with its key and line.
struct SectionReader {
  let key: String
  let file: String
  private(set) var problems: [ConfigurationProblem] = []

  init(key: String, file: String) {
    self.key = key
    self.file = file
  }

  mutating func report(_ node: Node, at path: String, found: String? = nil, expected: String) {
    problems.append(
      ConfigurationProblem(
        place: .file(file, line: node.mark?.line), key: path.isEmpty ? key : "\(key).\(path)",
        found: found ?? ConfigurationFile.describe(node), expected: expected))
  }

  /// The members of a mapping whose keys are free words. Nothing (`null`) is an empty one.
  mutating func members(_ node: Node, at path: String = "", expected: String) -> [(name: String, node: Node)] {
    if ConfigurationFile.isNull(node) { return [] }
    guard case .mapping(let mapping) = node else {
      report(node, at: path, expected: expected)
      return []
    }
    var members: [(name: String, node: Node)] = []
    for (key, value) in mapping {
      if let name = key.scalar?.string, !name.isEmpty {
        members.append((name, value))
      } else {
        report(key, at: path, expected: "a name")
      }
    }
    return members
  }

  mutating func list(_ node: Node, at path: String = "", expected: String) -> [Node] {
    if ConfigurationFile.isNull(node) { return [] }
    guard case .sequence(let sequence) = node else {
      report(node, at: path, expected: expected)
      return []
    }
    return Array(sequence)
  }

  mutating func text(_ node: Node, at path: String, expected: String = "a word") -> String? {
    guard let text = node.scalar?.string, !text.isEmpty, !ConfigurationFile.isNull(node) else {
      report(node, at: path, expected: expected)
      return nil
    }
    return text
  }

  mutating func number(_ node: Node, at path: String, above least: Double, expected: String) -> Double? {
    guard let text = node.scalar?.string, let number = Double(text), number.isFinite, number > least else {
      report(node, at: path, expected: expected)
      return nil
    }
    return number
  }

  mutating func count(_ node: Node, at path: String, in range: ClosedRange<Int>) -> Int? {
    guard let text = node.scalar?.string, let number = Int(text), range.contains(number) else {
      report(node, at: path, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }
}
