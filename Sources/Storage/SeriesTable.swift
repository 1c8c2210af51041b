import CallMetrics
import Foundation
import GRDB

/// The tables `series`, `layouts` and `superseded`: the numbers of every label set.
struct SeriesTable {
  /// Ids in the file of the layouts that this process writes.
  private var layouts: [RegistryTable: Int64] = [:]
  /// Stored rows that today's configuration can't carry on as they are, until a commit has replaced them.
  private var replaced: [(id: Int64, mismatch: StoredMismatch)] = []
  private var replacedAt: Int64 = 0

  func readAll(_ db: Database) throws -> (ids: [Int64], records: [StoredRecord]) {
    var known: [Int64: StoredLayout] = [:]
    let descriptions = try Row.fetchCursor(db, sql: "SELECT id, description FROM layouts")
    while let row = try descriptions.next() {
      guard let layout = StoredLayout(description: row[1]) else {
        throw StoreError.corrupt("layout \(row[0] as Int64) can't be read")
      }
      known[row[0]] = layout
    }
    var ids: [Int64] = []
    var records: [StoredRecord] = []
    let rows = try Row.fetchCursor(
      db, sql: "SELECT id, kind, labels, created, last_event, layout, numbers FROM series")
    while let row = try rows.next() {
      guard let kind = RegistryTable(rawValue: row[1]), let layout = known[row[5]] else {
        throw StoreError.corrupt("series \(row[0] as Int64) is of an unknown kind or layout")
      }
      ids.append(row[0])
      records.append(
        StoredRecord(
          kind: kind, labels: row[2], created: row[3], lastEvent: row[4], layout: layout,
          numbers: [UInt8](row[6] as Data)))
    }
    return (ids, records)
  }

  /// From the next commit on, these rows are replaced by what the registry made of them.
  mutating func replace(_ rows: [(id: Int64, mismatch: StoredMismatch)], at time: Int64) {
    replaced = rows
    replacedAt = time
  }

  mutating func write(_ tables: [RegistryChanges.Table], to db: Database) throws {
    try setAsideReplaced(db)
    for table in tables where !table.changes.numbers.labels.isEmpty {
      let layout = try layoutID(table.kind, table.layout, db)
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO series (kind, labels, created, last_event, layout, numbers) VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (kind, labels) DO UPDATE SET created = excluded.created, last_event = excluded.last_event,
            layout = excluded.layout, numbers = excluded.numbers
          """)
      let numbers = table.changes.numbers
      for row in numbers.labels.indices {
        let bytes = StoredNumbers.encode(numbers, row: row, layout: table.layout)
        statement.setUncheckedArguments([
          table.kind.rawValue, String(decoding: numbers.labels[row], as: UTF8.self), numbers.created[row],
          table.changes.lastEvent[row], layout, Data(bytes),
        ])
        try statement.execute()
      }
    }
  }

  private func setAsideReplaced(_ db: Database) throws {
    for row in replaced {
      try db.execute(
        sql: """
          INSERT INTO superseded (superseded, kind, labels, created, last_event, layout, numbers)
          SELECT ?, kind, labels, created, last_event, layout, numbers FROM series WHERE id = ?
          """, arguments: [replacedAt, row.id])
      try db.execute(sql: "DELETE FROM series WHERE id = ?", arguments: [row.id])
    }
  }

  private mutating func layoutID(_ kind: RegistryTable, _ layout: StoredLayout, _ db: Database) throws -> Int64 {
    if let id = layouts[kind] { return id }
    let description = layout.description
    try db.execute(sql: "INSERT OR IGNORE INTO layouts (description) VALUES (?)", arguments: [description])
    let id = try Int64.fetchOne(db, sql: "SELECT id FROM layouts WHERE description = ?", arguments: [description])
    guard let id else { throw StoreError.unavailable("a layout was not kept") }
    layouts[kind] = id
    return id
  }

  mutating func committed() { replaced = [] }

  /// A layout that was made in the transaction is gone with it.
  mutating func rolledBack() { layouts = [:] }
}
