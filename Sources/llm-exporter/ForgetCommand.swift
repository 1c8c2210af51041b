import ArgumentParser
import Daemon
import Storage

struct ForgetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "forget", abstract: "Delete everything that is logged of a user.",
    discussion: """
      Calls, judgements, captured text and sums by hour; in a running daemon's file too. Give the id as the application \
      sends it, or the hash as the reports show it. What the counters and budgets have added up stays; where ids are \
      not hashed and user is a label, the counters name the user until the store is deleted.
      """)

  @OptionGroup var source: CallLogFiles
  @Option(help: "The user's id or its hash (repeatable).") var user: [String]
  @Option(
    name: .customLong("metrics.user-key-file"),
    help: "Key of the hashes, where the daemon has it in a file of its own (default: the one beside the store).")
  var keyFile: String?

  func run() throws {
    guard user.allSatisfy({ !$0.isEmpty }) else { throw ValidationError("--user is empty") }
    let keyFile = keyFile ?? ProcessEnvironment.value("LLM_EXPORTER_METRICS_USER_KEY_FILE") ?? ""
    for path in source.paths {
      let directory = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]) : "."
      let names = try user.flatMap { try StoredUserNames.all(of: $0, directory: directory, keyFile: keyFile) }
      let gone = try CallLogEditor(path: path).forget(users: names)
      print(
        "\(path): deleted \(gone.calls) calls, \(gone.judgements) judgements, \(gone.texts) texts, "
          + "\(gone.hours) hourly sums")
    }
  }
}
