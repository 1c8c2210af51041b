import ArgumentParser
import Daemon

/// The price table of the daemon that would run with the same configuration, flags and environment.
struct DaemonPrices: ParsableArguments {
  @Option(
    name: .customLong("config.file"), help: "The daemon's configuration: its price tables, overrides and aliases.")
  var configFile: String?
  @Option(
    name: .customLong("prices.file"),
    help: "Price table over the shipped one, in place of the configuration's; repeatable.")
  var priceFiles: [String] = []

  /// - Parameter directory: the daemon's state, with the table that it fetched; nil: where the configuration says.
  func desk(directory: String? = nil) throws -> PriceDesk {
    let flags =
      (configFile.map { ["--config.file=\($0)"] } ?? []) + priceFiles.map { "--prices.file=\($0)" }
      + (directory.map { ["--storage.path=\($0)"] } ?? [])
    return try PriceDesk(ConfigurationLoader(arguments: flags))
  }
}
