/// Records that had no event for so long that they are not exposed any more, and that a store keeps: small, and here so
/// that one that comes back continues at once, in the middle of a batch of events.
struct DormantRecords {
  /// Some 50 MB; further records stay exposed.
  static let limit = 100_000

  private struct Key: Hashable {
    var kind: RegistryTable
    var labels: [UInt8]
  }
  private struct Record {
    var numbers: [UInt8]
    var created: Int64
    var lastEvent: Int64
  }
  private var records: [Key: Record] = [:]
  /// The store has them not, or no more.
  private(set) var isChanged = false

  var isFull: Bool { records.count >= Self.limit }

  mutating func keep(row: Int, of table: RecordTable, _ kind: RegistryTable) {
    var one = TableSnapshot(layout: table.layout)
    table.copy(row: row, exemplars: false, to: &one)
    records[Key(kind: kind, labels: table.labels[row])] = Record(
      numbers: StoredNumbers.encode(one, row: 0, layout: table.storedLayout),
      created: table.created[row], lastEvent: table.lastEvent[row])
  }

  /// The store is another one, or what was taken did not reach the disk.
  mutating func markAll() { isChanged = !records.isEmpty }

  /// All of them, where the store lacks them: it has each from before it expired.
  mutating func takeChanges(layouts: [RegistryTable: StoredLayout]) -> [StoredRecord] {
    guard isChanged else { return [] }
    isChanged = false
    return records.compactMap { key, record in
      layouts[key.kind].map { layout in
        StoredRecord(
          kind: key.kind, labels: String(decoding: key.labels, as: UTF8.self), created: record.created,
          lastEvent: record.lastEvent, layout: layout, numbers: record.numbers)
      }
    }
  }

  /// Gives a new row what was kept under its labels.
  mutating func wake(row: Int, in table: inout RecordTable, _ kind: RegistryTable) {
    if records.isEmpty { return }
    guard let record = records.removeValue(forKey: Key(kind: kind, labels: table.labels[row])) else { return }
    let layout = table.storedLayout
    if let numbers = StoredNumbers.decode(record.numbers, layout: layout) {
      table.add(numbers, places: StoredPlaces(of: layout, in: layout), row: row)
    }
    table.began(row: row, at: record.created, lastEvent: record.lastEvent)
  }
}
