import CallMetrics
import Foundation
import GRDB

/// The table `users_active`: distinct users of the last hours and days, as sketches that can be united over files.
enum UsersTable {
  /// Steps that are kept, of whatever length: a month of days, and room for a clock that went back.
  private static let keptSteps: Int64 = 40

  static func readAll(_ db: Database) throws -> [StoredUsers] {
    try Row.fetchAll(db, sql: "SELECT step, number, registers FROM users_active").map { row in
      let registers: Data = try row.cell(2)
      return StoredUsers(step: try row.cell(0), number: try row.cell(1), registers: [UInt8](registers))
    }
  }

  static func write(_ users: [StoredUsers], to db: Database, now: Int64) throws {
    if users.isEmpty { return }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO users_active VALUES (?, ?, ?)
        ON CONFLICT (step, number) DO UPDATE SET registers = excluded.registers
        """)
    for step in users {
      statement.setUncheckedArguments([step.step, step.number, Data(step.registers)])
      try statement.execute()
    }
    // By the clock and not by the greatest number: one that was ahead for a moment would have all others deleted.
    for (step, current) in StoredUsers.steps(at: now) {
      try db.execute(
        sql: "DELETE FROM users_active WHERE step = ? AND (number <= ? OR number > ?)",
        arguments: [step, current - keptSteps, current + 1])
    }
  }
}

extension Migration {
  static let usersActive = Migration(3) { db in
    try db.execute(
      sql: """
        CREATE TABLE users_active (
          step TEXT NOT NULL,          -- minutes (five of them), hours or days
          number INTEGER NOT NULL,     -- steps since 1970
          registers BLOB NOT NULL,     -- HyperLogLog: 2048 of a byte each
          PRIMARY KEY (step, number)
        ) WITHOUT ROWID;
        """)
  }
}
