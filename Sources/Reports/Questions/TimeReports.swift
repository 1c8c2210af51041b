import Events
import Pricing
import Storage

extension CallSource {
  /// How long calls took: percentiles over the calls themselves.
  public func latency(_ query: ReportQuery) throws -> Report {
    let by = query.by.isEmpty ? [.attribute(.model)] : query.by
    let includesFailures = by.contains(.status) || query.filters.contains { $0.dimension == .status }
    struct Times {
      var latency = Quantiles()
      var first = Quantiles()
      /// Output tokens per second after the first token, in thousandths.
      var speed = Quantiles()
    }
    let gathered = try rows(query, by: by, initial: Times()) { times, call in
      if call.isCacheHit || (call.isError && !includesFailures) { return }
      times.latency.add(call.latency, weight: call.weight)
      times.first.add(call.timeToFirstToken, weight: call.weight)
      let streaming = call.latency - call.timeToFirstToken
      if call.timeToFirstToken >= 0, call.latency >= 0, streaming > 0, call.usage.output > 1 {
        let tokens = Int128(call.usage.output - 1) * 1_000_000_000_000
        times.speed.add(Int64(clamping: tokens / Int128(streaming)), weight: call.weight)
      }
    }
    let (first, rest) = gathered.ordered(
      top: query.top ?? (gathered.grouping.isChronological ? 1000 : 25), size: { Int128($0.latency.total) })
    func duration(_ value: Int64?) -> Cell { value.map(Cell.duration) ?? .none }
    let table = ReportTable(
      key: "latency", title: "Latency",
      columns: by.map(\.column) + [
        Column("timed_calls", "Calls"), Column("p50_seconds", "p50"), Column("p90_seconds", "p90"),
        Column("p95_seconds", "p95"), Column("p99_seconds", "p99"), Column("max_seconds", "Max"),
        Column("mean_seconds", "Mean"), Column("ttft_p50_seconds", "First token p50"),
        Column("ttft_p95_seconds", "p95"), Column("tokens_per_second_p50", "Tokens/s"),
      ],
      rows: first.map { values, times in
        values.map(Cell.text) + [
          .count(times.latency.total), duration(times.latency.quantile(500)), duration(times.latency.quantile(900)),
          duration(times.latency.quantile(950)), duration(times.latency.quantile(990)),
          times.latency.total > 0 ? .duration(times.latency.largest) : .none, duration(times.latency.mean),
          duration(times.first.quantile(500)), duration(times.first.quantile(950)),
          times.speed.quantile(500).map(Cell.mean(thousandths:)) ?? .none,
        ]
      })
    var notes = includesFailures ? [] : ["Successful calls only; --by status shows the others."]
    if !rest.isEmpty { notes.append("\(rest.count) more groups; --top shows more.") }
    return Report(name: "latency", title: "Latency", range: query.range, tables: [table], notes: notes)
  }

  /// The slowest calls, one by one.
  public func slow(_ query: ReportQuery) throws -> Report {
    let top = max(1, query.top ?? 20)
    var slowest: [(call: StoredCall, set: CallSet)] = []
    var bound: Int64 = -1
    var grouping = try Grouping(by: [], filters: query.filters, zone: query.zone)
    for (number, reader) in readers.enumerated() {
      let sets = try reader.sets()
      grouping.add(sets: sets)
      try reader.calls(in: query.range, texts: [.user, .ids]) { call in
        guard call.latency > bound, !call.isCacheHit,
          grouping.key(reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time) != nil
        else { return }
        slowest.append((call, sets[call.set] ?? CallSet()))
        if slowest.count >= top * 2 {
          slowest = Self.slowest(slowest, top)
          bound = slowest.last?.call.latency ?? -1
        }
      }
    }
    let table = ReportTable(
      key: "slow", title: "Slowest calls",
      columns: [
        Column("time", "Time", isNumber: false, mayShrink: false), Column("model", "Model", isNumber: false),
        Column("application", "Application", isNumber: false), Column("user", "User", isNumber: false),
        Column("latency_seconds", "Latency"), Column("ttft_seconds", "First token"),
        Column("input_tokens", "Input"), Column("output_tokens", "Output"), Column("cost_dollars", "Cost"),
        Column("status", "Status", isNumber: false, mayShrink: false), Column("trace_id", "Trace", isNumber: false),
        Column("call_id", "Call", isNumber: false),
      ],
      rows: Self.slowest(slowest, top).map { call, set in
        [
          .time(call.time), .text(set.model), .text(set.application), .text(call.user), .duration(call.latency),
          call.timeToFirstToken >= 0 ? .duration(call.timeToFirstToken) : .none,
          call.usage.shape == .known ? .count(call.usage.input) : .none,
          call.usage.shape == .known ? .count(call.usage.output) : .none, .dollars(call.cost, known: call.isPriced),
          .text(call.errorType?.label ?? "success"), .text(call.traceID), .text(call.callID),
        ]
      })
    return Report(name: "slow", title: "Slowest calls", range: query.range, tables: [table])
  }

  private static func slowest(
    _ calls: [(call: StoredCall, set: CallSet)], _ count: Int
  ) -> [(call: StoredCall, set: CallSet)] {
    Array(calls.sorted { ($1.call.latency, $0.call.key) < ($0.call.latency, $1.call.key) }.prefix(count))
  }
}
