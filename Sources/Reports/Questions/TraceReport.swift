import Events
import Pricing
import Storage

extension CallSource {
  /// The calls of a chain in order, with the waits between them, retries and fallbacks.
  public func trace(_ query: ReportQuery, id: String) throws -> Report {
    var calls: [(call: StoredCall, set: CallSet)] = []
    try each(query, texts: [.ids, .user, .session, .detail]) { call, set in
      if call.traceID == id || call.callID == id || call.session == id, calls.count < 10_000 {
        calls.append((call, set))
      }
    }
    // A call's time is its end: what began first stands first.
    func began(_ call: StoredCall) -> Int64 { call.time - max(0, call.latency) }
    calls.sort { (began($0.call), $0.call.key) < (began($1.call), $1.call.key) }
    guard let first = calls.first.map({ began($0.call) }) else {
      return Report(
        name: "trace", title: "Trace \(id)", range: query.range,
        tables: [ReportTable(key: "trace", title: "Trace \(id)", columns: Self.traceColumns)],
        notes: ["No logged call of this time has this trace, id or session."])
    }
    var end = first
    let rows = calls.map { call, set -> [Cell] in
      let start = began(call)
      defer { end = max(end, call.time) }
      return [
        .duration(start - first), .duration(max(0, start - end)), .duration(max(0, call.latency)), .text(set.model),
        .text(call.errorType?.label ?? "success"), .text(Self.remark(call, set)),
        call.usage.shape == .known ? .count(call.usage.input) : .none,
        call.usage.shape == .known ? .count(call.usage.output) : .none,
        .dollars(call.totalCost, known: call.isPriced), .text(call.callID),
      ]
    }
    let cost = calls.reduce(Picodollars(0)) { $0 + $1.call.totalCost }
    let last = calls.reduce(first) { max($0, $1.call.time) }
    let table = ReportTable(
      key: "trace", title: "Trace \(id)", columns: Self.traceColumns, rows: rows,
      total: [.text("Total"), .none, .duration(last - first)] + [Cell](repeating: .none, count: 5)
        + [.dollars(cost), .none])
    return Report(name: "trace", title: "Trace \(id)", range: query.range, tables: [table])
  }

  /// What the row has no number for: which try it was, instead of what, and what the caller says that it waited for.
  private static func remark(_ call: StoredCall, _ set: CallSet) -> String {
    var rebuilt = RebuiltCall()
    rebuilt.rebuild(call, of: set)
    var remarks: [String] = []
    if call.attempt > 1 { remarks.append("attempt \(call.attempt)") }
    if !set.fallbackFrom.isEmpty { remarks.append("instead of \(set.fallbackFrom)") }
    if call.isCacheHit { remarks.append("cache hit") }
    let fields = rebuilt.event.fields
    for (wait, what) in [(fields.queueWait, "in a queue"), (fields.retryWait, "before the retry")] where wait > 0 {
      remarks.append("\(DecimalText.exact(Int128(wait), scale: 9)) s \(what)")
    }
    return remarks.joined(separator: ", ")
  }

  private static let traceColumns = [
    Column("began_after_seconds", "Began after"), Column("waited_seconds", "Waited"), Column("took_seconds", "Took"),
    Column("model", "Model", isNumber: false), Column("status", "Status", isNumber: false, mayShrink: false),
    Column("remark", "Remark", isNumber: false), Column("input_tokens", "Input"), Column("output_tokens", "Output"),
    Column("cost_dollars", "Cost"), Column("call_id", "Call", isNumber: false),
  ]
}
