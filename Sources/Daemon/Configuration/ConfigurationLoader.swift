/// Puts a configuration together: a flag wins over the environment, that over the file, and that over the default.
public struct ConfigurationLoader: Sendable {
  /// Where an effective value came from.
  public enum Origin: Equatable, Sendable, CustomStringConvertible {
    case flag, environment, `default`
    case file(line: Int?)

    public var description: String {
      switch self {
      case .flag: "flag"
      case .environment: "environment"
      case .file(let line?): "file, line \(line)"
      case .file(nil): "file"
      case .default: "default"
      }
    }
  }

  public struct Effective: Sendable {
    public var setting: Setting
    public var values: [String]
    public var origin: Origin
  }

  public struct Loaded: Sendable {
    public var configuration: Configuration
    public var effective: [Effective]
    public var file: String?
  }

  private let arguments: [String]
  private let environment: @Sendable (String) -> String?
  private let read: @Sendable (String) throws(FileProblem) -> [UInt8]

  public init(
    arguments: [String],
    environment: @escaping @Sendable (String) -> String? = ConfigurationLoader.processEnvironment,
    read: @escaping @Sendable (String) throws(FileProblem) -> [UInt8] = { path throws(FileProblem) in
      try FileContent.read(path, limit: 16 << 20)
    }
  ) {
    self.arguments = arguments
    self.environment = environment
    self.read = read
  }

  public static let processEnvironment: @Sendable (String) -> String? = { Environment.value($0) }

  /// Reads everything again: what a start does, and a reload.
  public func load() throws(ConfigurationProblems) -> Loaded {
    let flags = FlagParser(arguments)
    var problems = flags.problems
    let file = file(flags, &problems)
    problems += file?.problems ?? []

    var configuration = Configuration()
    var effective: [Effective] = []
    for setting in SettingsTable.all {
      let (values, origin) = pick(setting, flags: flags, file: file)
      do throws(Mismatch) {
        try setting.store(&configuration, values)
      } catch {
        problems.append(problem(error, of: setting, from: origin, file: file))
      }
      effective.append(Effective(setting: setting, values: values, origin: origin))
    }
    if let file {
      for section in ConfigurationSections.all {
        guard let node = file.sections[section.key] else { continue }
        var reader = SectionReader(key: section.key, file: file.name)
        section.read(node, &configuration, &reader)
        problems += reader.problems
      }
    }
    problems += Coherence.problems(of: configuration, file: file)
    guard problems.isEmpty else { throw ConfigurationProblems(all: problems) }
    return Loaded(configuration: configuration, effective: effective, file: file?.name)
  }

  private func file(_ flags: FlagParser, _ problems: inout [ConfigurationProblem]) -> ConfigurationFile? {
    let path = flags.values[SettingsTable.configFileFlag]?.last ?? environment("LLM_EXPORTER_CONFIG_FILE") ?? ""
    guard !path.isEmpty else { return nil }
    do throws(FileProblem) {
      let bytes = try read(path)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        problems.append(
          ConfigurationProblem(
            place: .file(path, line: nil), key: "", found: "bytes that are no UTF-8", expected: "YAML"))
        return nil
      }
      return ConfigurationFile(text, name: path)
    } catch {
      problems.append(
        ConfigurationProblem(
          place: .file(path, line: nil), key: "--" + SettingsTable.configFileFlag, found: error.reason,
          expected: "a file that can be read"))
      return nil
    }
  }

  private func pick(_ setting: Setting, flags: FlagParser, file: ConfigurationFile?) -> ([String], Origin) {
    if let values = flags.values[setting.flag] { return (values, .flag) }
    // Other variables with our prefix are no mistake: Kubernetes sets LLM_EXPORTER_PORT and the like for a service
    // of that name.
    if let value = environment(setting.environmentVariable) {
      let isList = setting.shape == .list
      let parts = isList ? value.split(separator: ",", omittingEmptySubsequences: false).map(Self.trimmed) : [value]
      return (parts, .environment)
    }
    if let entry = file?.entries[setting.key] {
      if setting.shape == .list || entry.values.count == 1 { return (entry.values, .file(line: entry.line)) }
      return ([entry.values.joined(separator: ", ")], .file(line: entry.line))
    }
    return (setting.defaults, .default)
  }

  private static func trimmed(_ text: Substring) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  private func problem(
    _ mismatch: Mismatch, of setting: Setting, from origin: Origin, file: ConfigurationFile?
  ) -> ConfigurationProblem {
    let (place, key): (ConfigurationProblem.Place, String) =
      switch origin {
      case .flag: (.flag, "--" + setting.flag)
      case .environment: (.environment, setting.environmentVariable)
      case .file(let line): (.file(file?.name ?? "", line: line), setting.key)
      case .default: (.flag, "--" + setting.flag)
      }
    return ConfigurationProblem(place: place, key: key, found: mismatch.found, expected: mismatch.expected)
  }
}
