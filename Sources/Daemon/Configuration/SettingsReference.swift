/// The settings table as people read it. docs/configuration.md is compared with it.
public enum SettingsReference {
  public static var help: String {
    var lines = ["  --config.file FILE", "      YAML file with any of these settings and more (default: none)."]
    for setting in SettingsTable.all {
      let value = setting.shape == .toggle ? "" : " " + setting.placeholder
      let negated = setting.shape == .toggle ? ", --\(setting.negatedFlag)" : ""
      lines.append("  --\(setting.flag)\(value)\(negated)")
      let notes = "(default: \(shownDefault(setting))\(setting.shape == .list ? "; repeatable, empty: none" : ""))"
      lines += wrap(setting.help + " " + notes, indent: "      ")
    }
    lines += ["", "Only in the file:", ""]
    for section in ConfigurationSections.all {
      lines.append("  \(section.key)")
      lines += wrap(section.help, indent: "      ")
      lines.append("      For instance: \(section.example)")
    }
    return lines.joined(separator: "\n")
  }

  private static func shownDefault(_ setting: Setting) -> String {
    let text = setting.defaults.joined(separator: ", ")
    return text.isEmpty ? "none" : text
  }

  private static func wrap(_ text: String, indent: String, width: Int = 78) -> [String] {
    var lines: [String] = []
    var line = indent
    for word in text.split(separator: " ") {
      if line.count + word.count + 1 > width {
        lines.append(line)
        line = indent
      }
      line += (line.count == indent.count ? "" : " ") + word
    }
    return lines + [line]
  }
}

extension SettingsReference {
  public static func asksForHelp(_ arguments: [String]) -> Bool {
    arguments.contains { ["-h", "--help", "-help"].contains($0) }
  }

  /// Prints the help of a command whose flags are the settings, if it was asked for.
  public static func answersHelp(_ arguments: [String], command: String) -> Bool {
    guard asksForHelp(arguments) else { return false }
    print("USAGE: llm-exporter \(command) [flags]\n\nFLAGS:\n\(help)")
    return true
  }
}
