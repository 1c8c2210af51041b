import Yams

/// A YAML file taken apart: values of the settings table with their lines, and the sections that have more structure.
struct ConfigurationFile {
  struct Entry: Equatable {
    var values: [String]
    var line: Int?
  }

  let name: String
  /// By key, `web.listen_address`.
  private(set) var entries: [String: Entry] = [:]
  /// By key, `metrics.buckets`.
  private(set) var sections: [String: Node] = [:]
  private(set) var problems: [ConfigurationProblem] = []

  private let settingKeys: Set<String>
  private let sectionKeys: Set<String>

  init(_ text: String, name: String, settings: [Setting] = SettingsTable.all) {
    self.name = name
    settingKeys = Set(settings.map(\.key))
    sectionKeys = Set(ConfigurationSections.all.map(\.key))
    do {
      guard let root = try Yams.compose(yaml: text) else { return }
      if case .scalar(let scalar) = root, scalar.string.isEmpty || scalar.string == "null" { return }
      walk(root, path: "")
    } catch let error as YamlError {
      problems.append(Self.problem(of: error, in: name))
    } catch {
      report("", line: nil, found: "\(error)", expected: "YAML")
    }
  }

  private mutating func walk(_ node: Node, path: String) {
    guard case .mapping(let mapping) = node else {
      report(path, line: node.mark?.line, found: Self.describe(node), expected: "a mapping of settings")
      return
    }
    for (key, value) in mapping {
      guard let word = key.scalar?.string else {
        report(path, line: key.mark?.line, found: Self.describe(key), expected: "a key")
        continue
      }
      let full = path.isEmpty ? word : path + "." + word
      if sectionKeys.contains(full) {
        sections[full] = value
      } else if settingKeys.contains(full) {
        take(value, key: full, line: key.mark?.line)
      } else if knowsPrefix(full + ".") {
        if !Self.isNull(value) { walk(value, path: full) }
      } else {
        let known = settingKeys.union(sectionKeys).sorted()
        let hint = FlagParser.nearest(to: full, among: known).map { "; did you mean \($0)?" } ?? ""
        report(full, line: key.mark?.line, found: word, expected: "a known key" + hint)
      }
    }
  }

  private func knowsPrefix(_ prefix: String) -> Bool {
    settingKeys.contains { $0.hasPrefix(prefix) } || sectionKeys.contains { $0.hasPrefix(prefix) }
  }

  private mutating func take(_ node: Node, key: String, line: Int?) {
    switch node {
    case .scalar(let scalar):
      // `key:` with nothing after it, and `null`, are the empty value: a list without members, a listener switched off.
      entries[key] = Entry(values: [Self.isNull(node) ? "" : scalar.string], line: line)
    case .sequence(let sequence):
      var values: [String] = []
      for member in sequence {
        guard let scalar = member.scalar else {
          report(key, line: member.mark?.line, found: Self.describe(member), expected: "a single value")
          continue
        }
        values.append(scalar.string)
      }
      entries[key] = Entry(values: values, line: line)
    default:
      report(key, line: line, found: Self.describe(node), expected: "a value or a list of values")
    }
  }

  private mutating func report(_ key: String, line: Int?, found: String, expected: String) {
    problems.append(
      ConfigurationProblem(place: .file(name, line: line), key: key, found: found, expected: expected))
  }

  static func isNull(_ node: Node) -> Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain else { return false }
    return ["", "~", "null"].contains(scalar.string)
  }

  static func describe(_ node: Node) -> String {
    switch node {
    case .scalar(let scalar): scalar.string
    case .mapping: "a mapping"
    case .sequence: "a list"
    case .alias: "an alias"
    }
  }

  private static func problem(of error: YamlError, in name: String) -> ConfigurationProblem {
    let (line, text): (Int?, String) =
      switch error {
      case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
        .composer(_, let problem, let mark, _):
        (mark.line, problem)
      case .duplicatedKeysInMapping(let keys, let context):
        (context.mark.line, "the key " + keys.joined(separator: ", ") + " twice")
      case .reader(let problem, _, _, _): (nil, problem)
      default: (nil, "\(error)")
      }
    return ConfigurationProblem(place: .file(name, line: line), key: "", found: text, expected: "well-formed YAML")
  }
}
