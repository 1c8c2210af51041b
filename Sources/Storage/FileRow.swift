import Foundation
import GRDB

/// The one row of `file`: which file this is.
enum FileRow {
  /// The file's identity, made at its first opening. Remembered events whose hashes were made with another key are
  /// forgotten: nothing would equal them any more.
  static func identity(_ db: Database, keyCheck: Int64, _ now: Int64, _ log: (String) -> Void) throws -> Data {
    if let row = try Row.fetchOne(db, sql: "SELECT identity, id_key_check FROM file") {
      if try row.cell(1) != keyCheck {
        log("remembered events are forgotten: the key of their hashes is another one")
        try db.inTransaction(.immediate) {
          try db.execute(sql: "DELETE FROM seen_ids")
          try db.execute(sql: "UPDATE file SET id_key_check = ?", arguments: [keyCheck])
          return .commit
        }
      }
      return try row.cell(0)
    }
    let identity = Data((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    try db.execute(sql: "INSERT INTO file VALUES (?, ?, ?)", arguments: [identity, keyCheck, now])
    return identity
  }
}
