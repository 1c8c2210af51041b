import CivilTime
import Events
import Pricing
public import Storage

/// A call as a line of NDJSON: an event as senders send it, so that any tool reads it and it can be sent again, and
/// under `log` what the log knows beyond it, so that taking it in again gives the same row.
public enum CallRecord {
  /// - Parameters:
  ///   - isEvent: only what a sender would send: a stated cost instead of what the log knows.
  ///   - line: to which the record is added, its newline included.
  public static func append(
    _ call: StoredCall, _ set: CallSet, priceVersion: String, isEvent: Bool = false, to line: inout String
  ) {
    var object = JSONObject()
    object.add("ts", raw: DecimalText.exact(Int128(call.time), scale: 9))
    object.add("request_model", set.requestModel)
    object.add("model", set.responseModel)
    object.add("provider", set.provider)
    object.add("operation", set.operation)
    object.add("status", call.isError ? "error" : "success")
    if let type = call.errorType { object.add("error_type", type.label) }
    if call.httpStatus >= 0 { object.add("http_status", call.httpStatus) }
    if let reason = call.finishReason { object.add("finish_reason", reason.label) }
    if let cache = call.cache { object.add("cache", cache.label) }
    if call.latency >= 0 { object.add("latency_ms", raw: DecimalText.exact(Int128(call.latency), scale: 6)) }
    if call.timeToFirstToken >= 0 {
      object.add("ttft_ms", raw: DecimalText.exact(Int128(call.timeToFirstToken), scale: 6))
    }
    if call.attempt > 1 { object.add("attempt", call.attempt) }
    if call.weight > 1 { object.add("weight", call.weight) }
    if call.usage.shape == .known {
      object.add("input_tokens", call.usage.input)
      object.add("output_tokens", call.usage.output)
      object.add("cached_input_tokens", call.usage.cachedInput, unless: 0)
      object.add("cache_write_tokens", call.usage.cacheWrite, unless: 0)
      object.add("reasoning_tokens", call.usage.reasoning, unless: 0)
    }
    for (name, path) in names { object.add(name, set[keyPath: path]) }
    object.add("user", call.user)
    object.add("session", call.session)
    object.add("id", call.callID)
    object.add("trace_id", call.traceID)
    object.add("prompt_hash", call.promptHash)
    if !set.labels.isEmpty {
      var labels = JSONObject()
      for label in set.labels { labels.add(label.key, label.value) }
      object.add("labels", raw: labels.text)
    }
    if isEvent {
      if call.verdict == .priced(.caller) || call.verdict == .priced(.provider) {
        object.add("cost_usd", DecimalText.exact(call.cost, scale: 12))
      }
    } else {
      object.add("log", raw: log(call, set, priceVersion).text)
    }
    line += object.text + "\n"
  }

  private static let names: [(String, any KeyPath<CallSet, String> & Sendable)] = [
    ("application", \.application), ("team", \.team), ("environment", \.environment), ("function", \.function),
    ("prompt_name", \.promptName), ("prompt_version", \.promptVersion), ("version", \.version),
    ("service_tier", \.serviceTier), ("region", \.region), ("fallback_from", \.fallbackFrom),
  ]

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

/// A flat object that is written member by member; what is empty is left out.
struct JSONObject {
  private var members: [String] = []

  mutating func add(_ key: String, _ value: String) {
    if !value.isEmpty { members.append(JSONText.quote(key) + ":" + JSONText.quote(value)) }
  }

  mutating func add(_ key: String, _ value: Int64, unless absent: Int64? = nil) {
    if value != absent { members.append(JSONText.quote(key) + ":\(value)") }
  }

  mutating func add(_ key: String, raw: String) { members.append(JSONText.quote(key) + ":" + raw) }

  var text: String { "{" + members.joined(separator: ",") + "}" }
}

enum Hex {
  private static let digits = Array("0123456789abcdef".utf8)

  static func text(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
    return String(decoding: text, as: UTF8.self)
  }

  static func bytes(_ text: String) -> [UInt8]? {
    let values = text.utf8.map { digits.firstIndex(of: $0) }
    guard values.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for i in stride(from: 0, to: values.count, by: 2) {
      guard let high = values[i], let low = values[i + 1] else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
