import ArgumentParser
import Daemon

struct LLMExporter: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "llm-exporter",
    abstract: "Counts, prices and exposes LLM API calls for Prometheus.",
    discussion: """
      Without a sub-command it serves. Settings of serve and check-config; a flag wins over its environment variable \
      (LLM_EXPORTER_ and the flag in capitals, with _ for dots and dashes), that over the file:

      \(SettingsReference.help)
      """,
    version: BuildInfo.line,
    subcommands: [
      ServeCommand.self, CheckConfigCommand.self, SendCommand.self, PricesCommand.self, ReportCommand.self,
      RepriceCommand.self, ExportCommand.self, ImportCommand.self, ReplayCommand.self, ForgetCommand.self,
      DeliverCommand.self,
      BudgetCommand.self,
      VersionCommand.self,
    ],
    defaultSubcommand: ServeCommand.self)
}

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "version", abstract: "Say which version this is.")

  func run() { print(BuildInfo.line) }
}
