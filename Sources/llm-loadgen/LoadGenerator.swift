import ArgumentParser
import Glibc

@main struct LoadGenerator: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "llm-loadgen",
    abstract: "Sends events to llm-exporter and says exactly what it sent, as JSON on standard output.",
    subcommands: [Bench.self, Traffic.self], defaultSubcommand: Bench.self)
}

/// What both kinds of load are given.
struct SendOptions: ParsableArguments {
  @Option(help: "udp:HOST:PORT, unixgram:PATH, unix:PATH, or - for standard output.")
  var to: Destination = .udp(host: "127.0.0.1", port: 10781)

  @Option(help: "Seconds to send for; 0 is without end.")
  var duration: Double = 0

  @Option(help: "Events to send; 0 is without end.")
  var count: Int = 0

  @Option(help: "Events in a datagram, or in a write of a stream at a limited rate.")
  var batch: Int = 1

  @Option(help: "The same seed sends the same events.")
  var seed: UInt64 = 1

  @Flag(help: "Give a datagram up when the socket is full, as client snippets do, instead of waiting.")
  var noWait = false

  func validate() throws {
    guard batch >= 1, batch <= 1_000 else { throw ValidationError("--batch is 1 to 1000") }
    guard duration >= 0, count >= 0 else { throw ValidationError("--duration and --count are not negative") }
  }
}

/// The report goes where the events do not.
func printReport(_ report: SendReport) {
  let line = report.json + "\n"
  _ = unsafe line.withCString { unsafe write(report.destination == .standardOutput ? 2 : 1, $0, line.utf8.count) }
}
