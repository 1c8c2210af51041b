import GRDB
import GRDBSQLite

/// The log in which SQLite keeps what was committed until a checkpoint moves it into the file itself.
struct WriteAheadLog {
  /// A checkpoint syncs the disk twice: it is worth it once there are some 4 MB.
  static let longPages = 1_000
  static let pageBytes: Int64 = 4_096

  private var pages = 0

  /// Pages that this connection wrote since it was asked last.
  ///
  /// Unsafe because the counter is SQLite's own, asked for through its C interface; the connection is open for as long
  /// as `db` is in scope, and both results are on our stack.
  private static func takeWrittenPages(_ db: Database) -> Int {
    guard let connection = unsafe db.sqliteConnection else { return 0 }
    var current: Int32 = 0
    var highest: Int32 = 0
    unsafe sqlite3_db_status(connection, SQLITE_DBSTATUS_CACHE_WRITE, &current, &highest, 1)
    return Int(current)
  }

  /// - Returns: bytes written since it was called last, a checkpoint included.
  mutating func tend(_ store: Store, checkpointAlways: Bool) throws -> Int64 {
    try store.withWriter { db in
      let written = Self.takeWrittenPages(db)
      pages += written
      guard pages >= Self.longPages || checkpointAlways else { return Int64(written) * Self.pageBytes }
      // Passive: never waits for a reader. What a reader still needs stays in the log until the next time.
      let moved = try db.checkpoint(.passive).checkpointedFrameCount
      pages = 0
      return (Int64(written) + Int64(max(0, moved))) * Self.pageBytes
    }
  }
}
