public import ArgumentParser
import CivilTime
import Daemon
import Foundation
import Glibc
public import Reports
import Storage

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Answer a question over the logged calls.",
    discussion: """
      Reads the daemon's file, running or not, without disturbing it; a copied file too; several files for a fleet.

      Reports:
      \(ReportName.allCases.map { "  " + $0.rawValue.padded(14) + $0.summary }.joined(separator: "\n"))
      """)

  @Argument(help: "Which report.") var name: ReportName
  @Argument(help: "trace: its id. compare: two values of --by, or none for the time before.") var subjects: [String] =
    []
  @OptionGroup var source: CallLogFiles
  @OptionGroup var period: ReportPeriod
  @OptionGroup var grouping: ReportGrouping
  @Option(help: "table, csv, json, markdown or html (default: table in a terminal, else csv).")
  var format: ReportFormat?

  @Option(help: "summary: daily or weekly.") var cycle = ReportCycle.daily
  @Option(help: "models: least mean score, 0 to 1.") var minQuality: Double?
  @Option(help: "models: longest 95th percentile, in seconds.") var maxP95: Double?
  @Option(help: "models: highest share of failed calls, 0 to 1.") var maxErrorRate: Double?
  @Option(help: "cost: the same calls at this model's prices.") var whatIf: String?
  @OptionGroup var prices: DaemonPrices

  func run() throws {
    let query = try ReportQuery(
      grouping.text(period), now: Clock.now, local: .current(environment: ProcessEnvironment.value))
    let calls = try source.open()
    let report: Report
    if let whatIf {
      guard name == .cost else { throw ValidationError("--what-if belongs to the report cost") }
      report = try calls.whatIf(query, model: whatIf, with: prices.desk(directory: source.directory).book)
    } else {
      report = try calls.report(name, query, extras())
    }
    ReportOutput(format: format).print(report, zone: query.zone)
  }

  private func extras() throws -> ReportExtras {
    var extras = ReportExtras()
    func thousandths(_ value: Double?, _ name: String, upTo limit: Double) throws -> Int64? {
      guard let value else { return nil }
      guard value >= 0, value <= limit else {
        throw ValidationError("--\(name) is \(value): expected a number from 0 to \(Int(limit))")
      }
      return Int64((value * 1000).rounded())
    }
    extras.bounds.minQuality = try thousandths(minQuality, "min-quality", upTo: 1)
    extras.bounds.maxErrorRate = try thousandths(maxErrorRate, "max-error-rate", upTo: 1)
    extras.bounds.maxLatencyP95 = try thousandths(maxP95, "max-p95", upTo: 1_000_000).map { $0 * 1_000_000 }
    extras.cycle = cycle
    extras.id = subjects.first ?? ""
    extras.sides = subjects
    return extras
  }
}

/// Where a report goes: as a table to a terminal, as data anywhere else, unless told otherwise.
struct ReportOutput {
  var format: ReportFormat?

  func print(_ report: Report, zone: CivilTime.TimeZone) {
    let terminal = Terminal()
    let format = format ?? (terminal.isTerminal ? .table : .csv)
    let text = report.rendered(as: format, zone: zone, width: terminal.width, isStyled: terminal.isStyled)
    Swift.print(text, terminator: "")
  }
}

/// The files that a command reads.
struct CallLogFiles: ParsableArguments {
  @Option(
    name: .customLong("storage.path"), help: "Directory of the daemon's state (default: ./llm-exporter-data).")
  var directory: String?
  @Option(name: .customLong("file"), help: "A file instead: a copy, or one of another host (repeatable).")
  var files: [String] = []

  var paths: [String] {
    if !files.isEmpty { return files }
    let directory =
      directory ?? ProcessEnvironment.value("LLM_EXPORTER_STORAGE_PATH") ?? "./llm-exporter-data"
    return [directory + "/" + Store.fileName]
  }

  func open() throws -> CallSource {
    CallSource(
      try paths.map { path in
        guard unsafe access(path, R_OK) == 0 else {
          throw ValidationError("can't read \(path): \(SystemWords.error(errno))")
        }
        return try CallLogReader(path: path)
      })
  }
}

struct ReportPeriod: ParsableArguments {
  @Option(help: "Where it begins: 90m, 36h, 7d, 2w ago, a date, today, yesterday, week, month.") var since = "7d"
  @Option(help: "Where it ends.") var until = "now"
  @Option(help: "Time zone of days and hours, such as Europe/Berlin (default: this machine's).") var zone = ""
}

struct ReportGrouping: ParsableArguments {
  @Option(help: "What rows are grouped by, separated by commas (\(Dimension.names.joined(separator: ", "))).")
  var by: [String] = []
  @Option(name: .customLong("where"), help: "Only calls with this value: COLUMN=VALUE (repeatable).")
  var filters: [String] = []
  @Option(help: "Rows at most.") var top: Int?

  func text(_ period: ReportPeriod) -> ReportQuery.Text {
    var text = ReportQuery.Text()
    text.since = period.since
    text.until = period.until
    text.zone = period.zone
    text.by = by
    text.filters = filters
    text.top = top
    return text
  }
}

extension ReportName: ExpressibleByArgument {}
extension ReportFormat: ExpressibleByArgument {}
extension ReportCycle: ExpressibleByArgument {}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
