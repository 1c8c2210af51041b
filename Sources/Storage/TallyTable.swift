import GRDB

/// The table `tallies`: counters that belong to no label set.
struct TallyTable {
  private let names: [String]
  /// In the order of the names; nil: not in the file.
  private var stored: [Int64?]

  init(names: [String]) {
    self.names = names
    stored = names.map { _ in nil }
  }

  func readAll(_ db: Database) throws -> [String: Int64] {
    var read: [String: Int64] = [:]
    let rows = try Row.fetchCursor(db, sql: "SELECT name, value FROM tallies")
    while let row = try rows.next() { read[try row.cell(0)] = try row.cell(1) as Int64 }
    return read
  }

  func write(_ tallies: [Int64], to db: Database) throws {
    let statement = try db.cachedStatement(
      sql: "INSERT INTO tallies VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
    for (index, value) in tallies.enumerated() where index < names.count && stored[index] != value {
      statement.setUncheckedArguments([names[index], value])
      try statement.execute()
    }
  }

  mutating func committed(_ tallies: [Int64]) {
    for (index, value) in tallies.enumerated() where index < names.count { stored[index] = value }
  }
}
