import Synchronization

/// What a store has to write so that it holds everything up to one moment.
public struct RegistryChanges: Sendable {
  public enum Scope: Sendable {
    /// All that changed.
    case everything
    /// All that events changed which may be acknowledged: what else changed since is left for later, but for the
    /// tallies, of which there are few.
    case promised
  }

  public struct Table: Sendable {
    public var kind: RegistryTable
    public var layout: StoredLayout
    public var changes: RecordChanges
  }
  public internal(set) var tables: [Table] = []
  /// Records that are not exposed any more, where the store lacks them.
  public internal(set) var dormant: [StoredRecord] = []
  /// All of them, in the order of `Registry.storedTallyNames`; without those at the end of which there are none yet.
  public internal(set) var tallies: [Int64] = []
  /// Hashes of the events remembered since the last time, oldest first.
  public internal(set) var seen: [UInt64] = []
  /// Distinct users, in the scope of everything only.
  public internal(set) var users: [StoredUsers] = []
  public internal(set) var budgets: [StoredBudget] = []
  /// Likewise in the scope of everything only.
  public internal(set) var topUsers: [StoredSpender] = []
  /// Events received until then.
  public internal(set) var received: Int64 = 0

  public var records: Int { tables.reduce(0) { $0 + $1.changes.numbers.labels.count } }
}

extension Registry {
  /// Records copied under one hold of the lock.
  private static let recordsPerHold = 256

  /// From now on a store takes the changes: a record that expires is kept until it has.
  public func keepForStore() {
    state.withLock { state in
      state.isStored = true
      state.seen.isStored = true
    }
  }

  /// The names under which counters are stored that belong to no label set.
  public var storedTallyNames: [String] { state.withLock { $0.storedTallyNames } }

  /// Tells whether stored hashes of events were made with today's key.
  public var rememberKeyCheck: Int64 {
    let text = Array("llm-exporter remembered events".utf8)
    return state.withLock { Int64(bitPattern: $0.identityHash.hash(text.span)) }
  }

  public var maxRememberedEvents: Int { state.withLock { $0.configuration.maxRememberedEvents } }
  public var rememberFor: Int64 { state.withLock { $0.configuration.rememberFor } }

  /// Events received so far.
  public var received: Int64 { state.withLock { $0.tallies.received.total } }

  /// Copies what changed: all of one moment, and events never wait for long. One caller at a time, who then says what
  /// became of it with `committed` or `putBack`.
  ///
  /// - Parameter alongside: takes what else belongs to that moment; no event is counted meanwhile.
  public func takeChanges(_ scope: RegistryChanges.Scope, alongside: () -> Void = {}) -> RegistryChanges {
    var (changes, rows) = state.withLock { state in
      alongside()
      return state.beginCopy(scope)
    }
    for (table, rows) in zip(RegistryTable.allCases, rows) {
      var start = 0
      while start < rows.count {
        let end = min(start + Self.recordsPerHold, rows.count)
        state.withLock { state in state.table(table) { $0.continueCopy(rows[start..<end]) } }
        start = end
      }
      state.withLock { state in
        let copied = state.table(table) { $0.endCopy() }
        changes.tables.append(.init(kind: table, layout: table.of(state).storedLayout, changes: copied))
      }
    }
    return changes
  }

  /// The changes are on disk.
  public func committed() { state.withLock { $0.isCopying = false } }

  /// They are not, and belong to the next ones.
  public func putBack(_ changes: RegistryChanges) {
    state.withLock { state in
      for table in changes.tables { state.table(table.kind) { $0.putBack(table.changes) } }
      if !changes.dormant.isEmpty { state.dormant.markAll() }
      state.seen.putBack(changes.seen)
      state.users.merge(changes.users, areChanged: true)
      state.budgets.putBack(changes.budgets)
      state.topUsers.putBack(changes.topUsers)
      state.isCopying = false
    }
  }

  /// Everything counts as changed: the store has none of it any more.
  public func forgetCommits() {
    state.withLock { state in
      for kind in RegistryTable.allCases { state.table(kind) { $0.markAll() } }
      state.dormant.markAll()
      state.users.markAll()
      state.budgets.markAll()
      state.topUsers.markAll()
    }
  }
}

extension RegistryState {
  /// So many hashes wait for a commit that it should not wait for its turn.
  public var wantsCommit: Bool { seen.pending.count >= 1 << 17 }

  mutating func mark(_ marks: RowMarks) {
    calls.mark = marks
    fallbacks.mark = marks
    feedback.mark = marks
    scores.mark = marks
  }

  mutating func table<R>(_ kind: RegistryTable, _ body: (inout RecordTable) -> R) -> R {
    switch kind {
    case .calls: body(&calls)
    case .fallbacks: body(&fallbacks)
    case .feedback: body(&feedback)
    case .scores: body(&scores)
    }
  }

  private mutating func takeDormant() -> [StoredRecord] {
    let layouts = dormant.isChanged ? RegistryTable.allCases.map { ($0, $0.of(self).storedLayout) } : []
    return dormant.takeChanges(layouts: Dictionary(uniqueKeysWithValues: layouts))
  }

  fileprivate mutating func beginCopy(_ scope: RegistryChanges.Scope) -> (RegistryChanges, rows: [[Int32]]) {
    isCopying = true
    let wanted: RowMarks = scope == .everything ? [.changed, .promised] : .promised
    let rows = RegistryTable.allCases.map { kind in table(kind) { $0.beginCopy(wanted) } }
    var changes = RegistryChanges()
    changes.dormant = takeDormant()
    changes.tallies = storedTallies
    changes.seen = seen.takePending()
    if scope == .everything { changes.users = users.takeChanges() }
    changes.budgets = budgets.takeChanges(scope)
    if scope == .everything { changes.topUsers = topUsers.takeChanges() }
    changes.received = tallies.received.total
    return (changes, rows)
  }
}
