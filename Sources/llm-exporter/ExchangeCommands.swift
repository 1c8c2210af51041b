public import ArgumentParser
import CivilTime
import Foundation
public import Reports
import Storage

struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write the calls of a time to standard output, one a line.")

  @OptionGroup var source: CallLogFiles
  @OptionGroup var period: ReportPeriod
  @Option(name: .customLong("where"), help: "Only calls with this value: COLUMN=VALUE (repeatable).")
  var filters: [String] = []
  @Option(help: "ndjson (can be imported and replayed) or csv.") var format = ExportFormat.ndjson

  func run() throws {
    let query = try period.query(filters)
    try source.open().export(query, as: format) { text in
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }
  }
}

struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Send the logged calls of a time again to a daemon; no model is asked.",
    discussion: """
      With their times: the daemon counts them now and files them where they belong. A daemon that remembers their ids \
      counts none of them again.
      """)

  @OptionGroup var source: CallLogFiles
  @OptionGroup var period: ReportPeriod
  @Option(name: .customLong("where"), help: "Only calls with this value: COLUMN=VALUE (repeatable).")
  var filters: [String] = []
  @Option(help: "udp:HOST:PORT, unixgram:PATH or unix:PATH.")
  var to: EventDestination = .udp(host: "127.0.0.1", port: "10781")
  @Option(help: "Times as fast as it was; 0: as fast as the socket takes it.") var speed = 1.0

  func run() throws {
    guard speed >= 0 else { throw ValidationError("--speed is \(speed): expected 0 or more") }
    let query = try period.query(filters)
    let socket = try EventSocket(to)
    var pace = ReplayPace(speed: speed)
    var sent = 0
    try source.open().replay(query) { line, time in
      if let wait = pace.wait(for: time, now: Clock.now) { Thread.sleep(forTimeInterval: Double(wait) / 1e9) }
      try socket.send(Array(line.utf8))
      sent += 1
    }
    print("sent \(sent) calls to \(to)")
  }
}

extension ReportPeriod {
  func query(_ filters: [String]) throws -> ReportQuery {
    var grouping = ReportQuery.Text()
    grouping.since = since
    grouping.until = until
    grouping.zone = zone
    grouping.filters = filters
    return try ReportQuery(grouping, now: Clock.now, local: .current(environment: ProcessEnvironment.value))
  }
}

enum StandardErrorText {
  static func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}

extension ExportFormat: ExpressibleByArgument {}
