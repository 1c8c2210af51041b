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
        if try delete("calls", before: rows, db) < Self.rowsPerStep { break }
      }
      try delete("judgements", before: oldestCall, db)
      try delete("texts", before: oldestText, db)
      try db.execute(
        sql: """
          DELETE FROM hours WHERE hour < ?1 AND (hour, set_id, user, outcome) IN
            (SELECT hour, set_id, user, outcome FROM hours WHERE hour < ?1 LIMIT \(Self.rowsPerStep))
          """, arguments: [oldestHour])
      return .commit
    }
  }

  /// - Returns: how many went.
  @discardableResult
  private func delete(_ table: String, before key: Int64, _ db: Database) throws -> Int {
    try db.execute(
      sql: """
        DELETE FROM \(table) WHERE key < ?1 AND key <=
          (SELECT max(key) FROM (SELECT key FROM \(table) WHERE key < ?1 ORDER BY key LIMIT \(Self.rowsPerStep)))
        """, arguments: [key])
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
