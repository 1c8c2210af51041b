import ArgumentParser
import Daemon

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Receive events and serve metrics (the default).",
    usage: "llm-exporter [serve] [flags]")

  // The flags are the settings table's: it reads them itself, so that they are described in one place only.
  @Argument(parsing: .captureForPassthrough) var flags: [String] = []

  func run() async throws {
    if SettingsReference.answersHelp(flags, command: "serve") { return }
    // It serves where no other sub-command is named, so this is where misspelt ones come.
    if let word = flags.first, !word.hasPrefix("-") {
      let names = LLMExporter.configuration.subcommands.compactMap { $0.configuration.commandName }
      throw ValidationError("there is no sub-command '\(word)'; there are \(names.joined(separator: ", "))")
    }
    let code = await Serve.run(ConfigurationLoader(arguments: flags))
    if code != 0 { throw ExitCode(code) }
  }
}

extension ServeCommand {
  /// The flags, where the arguments are this command's.
  static func flags(of arguments: [String]) -> [String]? {
    arguments.first == configuration.commandName ? Array(arguments.dropFirst()) : nil
  }
}

struct CheckConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config", abstract: "Check the configuration and print the effective settings.",
    usage: "llm-exporter check-config [flags]")

  @Argument(parsing: .captureForPassthrough) var flags: [String] = []

  func run() throws {
    if SettingsReference.answersHelp(flags, command: "check-config") { return }
    let code = CheckConfig.run(ConfigurationLoader(arguments: flags))
    if code != 0 { throw ExitCode(code) }
  }
}
