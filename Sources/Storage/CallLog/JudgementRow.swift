import Events
import GRDB

/// The row of a judgement as SQL has it.
enum JudgementRow {
  /// After the key and the call's key, which differ where rows were moved.
  private static let content = [
    "set_id", "kind", "call_id", "trace_id", "user", "session", "rating", "category", "name", "evaluator", "score",
    "weight",
  ]

  static let insert = """
    INSERT INTO judgements (key, call, \(content.joined(separator: ", ")))
    VALUES (\(Array(repeating: "?", count: content.count + 2).joined(separator: ", ")))
    """

  /// Keys of rows of the same content, from a key on and before another.
  static let equal = """
    SELECT key FROM judgements WHERE key >= ? AND key < ?
      AND \(content.map { "\($0) IS ?" }.joined(separator: " AND ")) ORDER BY key
    """

  static func values(_ judgement: StoredJudgement) -> [(any DatabaseValueConvertible)?] {
    func text(_ text: String) -> String? { text.isEmpty ? nil : text }
    return [
      judgement.key, judgement.call, judgement.set, judgement.kind.rawValue, text(judgement.callID),
      text(judgement.traceID), text(judgement.user), text(judgement.session), judgement.rating?.rawValue,
      judgement.category == .none ? nil : judgement.category.rawValue, text(judgement.name),
      judgement.evaluator?.rawValue, judgement.scoreNano < 0 ? nil : judgement.scoreNano, judgement.weight,
    ]
  }
}
