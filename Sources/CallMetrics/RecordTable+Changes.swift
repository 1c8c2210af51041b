/// What the store has not seen of a row.
struct RowMarks: OptionSet {
  let rawValue: UInt8
  /// Something changed since the row was last copied for the store.
  static let changed = RowMarks(rawValue: 1)
  /// By an event of which an acknowledgement may be asked, or which is remembered.
  static let promised = RowMarks(rawValue: 2)
  /// The row belongs to a copy that is under way, and has not been copied yet.
  static let awaitsCopy = RowMarks(rawValue: 4)
}

/// Rows of one table as they stood at one moment, for the store.
public struct RecordChanges: Sendable {
  public internal(set) var numbers: TableSnapshot
  /// Of each row, nanoseconds since 1970.
  public internal(set) var lastEvent: [Int64] = []
  var rows: [Int32] = []

  init(layout: RecordLayout) { numbers = TableSnapshot(layout: layout) }
}

/// Copies of changed rows, of one moment although they are made a few hundred at a time: a row that is about to change
/// before its turn is copied first.
extension RecordTable {
  /// Begins a copy of the rows with any of these marks.
  mutating func beginCopy(_ wanted: RowMarks) -> [Int32] {
    var rows: [Int32] = []
    for row in marks.indices where !marks[row].isDisjoint(with: wanted) {
      marks[row] = .awaitsCopy
      rows.append(Int32(truncatingIfNeeded: row))
    }
    copied.numbers.reserve(rows: rows.count)
    return rows
  }

  /// Copies those of the rows that no event copied before.
  mutating func continueCopy(_ rows: ArraySlice<Int32>) {
    for row in rows.lazy.map(Int.init) where marks[row].contains(.awaitsCopy) { copyForStore(row: row) }
  }

  mutating func endCopy() -> RecordChanges {
    var changes = RecordChanges(layout: layout)
    swap(&changes, &copied)
    return changes
  }

  @inline(never)
  mutating func copyForStore(row: Int) {
    // Taken out first: copying reads all of the table, and would hold a second reference to what it adds to. Each row
    // would then copy all rows before it.
    var numbers = TableSnapshot(layout: layout)
    swap(&numbers, &copied.numbers)
    copy(row: row, exemplars: false, to: &numbers)
    swap(&numbers, &copied.numbers)
    copied.lastEvent.append(lastEvent[row])
    copied.rows.append(Int32(truncatingIfNeeded: row))
    marks[row].remove(.awaitsCopy)
  }

  /// What was copied did not reach the disk.
  mutating func putBack(_ changes: RecordChanges) {
    for row in changes.rows where !labels[Int(row)].isEmpty { marks[Int(row)].formUnion([.changed, .promised]) }
  }

  func isKnownToStore(row: Int) -> Bool { marks[row].isEmpty }

  mutating func markAll() {
    for row in labels.indices where !labels[row].isEmpty { marks[row].formUnion([.changed, .promised]) }
  }

  mutating func setMarks(_ new: RowMarks, row: Int) { marks[row] = new }
}
