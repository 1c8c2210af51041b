import ArgumentParser
import Daemon

struct DeliverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "deliver", abstract: "Make one of the configured scheduled reports now, and send it.",
    discussion: """
      To try out a schedule's entry, or to make up for one that failed. Sends once, without trying again; the daemon's \
      counters know nothing of it.
      """)

  @Argument(help: "Name of the report in the configuration.") var name: String
  @Option(name: .customLong("config.file"), help: "The daemon's configuration.") var configFile: String
  @Option(name: .customLong("storage.path"), help: "Directory of the daemon's state, where the configuration lacks it.")
  var directory: String?
  @Option(help: "As if it were this time: 2026-11-20, 2026-11-20T08:00, 3d (ago).") var at = "now"

  func run() throws {
    let flags = ["--config.file=\(configFile)"] + (directory.map { ["--storage.path=\($0)"] } ?? [])
    print("sent", try DeliveryDesk(ConfigurationLoader(arguments: flags)).deliver(name, at: at))
  }
}
