import ArgumentParser
import CivilTime
import Pricing
import Reports
import Storage

struct RepriceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reprice", abstract: "Price the stored calls again, and show the difference.",
    discussion: """
      By the shipped table and the files given. Nothing is changed without --write; with it the rows and the sums of \
      their hours carry the new costs, in a running daemon's file too. Counters that were exposed stay as they are.
      """)

  @OptionGroup var source: CallLogFiles
  @OptionGroup var period: ReportPeriod
  @OptionGroup var grouping: ReportGrouping
  @OptionGroup var prices: PriceFiles
  @Option(help: "table, csv, json, markdown or html.") var format: ReportFormat?
  @Flag(help: "Write the new costs into the file.") var write = false

  func run() throws {
    let query = try ReportQuery(
      grouping.text(period), now: Clock.now, local: .current(environment: ProcessEnvironment.value))
    let book = try prices.book()
    let report = try source.open().reprice(query, with: book)
    ReportOutput(format: format).print(report, zone: query.zone)
    guard write else { return }
    guard grouping.filters.isEmpty else { throw ValidationError("--write takes all calls of a time: no --where") }
    for path in source.paths {
      let corrected = try Correction.write(into: CallLogEditor(path: path), query, book)
      StandardErrorText.write(
        "\(path): \(corrected.rows) rows corrected by \(Dollars.text(corrected.difference)) dollars\n")
    }
  }
}
