import GRDB

/// The table `tallies`: counters that belong to no label set.
struct TallyTable {
  private var stored: [String: Int64] = [:]

  mutating func readAll(_ db: Database) throws -> [String: Int64] {
    var read: [String: Int64] = [:]
    let rows = try Row.fetchCursor(db, sql: "SELECT name, value FROM tallies")
    while let row = try rows.next() { read[row[0]] = row[1] }
    stored = read
    return read
  }

  func write(_ tallies: [String: Int64], to db: Database) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO tallies VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
    for (name, value) in tallies where stored[name] != value {
      statement.setUncheckedArguments([name, value])
      try statement.execute()
    }
  }

  mutating func committed(_ tallies: [String: Int64]) { stored.merge(tallies) { _, new in new } }
}
