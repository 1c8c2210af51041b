@testable import Daemon

/// A loader that sees only what a test gives it.
func loader(
  flags: [String] = [], environment: [String: String] = [:], file: String? = nil
) -> ConfigurationLoader {
  ConfigurationLoader(
    arguments: (file == nil ? [] : ["--config.file=config.yml"]) + flags,
    environment: { environment[$0] },
    read: { path throws(FileProblem) in
      guard path == "config.yml", let file else { throw FileProblem(path: path, reason: "cannot open") }
      return Array(file.utf8)
    })
}

/// What is wrong with a configuration; empty: nothing.
func problems(
  flags: [String] = [], environment: [String: String] = [:], file: String? = nil
) -> [String] {
  do throws(ConfigurationProblems) {
    _ = try loader(flags: flags, environment: environment, file: file).load()
    return []
  } catch {
    return error.all.map(\.description)
  }
}
