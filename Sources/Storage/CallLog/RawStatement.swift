import GRDB
import GRDBSQLite

/// A prepared statement, spoken to directly: GRDB's arguments box each value, and a logged call has twenty-five.
///
/// Unsafe: it hands SQLite pointers. What makes it safe: the statement is GRDB's cached one, which lives as long as its
/// connection, and a `RawStatement` is only made and used within one closure that holds the connection; runs of bytes
/// are bound without a copy, so whoever binds them keeps them alive and unmoved until `step` has returned.
@unsafe struct RawStatement {
  private let statement: OpaquePointer
  private let connection: OpaquePointer?

  init(_ db: Database, _ sql: String) throws {
    unsafe statement = try db.cachedStatement(sql: sql).sqliteStatement
    unsafe connection = db.sqliteConnection
  }

  @inline(__always) func bind(_ index: Int32, _ value: Int64) {
    unsafe sqlite3_bind_int64(statement, index, value)
  }

  /// -1 is absent.
  @inline(__always) func bind(_ index: Int32, present value: Int64) {
    if value >= 0 { unsafe bind(index, value) } else { unsafe bindNull(index) }
  }

  @inline(__always) func bindNull(_ index: Int32) { unsafe sqlite3_bind_null(statement, index) }

  @inline(__always) func bind(_ index: Int32, text: UnsafeRawBufferPointer) {
    if text.count == 0 { return unsafe bindNull(index) }
    unsafe sqlite3_bind_text(
      statement, index, text.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(clamping: text.count), nil)
  }

  /// An empty text stays one.
  @inline(__always) func bind(_ index: Int32, nonNullText text: UnsafeRawBufferPointer) {
    if text.count > 0 { return unsafe bind(index, text: text) }
    unsafe sqlite3_bind_text(statement, index, "", 0, nil)
  }

  @inline(__always) func bind(_ index: Int32, blob: UnsafeRawBufferPointer) {
    if blob.count == 0 { return unsafe bindNull(index) }
    unsafe sqlite3_bind_blob(statement, index, blob.baseAddress, Int32(clamping: blob.count), nil)
  }

  /// Runs the statement and makes it ready for the next row.
  ///
  /// - Returns: false where a constraint refused the row.
  @inline(__always) func run() throws -> Bool {
    let result = unsafe sqlite3_step(statement)
    unsafe sqlite3_reset(statement)
    if result == SQLITE_DONE || result == SQLITE_ROW { return true }
    if result & 0xff == SQLITE_CONSTRAINT { return false }
    throw unsafe DatabaseError(
      resultCode: ResultCode(rawValue: result), message: String(cString: sqlite3_errmsg(connection)))
  }

  /// Lets go of what is bound, before the bytes go away.
  func clear() { unsafe sqlite3_clear_bindings(statement) }
}

/// A row of a running query, spoken to directly for the same reason. Texts are copied out.
@unsafe struct RawRow {
  let statement: OpaquePointer

  @inline(__always) func int(_ index: Int32) -> Int64 { unsafe sqlite3_column_int64(statement, index) }

  /// -1 where it is null.
  @inline(__always) func present(_ index: Int32) -> Int64 {
    unsafe sqlite3_column_type(statement, index) == SQLITE_NULL ? -1 : sqlite3_column_int64(statement, index)
  }

  @inline(__always) func text(_ index: Int32) -> String {
    let bytes = unsafe sqlite3_column_text(statement, index)
    let count = Int(unsafe sqlite3_column_bytes(statement, index))
    guard let bytes = unsafe bytes, count > 0 else { return "" }
    // SQLite promises `count` bytes behind the pointer until the next step.
    return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  @inline(__always) func blob(_ index: Int32) -> [UInt8] {
    let bytes = unsafe sqlite3_column_blob(statement, index)
    let count = Int(unsafe sqlite3_column_bytes(statement, index))
    guard let bytes = unsafe bytes, count > 0 else { return [] }
    return unsafe Array(UnsafeRawBufferPointer(start: bytes, count: count))
  }
}

/// Runs a query and hands each row to the body; false from the body ends it.
func forEachRow(
  _ db: Database, _ sql: String, _ arguments: [Int64] = [], _ body: (RawRow) throws -> Bool
) throws {
  let raw = try unsafe RawStatement(db, sql)
  for (i, argument) in arguments.enumerated() { unsafe raw.bind(Int32(i + 1), argument) }
  try unsafe raw.rows(body)
}

extension RawStatement {
  func rows(_ body: (RawRow) throws -> Bool) throws {
    defer { unsafe _ = sqlite3_reset(statement) }
    while true {
      let result = unsafe sqlite3_step(statement)
      if result == SQLITE_DONE { return }
      guard result == SQLITE_ROW else {
        throw unsafe DatabaseError(
          resultCode: ResultCode(rawValue: result), message: String(cString: sqlite3_errmsg(connection)))
      }
      guard try unsafe body(RawRow(statement: statement)) else { return }
    }
  }
}
