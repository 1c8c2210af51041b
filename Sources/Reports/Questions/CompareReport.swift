import CivilTime
import Events
import Pricing
import Storage

extension CallSource {
  /// Two models, prompt versions or periods side by side.
  ///
  /// - Parameters:
  ///   - first, second: what differs between them: filters, and a time of their own.
  public func compare(
    _ first: ReportQuery, _ firstName: String, with second: ReportQuery, _ secondName: String
  ) throws -> Report {
    let sides = try [first, second].map { query -> Quality in
      try quality(query, by: []).groups.values.first ?? Quality()
    }
    func per(_ amount: Int128, _ count: Int64) -> Int128? { count > 0 ? amount / Int128(count) : nil }
    func asked(_ quality: Quality) -> Int64 { quality.sums.calls - quality.sums.cacheHits }
    var rows: [[Cell]] = []
    func row(_ name: String, _ cell: (Int128) -> Cell, _ value: (Quality) -> Int128?) {
      let values = sides.map(value)
      let change: Cell =
        if let before = values[0], let after = values[1] { .change(from: before, to: after) } else { .none }
      rows.append([.text(name)] + values.map { $0.map(cell) ?? .none } + [change])
    }
    func count(_ value: Int128) -> Cell { .count(Int64(clamping: value)) }
    func duration(_ value: Int128) -> Cell { .duration(Int64(clamping: value)) }
    func mean(_ value: Int128) -> Cell { .mean(thousandths: Int64(clamping: value)) }
    func share(_ value: Int128) -> Cell { .share(value, of: 1_000_000) }
    func score(_ value: Int128) -> Cell { .score(thousandths: Int64(clamping: value)) }
    row("Calls", count) { Int128($0.sums.calls) }
    row("Cost", Cell.dollars) { $0.sums.cost }
    row("Cost per call", Cell.dollars) { $0.costPerCall }
    row("Input tokens per call", mean) { per(Int128($0.sums.input) * 1000, asked($0)) }
    row("Output tokens per call", mean) { per(Int128($0.sums.output) * 1000, asked($0)) }
    row("Latency p50", duration) { $0.latency.quantile(500).map { Int128($0) } }
    row("Latency p95", duration) { $0.latency.quantile(950).map { Int128($0) } }
    row("Error rate", share) { per(Int128($0.sums.errors) * 1_000_000, $0.sums.calls) }
    row("Score", score) { $0.meanScore.map { Int128($0) } }
    row("Negative feedback", share) { per(Int128($0.negative) * 1_000_000, $0.rated) }
    let table = ReportTable(
      key: "compare", title: "\(firstName) and \(secondName)",
      columns: [
        Column("measure", "", isNumber: false), Column("first", firstName), Column("second", secondName),
        Column("change", "Change"),
      ], rows: rows)
    let range =
      min(first.range.lowerBound, second.range.lowerBound)..<max(first.range.upperBound, second.range.upperBound)
    return Report(name: "compare", title: "\(firstName) and \(secondName)", range: range, tables: [table])
  }
}
