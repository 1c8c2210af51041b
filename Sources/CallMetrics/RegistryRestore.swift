import Pricing
import Synchronization

/// A record as a store kept it.
public struct StoredRecord: Sendable {
  public var kind: RegistryTable
  /// As exposed: `model="…",provider="…",…`.
  public var labels: String
  public var created: Int64
  public var lastEvent: Int64
  public var layout: StoredLayout
  public var numbers: [UInt8]

  public init(
    kind: RegistryTable, labels: String, created: Int64, lastEvent: Int64, layout: StoredLayout, numbers: [UInt8]
  ) {
    self.kind = kind
    self.labels = labels
    self.created = created
    self.lastEvent = lastEvent
    self.layout = layout
    self.numbers = numbers
  }
}

/// A stored record that can't be read.
public struct DamagedRecord: Error, CustomStringConvertible {
  public var kind: RegistryTable
  public var labels: String
  public var description: String { "the numbers of \(kind.rawValue) {\(labels)} can't be read" }
}

/// What an earlier process counted, ready to be added.
public struct StoredState: Sendable {
  fileprivate struct Record: Sendable {
    var labels: [(name: String, value: String)]
    var created: Int64
    var lastEvent: Int64
    var numbers: StoredNumbers.Decoded
    var layout: Int
  }
  fileprivate var records: [RegistryTable: [(index: Int, record: Record)]] = [:]
  fileprivate var layouts: [StoredLayout] = []
  fileprivate let tallies: [String: Int64]
  fileprivate let seen: [(time: Int64, hashes: [UInt64])]
  fileprivate let users: [StoredUsers]
  fileprivate let budgets: [StoredBudget]
  fileprivate let topUsers: [StoredSpender]

  /// Reads all of it, before any of it is added.
  public init(
    records stored: [StoredRecord], tallies: [String: Int64], seen: [(time: Int64, hashes: [UInt64])],
    users: [StoredUsers] = [], budgets: [StoredBudget] = [], topUsers: [StoredSpender] = []
  ) throws(DamagedRecord) {
    self.tallies = tallies
    self.seen = seen
    self.users = users
    self.budgets = budgets
    self.topUsers = topUsers
    for (index, record) in stored.enumerated() {
      guard let labels = LabelText.parse(record.labels),
        let numbers = StoredNumbers.decode(record.numbers, layout: record.layout)
      else { throw DamagedRecord(kind: record.kind, labels: record.labels) }
      let layout = layouts.firstIndex(of: record.layout) ?? layouts.count
      if layout == layouts.count { layouts.append(record.layout) }
      records[record.kind, default: []].append(
        (
          index,
          Record(
            labels: labels, created: record.created, lastEvent: record.lastEvent, numbers: numbers, layout: layout)
        ))
    }
  }
}

/// What of a stored record has no place in today's configuration.
public enum StoredMismatch: Sendable {
  /// Its labels are called differently now: it was added to another label set.
  case labels
  /// It has histograms under other bounds, which begin anew, or families that this version lacks.
  case numbers
}

extension Registry {
  /// Adds what an earlier process counted to what was counted since. Not to be called twice for one store.
  ///
  /// - Returns: the records, by index, that the store must replace; the registry counts them as changed.
  public func restore(_ stored: StoredState, now: Int64) -> [(index: Int, mismatch: StoredMismatch)] {
    var mismatches: [(index: Int, mismatch: StoredMismatch)] = []
    for kind in RegistryTable.allCases {
      let records = stored.records[kind] ?? []
      let current = state.withLock { kind.of($0).storedLayout }
      let places = stored.layouts.map { StoredPlaces(of: $0, in: current) }
      let holdsAll = stored.layouts.map { current.holdsAll(of: $0) }
      for (index, record) in records {
        let isSame = state.withLock { $0.restore(record, kind, places[record.layout], holdsAll[record.layout]) }
        if !isSame {
          mismatches.append((index, .labels))
        } else if !holdsAll[record.layout] {
          mismatches.append((index, .numbers))
        }
      }
    }
    state.withLock { state in
      state.restore(tallies: stored.tallies)
      state.seen.restore(stored.seen)
      state.users.pass(to: now)
      state.users.merge(stored.users, areChanged: false)
      state.budgets.turn(now: now)
      state.budgets.add(stored.budgets, now: now)
      state.topUsers.turn(now: now)
      state.topUsers.add(stored.topUsers)
    }
    return mismatches
  }
}

extension RegistryState {
  /// - Returns: whether the record's labels are the same as they were.
  fileprivate mutating func restore(
    _ record: StoredState.Record, _ kind: RegistryTable, _ places: StoredPlaces, _ holdsAll: Bool
  ) -> Bool {
    let extra = Array(record.labels.suffix(kind.extraLabels))
    let own = record.labels.dropLast(kind.extraLabels)
    let values = labelSets.names.map { name in own.first { $0.name == name }?.value ?? "" }
    var labels = labelSets.render(values)
    for label in extra { LabelText.render(label.name, label.value, into: &labels) }
    let isSame = own.map(\.name) == labelSets.names

    let known = table(kind) { $0.row(labels: labels) }
    let row: Int
    if let known {
      row = known
    } else if kind == .calls {
      row = callRow(of: labelSets.number(of: values), now: record.lastEvent)
      seePrice(of: SeenPrices.Model(name: values[0], provider: values[1]))
    } else {
      row = table(kind) { $0.add(labels: labels, now: record.lastEvent) }
      labelSets.addSideRow(of: labelSets.number(of: values))
      if let name = extra.first { holdName(name.value, kind) }
    }
    table(kind) { table in
      table.add(record.numbers, places: places, row: row)
      table.began(row: row, at: record.created, lastEvent: record.lastEvent)
      if known == nil { table.setMarks([], row: row) }
      if !isSame || !holdsAll { table.setMarks([.changed, .promised], row: row) }
    }
    return isSame
  }

  /// A model that has a record was seen: its price is shown before its next call.
  private mutating func seePrice(of model: SeenPrices.Model) {
    guard model.name != LabelText.other else { return }
    let book = pricer.book
    _ = pricesSeen.place(
      of: model, book.resolve(asked: model.name, answering: "", provider: model.provider).route)
  }
}
