import CivilTime
import Events
import Pricing
public import Storage

/// A call as a line of NDJSON: an event as senders send it, so that any tool reads it and it can be sent again, and
/// under `log` what the log knows beyond it, so that taking it in again gives the same row.
public enum CallRecord {
  /// An event stands for so many calls at most; a row of a sample may stand for more.
  private static let maxWeight: Int64 = 10_000

  /// - Parameter line: to which the record is added, its newline included.
  public static func append(
    _ call: StoredCall, _ set: CallSet, priceVersion: String, to line: inout String
  ) {
    var object = event(call, set, time: call.time, weight: call.weight)
    object.add("log", raw: log(call, set, priceVersion).text)
    line += object.text + "\n"
  }

  /// The call as its sender would send it, with a cost that was stated: for a daemon that counts it anew. A row that stands
  /// for more calls than an event may becomes several, each a microsecond later, so that none is taken for a resend.
  public static func appendEvents(_ call: StoredCall, _ set: CallSet, to line: inout String) {
    var time = call.time
    var rest = call.weight
    repeat {
      var object = event(call, set, time: time, weight: min(rest, maxWeight))
      if call.verdict == .priced(.caller) { object.add("cost_usd", DecimalText.exact(call.cost, scale: 12)) }
      line += object.text + "\n"
      rest -= maxWeight
      time += 1_000
    } while rest > 0
  }

  private static func event(_ call: StoredCall, _ set: CallSet, time: Int64, weight: Int64) -> JSONObject {
    func milliseconds(_ nanoseconds: Int64) -> String { DecimalText.exact(Int128(nanoseconds), scale: 6) }
    var object = JSONObject()
    object.add("ts", raw: DecimalText.exact(Int128(time), scale: 9))
    object.add("request_model", set.requestModel)
    object.add("model", set.responseModel)
    object.add("provider", set.provider)
    object.add("operation", set.operation)
    object.add("status", call.isError ? "error" : "success")
    if let type = call.errorType { object.add("error_type", type.label) }
    if call.httpStatus >= 0 { object.add("http_status", call.httpStatus) }
    if let reason = call.finishReason { object.add("finish_reason", reason.label) }
    if let cache = call.cache { object.add("cache", cache.label) }
    if call.latency >= 0 { object.add("latency_ms", raw: milliseconds(call.latency)) }
    if call.timeToFirstToken >= 0 { object.add("ttft_ms", raw: milliseconds(call.timeToFirstToken)) }
    if call.attempt > 1 { object.add("attempt", call.attempt) }
    if weight > 1 { object.add("weight", weight) }
    if call.usage.shape == .known {
      object.add("input_tokens", call.usage.input)
      object.add("output_tokens", call.usage.output)
      object.add("cached_input_tokens", call.usage.cachedInput, unless: 0)
      object.add("cache_write_tokens", call.usage.cacheWrite, unless: 0)
      object.add("reasoning_tokens", call.usage.reasoning, unless: 0)
    }
    var rebuilt = RebuiltCall()
    rebuilt.rebuild(call, of: set)
    object.addDetail(of: rebuilt)
    object.addAttribution(of: set)
    object.add("user", call.user)
    object.add("session", call.session)
    object.add("id", call.callID)
    object.add("trace_id", call.traceID)
    object.add("prompt_hash", call.promptHash)
    return object
  }

  private static func log(_ call: StoredCall, _ set: CallSet, _ priceVersion: String) -> JSONObject {
    var log = JSONObject()
    log.add("key", call.key)
    log.add("model", set.model)
    // As text: many readers make a Double of a number.
    log.add("cost_dollars", DecimalText.exact(call.cost, scale: 12))
    switch call.verdict {
    case .priced(let source): log.add("priced_by", source.label)
    case .unpriced(let reason): log.add("unpriced_for", reason.label)
    }
    log.add("price_version", priceVersion)
    if !call.detail.isEmpty { log.add("detail", Hex.text(call.detail)) }
    return log
  }
}

extension JSONObject {
  private static let names: [(String, any KeyPath<CallSet, String> & Sendable)] = [
    ("application", \.application), ("team", \.team), ("environment", \.environment), ("function", \.function),
    ("prompt_name", \.promptName), ("prompt_version", \.promptVersion), ("version", \.version),
    ("service_tier", \.serviceTier), ("region", \.region), ("fallback_from", \.fallbackFrom),
  ]

  /// Who asked for what, but for the models.
  mutating func addAttribution(of set: CallSet) {
    for (name, path) in Self.names { add(name, set[keyPath: path]) }
    var labels = JSONObject()
    for label in set.labels { labels.add(label.key, label.value) }
    add("labels", labels)
  }
}
