import Events
import Foundation
import Storage

/// Feedback or a score as a line of NDJSON: an event as senders send it, and under `log` what the log knows beyond it.
enum JudgementRecord {
  static func append(_ judgement: StoredJudgement, _ set: CallSet?, to line: inout String) {
    var object = JSONObject()
    object.add("event", judgement.kind == .score ? "score" : "feedback")
    object.add("ts", raw: DecimalText.exact(Int128(judgement.time), scale: 9))
    if let set {
      object.add("request_model", set.requestModel)
      object.add("model", set.responseModel)
      object.add("provider", set.provider)
      object.add("operation", set.operation)
      object.addAttribution(of: set)
    }
    object.add("id", judgement.callID)
    object.add("trace_id", judgement.traceID)
    object.add("user", judgement.user)
    object.add("session", judgement.session)
    object.add("rating", judgement.rating?.label ?? "")
    object.add("category", judgement.category.label)
    object.add("name", judgement.name)
    object.add("evaluator", judgement.evaluator?.label ?? "")
    if judgement.scoreNano >= 0 {
      object.add("score", raw: DecimalText.exact(Int128(judgement.scoreNano), scale: 9))
      // From 0 to 1, whatever it was given in.
      if judgement.kind == .feedback { object.add("max", 1) }
    }
    object.add("weight", judgement.weight, unless: 1)
    var log = JSONObject()
    log.add("key", judgement.key)
    if let call = judgement.call { log.add("call", call) }
    if let set { log.add("model", set.model) }
    object.add("log", log)
    line += object.text + "\n"
  }

  /// - Returns: nil for what is no line of a judgement's export.
  static func parse(_ object: [String: Any]) -> (judgement: StoredJudgement, set: CallSet?)? {
    func text(_ name: String) -> String { object[name] as? String ?? "" }
    func number(_ name: String) -> Double? { (object[name] as? NSNumber)?.doubleValue }
    guard ["feedback", "score"].contains(text("event")), let log = object["log"] as? [String: Any],
      let key = log["key"] as? Int64, CallImport.Bounds.key.contains(key)
    else { return nil }
    var judgement = StoredJudgement()
    judgement.key = key
    judgement.call = log["call"] as? Int64
    judgement.kind = text("event") == "score" ? .score : .feedback
    judgement.callID = text("id")
    judgement.traceID = text("trace_id")
    judgement.user = text("user")
    judgement.session = text("session")
    judgement.rating = Rating.allCases.first { $0.label == text("rating") }
    judgement.category = FaultCategory.allCases.first { $0.label == text("category") } ?? .none
    judgement.name = text("name")
    judgement.evaluator = Evaluator.allCases.first { $0.label == text("evaluator") }
    if let score = number("score") {
      guard (0...1).contains(score) else { return nil }
      judgement.scoreNano = Int64((score * 1e9).rounded())
    }
    judgement.weight = (object["weight"] as? NSNumber)?.int64Value ?? 1
    guard CallImport.Bounds.weight.contains(judgement.weight) else { return nil }
    return (judgement, log["model"] == nil ? nil : CallImport.set(object, log))
  }
}
