/// Records that had no event for so long that they are not exposed any more, and that a store keeps: small, and here so
/// that one that comes back continues at once, in the middle of a batch of events.
struct DormantRecords {
  /// Some 50 MB; further records stay exposed.
  static let limit = 100_000

  private struct Key: Hashable {
    var kind: RegistryTable
    var labels: [UInt8]
  }
  struct Record {
    fileprivate var numbers: [UInt8]
    fileprivate var created: Int64
    fileprivate var lastEvent: Int64
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

  /// What was kept under these labels, which is exposed from now on.
  mutating func take(_ labels: [UInt8], _ kind: RegistryTable) -> Record? {
    records.isEmpty ? nil : records.removeValue(forKey: Key(kind: kind, labels: labels))
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
}

extension RecordTable {
  /// Makes a row that goes on with what was kept of an earlier one.
  mutating func add(labels: [UInt8], continuing record: DormantRecords.Record?, now: Int64) -> Int {
    let row = add(labels: labels, now: now)
    guard let record else { return row }
    if let numbers = StoredNumbers.decode(record.numbers, layout: storedLayout) {
      add(numbers, places: StoredPlaces(of: storedLayout, in: storedLayout), row: row)
    }
    began(row: row, at: record.created, lastEvent: record.lastEvent)
    return row
  }
}
