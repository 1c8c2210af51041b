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
    /// Hashes of the rows after it.
    var unmerged: [UInt64] = []
  }
  let limit: Int
  let window: Int64
  private var state = State()
  private var next = State()

  init(limit: Int, window: Int64) {
    self.limit = limit
    self.window = window
  }

  func readAll(_ db: Database) throws -> [(time: Int64, hashes: [UInt64])] {
    var commits: [(time: Int64, hashes: [UInt64])] = []
    let rows = try Row.fetchCursor(db, sql: "SELECT time, hashes FROM seen_ids ORDER BY last")
    while let row = try rows.next() { commits.append((row[0], Self.hashes(row[1]))) }
    return commits
  }

  /// Goes on behind what the file has.
  mutating func continueIn(_ store: Store) throws {
    let total = try store.withWriter { try Int64.fetchOne($0, sql: "SELECT max(last) FROM seen_ids") } ?? 0
    state = State(total: total, merged: total)
    next = state
  }

  /// - Parameter merging: make one row of what was remembered since this was last so.
  mutating func write(_ seen: [UInt64], to db: Database, merging: Bool, now: Int64) throws {
    next = state
    next.total += Int64(seen.count)
    next.unmerged += seen
    if merging, !next.unmerged.isEmpty {
      try db.execute(sql: "DELETE FROM seen_ids WHERE last > ?", arguments: [state.merged])
      try insert(next.unmerged[...].suffix(limit), db, now)
      next.merged = next.total
      next.unmerged = []
    } else if !seen.isEmpty {
      try insert(seen.suffix(limit), db, now)
    }
    if merging { try prune(db, now) }
  }

  mutating func committed() { state = next }
  mutating func rolledBack() { next = state }

  private func insert(_ hashes: ArraySlice<UInt64>, _ db: Database, _ now: Int64) throws {
    var bytes = Data(capacity: hashes.count * 8)
    for hash in hashes {
      for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: hash >> shift)) }
    }
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

  private static func hashes(_ bytes: Data) -> [UInt64] {
    var hashes: [UInt64] = []
    hashes.reserveCapacity(bytes.count / 8)
    var word: UInt64 = 0
    for (index, byte) in bytes.enumerated() {
      word |= UInt64(byte) << UInt64(8 * (index & 7))
      if index & 7 == 7 {
        hashes.append(word)
        word = 0
      }
    }
    return hashes
  }
}
