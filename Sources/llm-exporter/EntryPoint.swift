import ArgumentParser
import Daemon

@main
enum EntryPoint {
  static func main() async {
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
