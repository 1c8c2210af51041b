import CallMetrics
import Foundation
import GRDB

/// The table `users_active`: distinct users of the last hours and days, as sketches that can be united over files.
enum UsersTable {
  /// Steps that are kept, of whatever length: a month of days, and room for a clock that went back.
  private static let keptSteps = 40

  static func readAll(_ db: Database) throws -> [StoredUsers] {
    try Row.fetchAll(db, sql: "SELECT step, number, registers FROM users_active").map { row in
      StoredUsers(step: row[0], number: row[1], registers: [UInt8](row[2] as Data))
    }
  }

  static func write(_ users: [StoredUsers], to db: Database) throws {
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
    for step in Set(users.map(\.step)) {
      try db.execute(
        sql: """
          DELETE FROM users_active WHERE step = ?1 AND number <=
            (SELECT max(number) FROM users_active WHERE step = ?1) - ?2
          """, arguments: [step, keptSteps])
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
