import Foundation
import GRDB

/// The table `seen_ids`: hashes of events that were counted, in the commits that hold their counts.
///
/// A row for each commit; those of the commits that answered flushes since the last timer's commit, of a few hashes
/// each, are made one by the next timer's.
struct SeenTable {
  private struct State {
    /// Hashes ever remembered.
    var total: Int64 = 0
    /// `last` of the newest row that is final.
    var merged: Int64 = 0
    /// How many of `unmerged` are in the rows after it.
    var unmerged = 0
  }
  let limit: Int
  let window: Int64
  private var state = State()
  private var next = State()
  /// Hashes of the rows that are not final, and behind them those of the commit at hand.
  private var unmerged: [UInt64] = []

  init(limit: Int, window: Int64) {
    self.limit = limit
    self.window = window
  }

  func readAll(_ db: Database) throws -> [(time: Int64, hashes: [UInt64])] {
    var commits: [(time: Int64, hashes: [UInt64])] = []
    let rows = try Row.fetchCursor(db, sql: "SELECT time, hashes FROM seen_ids ORDER BY last")
    while let row = try rows.next() { commits.append((try row.cell(0), Self.hashes(try row.cell(1)))) }
    return commits
  }

  /// Goes on behind what the file has.
  mutating func continueIn(_ store: Store) throws {
    let total = try store.withWriter { try Int64.fetchOne($0, sql: "SELECT max(last) FROM seen_ids") } ?? 0
    guard (0...Int64.max / 2).contains(total) else { throw StoreError.corrupt("seen_ids counts up to \(total)") }
    state = State(total: total, merged: total)
    next = state
    unmerged = []
  }

  /// - Parameter merging: make one row of what was remembered since this was last so.
  mutating func write(_ seen: [UInt64], to db: Database, merging: Bool, now: Int64) throws {
    next = state
    next.total += Int64(seen.count)
    unmerged += seen
    next.unmerged = unmerged.count
    if merging, !unmerged.isEmpty {
      try db.execute(sql: "DELETE FROM seen_ids WHERE last > ?", arguments: [state.merged])
      try insert(unmerged.suffix(limit), db, now)
      next.merged = next.total
      next.unmerged = 0
    } else if !seen.isEmpty {
      try insert(seen.suffix(limit), db, now)
    }
    if merging { try prune(db, now) }
  }

  mutating func committed() {
    state = next
    if state.unmerged == 0 { unmerged = [] }
  }

  mutating func rolledBack() {
    next = state
    unmerged.removeLast(unmerged.count - state.unmerged)
  }

  private func insert(_ hashes: ArraySlice<UInt64>, _ db: Database, _ now: Int64) throws {
    let words = hashes.map(\.littleEndian)
    let bytes = unsafe words.withUnsafeBytes { unsafe Data($0) }
    try db.execute(sql: "INSERT INTO seen_ids VALUES (?, ?, ?)", arguments: [next.total, now, bytes])
  }

  /// Deletes rows of which no hash is remembered any more; of those past their time, some at once.
  private func prune(_ db: Database, _ now: Int64) throws {
    try db.execute(sql: "DELETE FROM seen_ids WHERE last <= ?", arguments: [next.total - Int64(limit)])
    try db.execute(
      sql: """
        DELETE FROM seen_ids WHERE last <=
          (SELECT max(last) FROM (SELECT last, time FROM seen_ids ORDER BY last LIMIT 64) WHERE time < ?)
        """, arguments: [now - window])
  }

  /// Word by word: at a start there may be a million. The loads stay within the whole words of the buffer.
  private static func hashes(_ bytes: Data) -> [UInt64] {
    unsafe bytes.withUnsafeBytes { bytes in
      (0..<bytes.count / 8).map { index in
        UInt64(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
      }
    }
  }
}
