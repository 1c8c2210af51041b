import CivilTime
import Events
import Foundation
import Pricing
import Storage

/// A call as a row of CSV, for spreadsheets and data frames.
enum CallColumns {
  private static let own = [
    "time", "status", "error_type", "http_status", "finish_reason", "cache", "attempt", "weight", "latency_seconds",
    "ttft_seconds", "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens",
    "cost_dollars", "priced_by", "price_version", "user", "session", "call_id", "trace_id", "prompt_hash", "span_id",
    "order", "stream", "queue_seconds", "retry_wait_seconds", "load_seconds", "max_output_tokens", "temperature",
    "top_p", "prompt_length", "response_length", "response_hash",
  ]

  private static let unpriced = "unpriced: "
  /// What only an import needs.
  private static let log = ["log_key", "log_detail"]

  static var head: String {
    (own + CallSet.columns.map(\.name) + ["labels"] + log).joined(separator: ",") + "\r\n"
  }

  private static func seconds(_ nanoseconds: Int64) -> String {
    nanoseconds < 0 ? "" : DecimalText.exact(Int128(nanoseconds), scale: 9)
  }

  static func append(_ call: StoredCall, _ set: CallSet, priceVersion: String, to text: inout String) {
    let isKnown = call.usage.shape == .known
    func tokens(_ count: Int64) -> String { isKnown ? String(count) : "" }
    let pricedBy: String
    switch call.verdict {
    case .priced(let source): pricedBy = source.label
    case .unpriced(let reason): pricedBy = unpriced + reason.label
    }
    var fields = [
      Instant.text(call.time), call.isError ? "error" : "success", call.errorType?.label ?? "",
      call.httpStatus < 0 ? "" : String(call.httpStatus), call.finishReason?.label ?? "", call.cache?.label ?? "",
      String(call.attempt), String(call.weight), seconds(call.latency), seconds(call.timeToFirstToken),
      tokens(call.usage.input), tokens(call.usage.cachedInput), tokens(call.usage.cacheWrite),
      tokens(call.usage.output), tokens(call.usage.reasoning), DecimalText.exact(call.cost, scale: 12), pricedBy,
      priceVersion, call.user, call.session, call.callID, call.traceID, call.promptHash,
    ]
    fields += details(call, set)
    fields += CallSet.columns.map { set[keyPath: $0.path] }
    var labels = JSONObject()
    for label in set.labels { labels.add(label.key, label.value) }
    fields += [set.labels.isEmpty ? "" : labels.text, String(call.key), Hex.text(call.detail)]
    text += fields.map(DataRendering.field).joined(separator: ",") + "\r\n"
  }

  /// What the row keeps in its detail.
  private static func details(_ call: StoredCall, _ set: CallSet) -> [String] {
    var rebuilt = RebuiltCall()
    rebuilt.rebuild(call, of: set)
    let fields = rebuilt.event.fields
    func present(_ value: Int64) -> String { value < 0 ? "" : String(value) }
    func finite(_ value: Double) -> String { value.isFinite ? String(value) : "" }
    return [
      rebuilt.string(fields.spanID), present(fields.order), fields.stream.map { $0 ? "true" : "false" } ?? "",
      seconds(fields.queueWait), seconds(fields.retryWait), seconds(fields.modelLoad),
      present(fields.maxOutputTokens), finite(fields.temperature), finite(fields.topP), present(fields.promptLength),
      present(fields.responseLength), rebuilt.string(fields.responseHash),
    ]
  }

  // MARK: Back again

  private static let texts = [
    "status", "error_type", "finish_reason", "cache", "user", "session", "trace_id", "prompt_hash",
  ]
  private static let counts = [
    "http_status", "attempt", "weight", "input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens",
    "reasoning_tokens",
  ]

  /// The row as the object that a line of NDJSON is.
  static func object(_ row: [String: String]) -> [String: Any] {
    var object: [String: Any] = [:]
    for name in texts + CallSet.columns.map(\.name) { object[name] = row[name] }
    for name in counts { object[name] = row[name].flatMap { Int64($0) }.map { NSNumber(value: $0) } }
    for (name, column) in [("latency_ms", "latency_seconds"), ("ttft_ms", "ttft_seconds")] {
      object[name] = row[column].flatMap { Double($0) }.map { NSNumber(value: $0 * 1000) }
    }
    object["id"] = row["call_id"]
    object["model"] = row["response_model"]
    object["labels"] = row["labels"].flatMap { try? JSONSerialization.jsonObject(with: Data($0.utf8)) }
    var log: [String: Any] = [:]
    log["key"] = row["log_key"].flatMap { Int64($0) }.map { NSNumber(value: $0) }
    log["detail"] = row["log_detail"]
    log["model"] = row["model"]
    log["cost_dollars"] = row["cost_dollars"]
    log["price_version"] = row["price_version"]
    let pricedBy = row["priced_by"] ?? ""
    let unpriced = pricedBy.hasPrefix(Self.unpriced)
    log[unpriced ? "unpriced_for" : "priced_by"] = unpriced ? String(pricedBy.dropFirst(Self.unpriced.count)) : pricedBy
    object["log"] = log
    return object
  }
}
