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
      let id: Int64 = try row.cell(0)
      guard let layout = StoredLayout(description: try row.cell(1)) else {
        throw StoreError.corrupt("layout \(id) can't be read")
      }
      known[id] = layout
    }
    var ids: [Int64] = []
    var records: [StoredRecord] = []
    let rows = try Row.fetchCursor(
      db, sql: "SELECT id, kind, labels, created, last_event, layout, numbers FROM series")
    while let row = try rows.next() {
      let id: Int64 = try row.cell(0)
      guard let kind = RegistryTable(rawValue: try row.cell(1)), let layout = known[try row.cell(5)] else {
        throw StoreError.corrupt("series \(id) is of an unknown kind or layout")
      }
      let numbers: Data = try row.cell(6)
      ids.append(id)
      records.append(
        StoredRecord(
          kind: kind, labels: try row.cell(2), created: try row.cell(3), lastEvent: try row.cell(4), layout: layout,
          numbers: [UInt8](numbers)))
    }
    return (ids, records)
  }

  /// From the next commit on, these rows are replaced by what the registry made of them.
  mutating func replace(_ rows: [(id: Int64, mismatch: StoredMismatch)], at time: Int64) {
    replaced = rows
    replacedAt = time
  }

  mutating func write(_ changes: RegistryChanges, to db: Database) throws {
    try setAsideReplaced(db)
    for table in changes.tables {
      let numbers = table.changes.numbers
      for row in numbers.labels.indices {
        let bytes = StoredNumbers.encode(numbers, row: row, layout: table.layout)
        try write(
          StoredRecord(
            kind: table.kind, labels: String(decoding: numbers.labels[row], as: UTF8.self),
            created: numbers.created[row], lastEvent: table.changes.lastEvent[row], layout: table.layout,
            numbers: bytes), to: db)
      }
    }
    for record in changes.dormant { try write(record, to: db) }
  }

  private mutating func write(_ record: StoredRecord, to db: Database) throws {
    let layout = try layoutID(record.kind, record.layout, db)
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO series (kind, labels, created, last_event, layout, numbers) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (kind, labels) DO UPDATE SET created = excluded.created, last_event = excluded.last_event,
          layout = excluded.layout, numbers = excluded.numbers
        """)
    statement.setUncheckedArguments([
      record.kind.rawValue, record.labels, record.created, record.lastEvent, layout, Data(record.numbers),
    ])
    try statement.execute()
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

  /// A layout that was made in a transaction is gone with it; what must be replaced stays to be replaced.
  mutating func rolledBack() { layouts = [:] }
}
