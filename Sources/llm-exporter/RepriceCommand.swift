import ArgumentParser
import CivilTime
import Daemon
import Pricing
import Reports
import Storage

struct RepriceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reprice", abstract: "Price the stored calls again, and show the difference.",
    discussion: """
      By the table of a daemon with the same --config.file, --prices.file and environment. Nothing is changed without \
      --write; with it the rows, the sums of their hours and the counters of money carry the new costs: a running daemon's \
      with its next commit, else the next one's that starts on the file. A counter that goes down by it looks like a reset \
      to Prometheus: see docs/reports.md.
      """)

  @OptionGroup var source: CallLogFiles
  @OptionGroup var period: ReportPeriod
  @OptionGroup var grouping: ReportGrouping
  @OptionGroup var prices: DaemonPrices
  @Option(help: "table, csv, json, markdown or html.") var format: ReportFormat?
  @Flag(help: "Write the new costs into the file.") var write = false
  @Flag(help: "With --write: leave the daemon's counters as they are.") var keepCounters = false
  @Flag(help: "With --write: also where calls that have a price would have none.") var allowUnpriced = false

  func run() throws {
    if write, !grouping.filters.isEmpty { throw ValidationError("--write takes all calls of a time: no --where") }
    let query = try ReportQuery(
      grouping.text(period), now: Clock.now, local: .current(environment: ProcessEnvironment.value))
    let book = try prices.desk(directory: source.directory).book
    let (report, difference) = try source.open().repriced(query, with: book)
    ReportOutput(format: format).print(report, zone: query.zone)
    guard write else { return }
    if difference.noLongerPriced > 0, !allowUnpriced { throw UnpricedCalls(count: difference.noLongerPriced) }
    for path in source.paths {
      let corrected = try Correction.write(
        into: CallLogEditor(path: path), query, book, countersFollow: !keepCounters)
      StandardErrorText.write(
        "\(path): \(corrected.rows) rows corrected by \(Dollars.text(corrected.difference)) dollars\n")
      if corrected.lowered > 0 {
        StandardErrorText.write(
          "\(corrected.lowered) amounts go down: Prometheus will take their counters for reset (docs/reports.md)\n")
      }
    }
  }
}

/// The table lacks prices that the daemon had.
private struct UnpricedCalls: Error, CustomStringConvertible {
  var count: Int64
  var description: String {
    "nothing was written: \(count) calls that have a price would have none. Name the daemon's configuration "
      + "(--config.file), or say --allow-unpriced"
  }
}
