/// Reads the flags of the settings table: `--name=value`, `--name value`, `--toggle`, `--no-toggle`.
struct FlagParser {
  private(set) var values: [String: [String]] = [:]
  private(set) var problems: [ConfigurationProblem] = []

  init(_ arguments: [String], settings: [Setting] = SettingsTable.all) {
    var byName: [String: (setting: Setting?, isNegated: Bool)] = [SettingsTable.configFileFlag: (nil, false)]
    for setting in settings {
      byName[setting.flag] = (setting, false)
      if setting.shape == .toggle { byName[setting.negatedFlag] = (setting, true) }
    }
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        report(argument, found: argument, expected: "a flag; see --help")
        continue
      }
      let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      let inline = parts.count == 2 ? String(parts[1]) : nil
      guard let (setting, isNegated) = byName[name] else {
        let hint = Self.nearest(to: name, among: byName.keys.sorted()).map { "; did you mean --\($0)?" } ?? ""
        report("--" + name, found: name, expected: "a known flag" + hint)
        continue
      }
      if let setting, setting.shape == .toggle {
        take(setting, name: name, isNegated: isNegated, inline: inline)
      } else if let value = inline ?? rest.popFirst() {
        values[setting?.flag ?? name, default: []].append(value)
      } else {
        report("--" + name, found: "nothing", expected: setting?.placeholder ?? "FILE")
      }
    }
  }

  private mutating func take(_ setting: Setting, name: String, isNegated: Bool, inline: String?) {
    if isNegated, inline != nil {
      report("--" + name, found: inline ?? "", expected: "no value")
    } else {
      values[setting.flag, default: []].append(inline ?? (isNegated ? "false" : "true"))
    }
  }

  private mutating func report(_ key: String, found: String, expected: String) {
    problems.append(ConfigurationProblem(place: .flag, key: key, found: found, expected: expected))
  }

  /// The known name with the fewest edits, if they are few enough for a slip of the keys.
  static func nearest(to name: String, among names: [String], within limit: Int? = nil) -> String? {
    let ranked = names.map { (name: $0, edits: editDistance($0, name)) }.min { $0.edits < $1.edits }
    return ranked.flatMap { $0.edits <= limit ?? max(2, name.count / 4) ? $0.name : nil }
  }

  private static func editDistance(_ a: String, _ b: String) -> Int {
    let b = Array(b.utf8.prefix(80))
    var row = Array(0...b.count)
    for (i, x) in a.utf8.prefix(80).enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, y) in b.enumerated() {
        (diagonal, row[j + 1]) = (row[j + 1], x == y ? diagonal : min(diagonal, row[j], row[j + 1]) + 1)
      }
    }
    return row[b.count]
  }
}
