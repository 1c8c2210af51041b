import Events
import Pricing
import Storage

/// Reports that are sums by group: cost, usage, errors.
struct SumReport {
  let name: String
  let title: String
  let query: ReportQuery
  let by: [Dimension]
  /// What decides the order.
  let size: (Sums) -> Int128
  let columns: [Column]
  /// The cells after those of the group.
  let cells: (_ group: Sums, _ all: Sums) -> [Cell]

  func make(_ gathered: Gathered<Sums>) -> Report {
    let top = query.top ?? (gathered.grouping.isChronological ? 1000 : 25)
    let (first, rest) = gathered.ordered(top: top, size: size)
    var all = Sums()
    for value in gathered.groups.values { all.add(value) }
    var rows = first.map { group in group.values.map(Cell.text) + cells(group.value, all) }
    if !rest.isEmpty {
      var others = Sums()
      for sums in rest { others.add(sums) }
      rows.append(label("(\(rest.count) more)") + cells(others, all))
    }
    let table = ReportTable(
      key: name, title: title, columns: by.map(\.column) + columns, rows: rows,
      total: rows.count > 1 ? label("Total") + cells(all, all) : nil)
    return Report(
      name: name, title: title, range: query.range, tables: [table], notes: Self.notes(all) + gathered.notes)
  }

  private func label(_ text: String) -> [Cell] {
    [.text(text)] + by.dropFirst().map { _ in Cell.none }
  }

  static func notes(_ all: Sums) -> [String] {
    if all.unpriced == 0 { return [] }
    let calls = DecimalText.grouped(String(all.unpriced)) + (all.unpriced == 1 ? " call" : " calls")
    return ["\(calls) could not be priced, or not in full: the cost is unknown there, not zero."]
  }
}

extension CallSource {
  /// What was spent.
  public func cost(_ query: ReportQuery) throws -> Report {
    let by = query.by.isEmpty ? [.attribute(.model)] : query.by
    let report = SumReport(
      name: "cost", title: "Cost", query: query, by: by, size: { $0.cost },
      columns: [
        Column("calls", "Calls"), Column("input_tokens", "Input tokens"), Column("output_tokens", "Output tokens"),
        Column("cost_dollars", "Cost"), Column("share", "Share", hasBar: true),
        Column("cost_per_call_dollars", "Per call"), Column("unpriced_calls", "Unpriced"),
      ],
      cells: { group, all in
        let priced = group.calls - group.unpriced
        return [
          .count(group.calls), .count(group.input), .count(group.output), .dollars(group.cost, known: priced > 0),
          .share(group.cost, of: all.cost), priced > 0 ? .dollars(group.cost / Picodollars(priced)) : .none,
          group.unpriced > 0 ? .count(group.unpriced) : .none,
        ]
      })
    return report.make(try sums(query, by: by))
  }

  /// What was processed: tokens by type.
  public func usage(_ query: ReportQuery) throws -> Report {
    let by = query.by.isEmpty ? [.attribute(.model)] : query.by
    let report = SumReport(
      name: "usage", title: "Usage", query: query, by: by, size: { Int128($0.tokens) },
      columns: [
        Column("calls", "Calls"), Column("uncached_input_tokens", "Input"), Column("cached_input_tokens", "Cached"),
        Column("cache_write_tokens", "Cache write"), Column("output_tokens", "Output"),
        Column("reasoning_tokens", "Reasoning"), Column("tokens", "Tokens"), Column("share", "Share", hasBar: true),
        Column("tokens_per_call", "Per call"), Column("cached_share", "From cache"),
      ],
      cells: { group, all in
        let asked = group.calls - group.cacheHits
        return [
          .count(group.calls), .count(group.input.minus(group.cachedInput).minus(group.cacheWrite)),
          .count(group.cachedInput),
          .count(group.cacheWrite), .count(group.output.minus(group.reasoning)), .count(group.reasoning),
          .count(group.tokens), .share(Int128(group.tokens), of: Int128(all.tokens)),
          asked > 0 ? .mean(thousandths: Int64(clamping: Int128(group.tokens) * 1000 / Int128(asked))) : .none,
          .share(Int128(group.cachedInput), of: Int128(group.input)),
        ]
      })
    return report.make(try sums(query, by: by))
  }

  /// What failed, and why: a column for each type of error that occurred.
  public func errors(_ query: ReportQuery) throws -> Report {
    let by = (query.by.isEmpty ? [.attribute(.model)] : query.by).filter { $0 != .errorType && $0 != .status }
    let gathered = try sums(query, by: by + [.errorType])
    var groups: [[String]: ErrorSums] = [:]
    var order: [[String]: GroupKey] = [:]
    var types: [String: Int64] = [:]
    for (key, sums) in gathered.groups {
      let values = gathered.grouping.values(key)
      let group = Array(values.dropLast())
      groups[group, default: ErrorSums()].add(sums, type: values.last ?? "")
      if order[group].map({ $0.time > key.time }) ?? true { order[group] = key }
      if sums.errors > 0 { types[values.last ?? "", default: 0].add(sums.errors) }
    }
    let grouping = gathered.grouping
    let byErrors = groups.sorted { a, b in
      a.value.errors != b.value.errors ? a.value.errors > b.value.errors : a.key.lexicographicallyPrecedes(b.key)
    }
    let top = query.top ?? (grouping.isChronological ? 1000 : 25)
    func time(_ group: [String]) -> Int64 { order[group]?.time ?? 0 }
    var sorted = byErrors
    if grouping.isChronological {
      if grouping.isCyclic { sorted = Array(sorted.prefix(top)) }
      sorted.sort { time($0.key) < time($1.key) }
    }
    let shown = grouping.isChronological ? sorted.suffix(top) : sorted.prefix(top)
    let named = types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    var all = ErrorSums()
    for group in groups.values { all.add(group) }
    func cells(_ group: ErrorSums) -> [Cell] {
      [.count(group.calls), .count(group.errors), .share(Int128(group.errors), of: Int128(group.calls))]
        + named.map { group.types[$0].map(Cell.count) ?? .none }
        + [group.retries > 0 ? .count(group.retries) : .none]
    }
    let titles = named.map { Column($0, $0.split(separator: "_").joined(separator: " ").capitalizedFirst) }
    let table = ReportTable(
      key: "errors", title: "Errors",
      columns: by.map(\.column) + [Column("calls", "Calls"), Column("errors", "Errors"), Column("error_rate", "Rate")]
        + titles + [Column("retries", "Retries")],
      rows: shown.map { $0.key.map(Cell.text) + cells($0.value) },
      total: shown.count > 1 ? [.text("Total")] + by.dropFirst().map { _ in Cell.none } + cells(all) : nil)
    var notes = gathered.notes
    if groups.count > shown.count { notes.append("\(groups.count - shown.count) more groups; --top shows more.") }
    return Report(name: "errors", title: "Errors", range: query.range, tables: [table], notes: notes)
  }
}

/// Failures of one group by type.
private struct ErrorSums {
  var calls: Int64 = 0
  var errors: Int64 = 0
  var retries: Int64 = 0
  var types: [String: Int64] = [:]

  mutating func add(_ sums: Sums, type: String) {
    calls.add(sums.calls)
    errors.add(sums.errors)
    retries.add(sums.retries)
    if sums.errors > 0 { types[type, default: 0].add(sums.errors) }
  }

  mutating func add(_ other: ErrorSums) {
    calls.add(other.calls)
    errors.add(other.errors)
    retries.add(other.retries)
    types.merge(other.types, uniquingKeysWith: { $0.plus($1) })
  }
}

extension String {
  var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
