import GRDB

/// Lets go of what is too old or too much, in small steps: clients that wait for a commit wait for a step too.
struct CallLogRetention {
  /// Rows of one transaction.
  static let rowsPerStep = 2_000

  let configuration: CallLogConfiguration

  /// One step: each table loses some thousand rows at most.
  func step(_ db: Database, now: Int64) throws {
    let oldestCall = CallKey.first(at: now - configuration.callRetention)
    let oldestText = CallKey.first(at: now - configuration.textRetention)
    let oldestHour = now / 3_600_000_000_000 - configuration.hourRetention
    try db.inTransaction(.immediate) {
      // More than a second's rows at full speed: otherwise the log would grow while it is pruned.
      let rows = try isTooLarge(db) ? Int64.max : oldestCall
      for _ in 0..<4 {
        if try deleteCalls(before: rows, db) < Self.rowsPerStep { break }
      }
      try deleteJudgements(before: oldestCall, db)
      try delete("texts", through: try last("texts", before: oldestText, db), db)
      try db.execute(
        sql: """
          DELETE FROM hours WHERE hour < ?1 AND (hour, set_id, user, outcome) IN
            (SELECT hour, set_id, user, outcome FROM hours WHERE hour < ?1 LIMIT \(Self.rowsPerStep))
          """, arguments: [oldestHour])
      return .commit
    }
  }

  /// What was captured of a call goes with it, and what was said about it: without the row nobody could tell any more
  /// whose it is, and `forget` would not find it.
  ///
  /// - Returns: how many calls went.
  private func deleteCalls(before key: Int64, _ db: Database) throws -> Int {
    guard let last = try last("calls", before: key, db) else { return 0 }
    let judgements = "SELECT key FROM judgements WHERE call <= ?1"
    for sql in [
      "DELETE FROM texts WHERE key IN (SELECT key FROM calls WHERE key <= ?1)",
      "DELETE FROM texts WHERE key IN (\(judgements))", "DELETE FROM judgements WHERE key IN (\(judgements))",
    ] {
      try db.execute(sql: sql, arguments: [last])
    }
    return try delete("calls", through: last, db)
  }

  private func deleteJudgements(before key: Int64, _ db: Database) throws {
    guard let last = try last("judgements", before: key, db) else { return }
    try db.execute(
      sql: "DELETE FROM texts WHERE key IN (SELECT key FROM judgements WHERE key <= ?)", arguments: [last])
    try delete("judgements", through: last, db)
  }

  /// The last of the rows that a step lets go of; nil: there is none.
  private func last(_ table: String, before key: Int64, _ db: Database) throws -> Int64? {
    try Int64.fetchOne(
      db,
      sql: """
        SELECT max(key) FROM (SELECT key FROM \(table) WHERE key < ? ORDER BY key LIMIT \(Self.rowsPerStep))
        """, arguments: [key])
  }

  /// - Returns: how many went.
  @discardableResult
  private func delete(_ table: String, through last: Int64?, _ db: Database) throws -> Int {
    guard let last else { return 0 }
    try db.execute(sql: "DELETE FROM \(table) WHERE key <= ?", arguments: [last])
    return db.changesCount
  }

  /// Whether the pages in use are more than the file may hold. Pages that rows left are used again.
  private func isTooLarge(_ db: Database) throws -> Bool {
    let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
    let free = try Int64.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
    let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 4096
    return (pages - free) * size > configuration.maxFileBytes
  }
}
