/// One thing that is wrong with the configuration.
public struct ConfigurationProblem: Error, Equatable, Sendable, CustomStringConvertible {
  /// Where the value was given: `--flag`, an environment variable, or a file with its line.
  public enum Place: Equatable, Sendable, CustomStringConvertible {
    case flag
    case environment
    case file(String, line: Int?)

    public var description: String {
      switch self {
      case .flag: "command line"
      case .environment: "environment"
      case .file(let name, let line?): "\(name):\(line)"
      case .file(let name, nil): name
      }
    }
  }

  public var place: Place
  /// As it is spelt there: flag, variable, or dotted key.
  public var key: String
  public var found: String
  public var expected: String

  public var description: String {
    "\(place): \(key.isEmpty ? "" : key + ": ")found \(Self.quote(found)), expected \(expected)"
  }

  /// Found text comes from outside: kept short and on one line.
  static func quote(_ text: String) -> String {
    let shown = text.count > 80 ? text.prefix(79) + "…" : Substring(text)
    return "\"" + shown.map { $0.isNewline ? " " : String($0) }.joined() + "\""
  }
}

/// Everything that is wrong with a configuration, at once.
public struct ConfigurationProblems: Error, Sendable, CustomStringConvertible {
  public var all: [ConfigurationProblem]
  public var description: String { all.map(\.description).joined(separator: "\n") }
}
