import CivilTime
import Events
import Pricing
import Storage

public enum ExportFormat: String, CaseIterable, Sendable {
  case ndjson, csv
}

extension CallSource {
  /// Hands over the calls of a time as text, some kilobytes at a time: as many calls as there are, in constant memory.
  public func export(
    _ query: ReportQuery, as format: ExportFormat, _ write: (String) throws -> Void
  ) throws {
    var text = format == .csv ? CallColumns.head : ""
    for (number, reader) in readers.enumerated() {
      let sets = try reader.sets()
      let versions = try reader.priceVersions()
      var grouping = try Grouping(by: [], filters: query.filters, zone: query.zone)
      for _ in 0..<number { grouping.add(sets: [:]) }
      grouping.add(sets: sets)
      try reader.calls(in: query.range, texts: .all) { call in
        guard
          grouping.key(reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time) != nil
        else { return }
        let set = sets[call.set] ?? CallSet()
        switch format {
        case .ndjson: CallRecord.append(call, set, priceVersion: versions[call.priceVersion] ?? "", to: &text)
        case .csv: CallColumns.append(call, set, priceVersion: versions[call.priceVersion] ?? "", to: &text)
        }
        if text.utf8.count > 1 << 16 {
          try write(text)
          text = ""
        }
      }
    }
    if !text.isEmpty { try write(text) }
  }
}

/// A call as a row of CSV, for spreadsheets and data frames.
enum CallColumns {
  private static let own = [
    "time", "status", "error_type", "http_status", "finish_reason", "cache", "attempt", "weight", "latency_seconds",
    "ttft_seconds", "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens",
    "cost_dollars", "priced_by", "price_version", "user", "session", "call_id", "trace_id", "prompt_hash",
  ]

  static var head: String {
    (own + CallSet.columns.map(\.name) + ["labels"]).joined(separator: ",") + "\r\n"
  }

  static func append(_ call: StoredCall, _ set: CallSet, priceVersion: String, to text: inout String) {
    func seconds(_ nanoseconds: Int64) -> String {
      nanoseconds < 0 ? "" : DecimalText.exact(Int128(nanoseconds), scale: 9)
    }
    let isKnown = call.usage.shape == .known
    func tokens(_ count: Int64) -> String { isKnown ? String(count) : "" }
    let pricedBy: String
    switch call.verdict {
    case .priced(let source): pricedBy = source.label
    case .unpriced(let reason): pricedBy = "unpriced: " + reason.label
    }
    var fields = [
      Instant.text(call.time), call.isError ? "error" : "success", call.errorType?.label ?? "",
      call.httpStatus < 0 ? "" : String(call.httpStatus), call.finishReason?.label ?? "", call.cache?.label ?? "",
      String(call.attempt), String(call.weight), seconds(call.latency), seconds(call.timeToFirstToken),
      tokens(call.usage.input), tokens(call.usage.cachedInput), tokens(call.usage.cacheWrite),
      tokens(call.usage.output), tokens(call.usage.reasoning), DecimalText.exact(call.cost, scale: 12), pricedBy,
      priceVersion, call.user, call.session, call.callID, call.traceID, call.promptHash,
    ]
    fields += CallSet.columns.map { set[keyPath: $0.path] }
    fields.append(set.labels.map { $0.key + "=" + $0.value }.joined(separator: ";"))
    text += fields.map(DataRendering.field).joined(separator: ",") + "\r\n"
  }
}
