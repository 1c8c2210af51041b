import ArgumentParser
import Daemon
import Glibc

@main
enum EntryPoint {
  static func main() async {
    // The parser's reflection would cost a tenth of the time until the first scrape, and these flags are not its own.
    if let flags = ServeCommand.flags(of: arguments), !SettingsReference.asksForHelp(flags) {
      exit(await Serve.run(ConfigurationLoader(arguments: flags)))
    }
    do {
      var command = try LLMExporter.parseAsRoot(arguments)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      LLMExporter.exit(withError: error)
    }
  }

  /// Without a sub-command it serves: the flags of the settings table follow the program's name directly, as exporters
  /// have them.
  private static var arguments: [String] {
    let given = Array(CommandLine.arguments.dropFirst())
    guard let first = given.first else { return ["serve"] }
    let isForTheRoot = ["-h", "--help", "--version"].contains(first)
    return first.hasPrefix("-") && !isForTheRoot ? ["serve"] + given : given
  }
}
