import CivilTime
import Pricing
import Storage

/// The length of a regular report.
public enum ReportCycle: String, CaseIterable, Sendable {
  case daily, weekly
}

extension CallSource {
  /// What the last whole day or week cost, against the one before it; by model, user and application; what was out of
  /// line; and what the month will come to.
  public func summary(_ query: ReportQuery, _ cycle: ReportCycle) throws -> Report {
    let zone = query.zone
    let today = zone.local(Instant.seconds(query.now)).date
    let (end, length) = cycle == .daily ? (today, 1) : (today.startOfWeek, 7)
    func instant(_ date: CivilDate) -> Int64 { Int64(zone.time(of: date)) * Instant.second }
    let range = instant(end.adding(days: -length))..<instant(end)
    let before = instant(end.adding(days: -2 * length))..<range.lowerBound
    var tables: [ReportTable] = []
    var notes: [String] = []
    var totals: [Sums] = []
    for dimension in [Dimension.attribute(.model), .attribute(.application), .user] {
      let (table, sums) = try change(query, range, before, by: dimension)
      totals = sums
      if dimension == .attribute(.model) || table.rows.count > 1 { tables.append(table) }
    }
    tables.insert(Self.overview(totals, cycle), at: 0)
    var within = query
    within.range = range
    let anomalies = try anomalies(within)
    if let table = anomalies.tables.first, !table.rows.isEmpty { tables.append(table) }
    if let table = try forecast(query) { tables.append(table) }
    notes += SumReport.notes(totals[0])
    let title = cycle == .daily ? "Daily cost report" : "Weekly cost report"
    return Report(name: "summary", title: title, range: range, tables: tables, notes: notes)
  }

  private static func overview(_ totals: [Sums], _ cycle: ReportCycle) -> ReportTable {
    let (now, before) = (totals[0], totals[1])
    func row(_ name: String, _ cell: (Sums) -> Cell, _ value: (Sums) -> Int128) -> [Cell] {
      [.text(name), cell(now), cell(before), .change(from: value(before), to: value(now))]
    }
    return ReportTable(
      key: "overview", title: "At a glance",
      columns: [
        Column("measure", "", isNumber: false), Column("current", cycle == .daily ? "This day" : "This week"),
        Column("previous", "The one before"), Column("change", "Change"),
      ],
      rows: [
        row("Cost", { .dollars($0.cost) }, { $0.cost }), row("Calls", { .count($0.calls) }, { Int128($0.calls) }),
        row("Tokens", { .count($0.tokens) }, { Int128($0.tokens) }),
        row("Errors", { .count($0.errors) }, { Int128($0.errors) }),
      ])
  }

  /// Cost by one dimension in two periods.
  private func change(
    _ query: ReportQuery, _ range: Range<Int64>, _ before: Range<Int64>, by dimension: Dimension
  ) throws -> (ReportTable, [Sums]) {
    var groups: [String: [Sums]] = [:]
    var totals = [Sums(), Sums()]
    for (side, range) in [range, before].enumerated() {
      var part = query
      part.range = range
      let gathered = try sums(part, by: [dimension])
      for (key, sums) in gathered.groups {
        groups[gathered.grouping.values(key)[0], default: [Sums(), Sums()]][side].add(sums)
        totals[side].add(sums)
      }
    }
    let sorted = groups.sorted { a, b in
      a.value[0].cost != b.value[0].cost ? a.value[0].cost > b.value[0].cost : a.key < b.key
    }
    var column = dimension.column
    column.title = "By " + column.title.lowercased()
    let table = ReportTable(
      key: "by_" + column.key, title: column.title,
      columns: [
        column, Column("calls", "Calls"), Column("cost_dollars", "Cost"), Column("share", "Share", hasBar: true),
        Column("previous_dollars", "Before"), Column("change", "Change"),
      ],
      rows: sorted.prefix(query.top ?? 10).map { name, sums in
        [
          .text(name.isEmpty ? "(none)" : name), .count(sums[0].calls), .dollars(sums[0].cost),
          .share(sums[0].cost, of: totals[0].cost), .dollars(sums[1].cost),
          .change(from: sums[1].cost, to: sums[0].cost),
        ]
      })
    return (table, totals)
  }

  /// The month so far, and what it comes to if its remaining days cost what the last seven whole days did on average
  /// (so many as there are).
  private func forecast(_ query: ReportQuery) throws -> ReportTable? {
    let zone = query.zone
    let today = zone.local(Instant.seconds(query.now)).date
    func instant(_ date: CivilDate) -> Int64 { Int64(zone.time(of: date)) * Instant.second }
    func cost(_ range: Range<Int64>) throws -> Picodollars {
      guard !range.isEmpty else { return 0 }
      var part = query
      part.range = range
      return try sums(part, by: []).groups.values.reduce(0) { $0 + $1.cost }
    }
    let first = today.startOfMonth
    let next = today.startOfNextMonth
    let soFar = try cost(instant(first)..<query.now)
    let lastDays = try (1...7).map { try cost(instant(today.adding(days: -$0))..<instant(today.adding(days: 1 - $0))) }
    guard let known = lastDays.lastIndex(where: { $0 > 0 }) else { return nil }
    let perDay = lastDays[...known].reduce(0, +) / Picodollars(known + 1)
    let previous = try cost(instant(first.adding(days: -1).startOfMonth)..<instant(first))
    // What is left of today counts with its part of a day.
    let remaining = Int128(instant(next) - query.now)
    let forecast = soFar + perDay * remaining / Int128(Instant.day)
    return ReportTable(
      key: "month", title: "This month",
      columns: [
        Column("so_far_dollars", "So far"), Column("per_day_dollars", "Per day, last 7"),
        Column("forecast_dollars", "Forecast"), Column("previous_month_dollars", "Last month"),
        Column("change", "Change"),
      ],
      rows: [
        [
          .dollars(soFar), .dollars(perDay), .dollars(forecast), previous > 0 ? .dollars(previous) : .none,
          previous > 0 ? .change(from: previous, to: forecast) : .none,
        ]
      ])
  }

  /// Hours of a group that are out of line with its hours before: cost over twice the mean, errors or latency over
  /// mean and three standard deviations; after a day of hours at least.
  public func anomalies(_ query: ReportQuery) throws -> Report {
    let by = query.by.isEmpty ? [.attribute(.model)] : query.by.filter { if case .time = $0 { false } else { true } }
    // A week before the time asked about is the history that its first hours are compared with.
    var wider = query
    let from = max(0, query.range.lowerBound - 7 * Instant.day)
    wider.range = from / Instant.hour * Instant.hour..<query.range.upperBound
    let gathered = try sums(wider, by: [.time(.hour)] + by)
    var series: [[String]: [(hour: Int64, text: String, sums: Sums)]] = [:]
    for (key, sums) in gathered.groups {
      let values = gathered.grouping.values(key)
      series[Array(values.dropFirst()), default: []].append((key.time, values[0], sums))
    }
    var buckets = TimeBuckets(zone: query.zone)
    let start = buckets.bucket(.hour, query.range.lowerBound)
    var found: [Anomaly] = []
    for (group, hours) in series {
      found += Anomaly.find(group, hours.sorted { $0.hour < $1.hour }, from: start)
    }
    found.sort { ($0.text, $1.severity, $0.group.joined()) < ($1.text, $0.severity, $1.group.joined()) }
    let table = ReportTable(
      key: "anomalies", title: "Out of line",
      columns: [Column("hour", "Hour", isNumber: false, mayShrink: false)] + by.map(\.column) + [
        Column("kind", "What", isNumber: false, mayShrink: false), Column("value", "Value"),
        Column("usual", "Usual"), Column("times_usual", "Times usual"),
      ],
      rows: found.prefix(query.top ?? 50).map { anomaly in
        [.text(anomaly.text)] + anomaly.group.map(Cell.text) + [
          .text(anomaly.kind), anomaly.value, anomaly.usual, .multiple(thousandths: anomaly.severity),
        ]
      })
    return Report(name: "anomalies", title: "Out of line", range: query.range, tables: [table])
  }
}

/// An hour that is unlike the ones before it.
struct Anomaly {
  var text: String
  var group: [String]
  var kind: String
  var value: Cell
  var usual: Cell
  /// Value over usual, in thousandths.
  var severity: Int64

  /// Hours with calls before an hour is judged.
  static let leastHistory = 24
  /// Calls of an hour below which its mean latency says nothing.
  static let leastCalls: Int64 = 10

  /// Mean and spread of the hours before, by Welford's method.
  private struct History {
    var count = 0.0
    var mean = 0.0
    var squares = 0.0

    mutating func add(_ value: Double) {
      count += 1
      let before = value - mean
      mean += before / count
      squares += before * (value - mean)
    }
    var deviation: Double { count > 1 ? (squares / (count - 1)).squareRoot() : 0 }
  }

  static func find(
    _ group: [String], _ hours: [(hour: Int64, text: String, sums: Sums)], from start: Int64
  ) -> [Anomaly] {
    var cost = History()
    var latency = History()
    var errors = History()
    var found: [Anomaly] = []
    for hour in hours {
      let sums = hour.sums
      let dollars = Double(sums.cost) / 1e12
      let seconds = sums.timed >= leastCalls ? Double(sums.latency) / Double(sums.timed) / 1e9 : nil
      let rate = sums.calls >= leastCalls ? Double(sums.errors) / Double(sums.calls) : nil
      if hour.hour >= start, cost.count >= Double(leastHistory) {
        func add(_ kind: String, _ value: Cell, _ usual: Cell, _ ratio: Double) {
          let severity = Int64(min(max(0, ratio * 1000), 1e12))
          found.append(
            Anomaly(text: hour.text, group: group, kind: kind, value: value, usual: usual, severity: severity))
        }
        if cost.mean > 0, dollars > 2 * cost.mean {
          let usual = Picodollars(cost.mean * 1e12)
          add("cost", .dollars(sums.cost), .dollars(usual), dollars / cost.mean)
        }
        if let seconds, latency.mean > 0, seconds > latency.mean + 3 * latency.deviation, latency.count >= 24 {
          add(
            "latency", .duration(Int64(seconds * 1e9)), .duration(Int64(latency.mean * 1e9)), seconds / latency.mean)
        }
        if let rate, rate > errors.mean + 3 * errors.deviation, sums.errors >= 5, errors.count >= 24 {
          add(
            "errors", .share(Int128(sums.errors), of: Int128(sums.calls)),
            .share(Int128(errors.mean * 1e6), of: 1_000_000), errors.mean > 0 ? rate / errors.mean : 0)
        }
      }
      cost.add(dollars)
      if let seconds { latency.add(seconds) }
      if let rate { errors.add(rate) }
    }
    return found
  }
}
