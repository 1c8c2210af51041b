public import CallMetrics
import Foundation
public import GRDB
import Synchronization

/// Keeps what the registry counts: restores it when the store opens, and writes what changed with each commit.
public final class StatePersistence: CommitParticipant {
  private let registry: Registry
  private let clock: @Sendable () -> Int64
  private let log: @Sendable (String) -> Void
  private let alongside: @Sendable () -> Void
  private let keeper: Mutex<Keeper>
  private let committedEvents = Atomic<Int64>(0)

  /// What the writer's thread owns.
  private struct Keeper {
    /// Which file is open.
    var identity = Data()
    /// Of the files whose numbers are in the registry.
    var series: [Data: SeriesTable] = [:]
    var tallies: TallyTable
    var seen: SeenTable
    /// Runs of corrections that the registry has: they are gone from the file when a commit succeeds.
    var corrected: Set<Int64> = []
    /// In the commit at hand, and whether they are all there were.
    var changes: RegistryChanges?
    var isWhole = false
  }

  /// - Parameters:
  ///   - registry: nothing is counted in it before this is made.
  ///   - clock: nanoseconds since 1970.
  ///   - alongside: takes what another participant writes of the same moment; no event is counted meanwhile.
  public init(
    registry: Registry, clock: @escaping @Sendable () -> Int64, log: @escaping @Sendable (String) -> Void = { _ in },
    alongside: @escaping @Sendable () -> Void = {}
  ) {
    self.registry = registry
    self.clock = clock
    self.log = log
    self.alongside = alongside
    keeper = Mutex(
      Keeper(
        tallies: TallyTable(names: registry.storedTallyNames),
        seen: SeenTable(limit: registry.maxRememberedEvents, window: registry.rememberFor)))
    registry.keepForStore()
  }

  /// Events received since the last commit of all that changed began; flushes may have made some of them safe.
  public var uncommittedEvents: Int64 { registry.received &- committedEvents.load(ordering: .relaxed) }

  public var families: [SampledFamily] {
    [
      SampledFamily(
        Family(
          "llm_exporter_storage_uncommitted_events", .gauge,
          help: "Events received since the last commit of everything that changed; a flush may have made some safe."),
        [.init([], .integer(uncommittedEvents))])
    ]
  }

  // MARK: Opening

  public func opened(_ store: Store) throws {
    try keeper.withLock { keeper in
      let identity = try store.withWriter {
        try FileRow.identity($0, keyCheck: registry.rememberKeyCheck, clock(), log)
      }
      keeper.identity = identity
      keeper.tallies = TallyTable(names: registry.storedTallyNames)
      if keeper.series[identity] != nil {
        // Its numbers are in the registry already; what was committed since may be missing in it.
        keeper.series[identity]?.rolledBack()
        registry.forgetCommits()
        try keeper.seen.continueIn(store)
        return
      }
      var series = SeriesTable()
      let stored = try store.withWriter { db in
        StoredRows(
          series: try series.readAll(db), tallies: try keeper.tallies.readAll(db),
          seen: try keeper.seen.readAll(db), users: try UsersTable.readAll(db),
          budgets: try BudgetTable.readAll(db), topUsers: try TopUsersTable.readAll(db))
      }
      try add(stored, to: &series, isFirst: keeper.series.isEmpty)
      keeper.series[identity] = series
      try keeper.seen.continueIn(store)
    }
  }

  private struct StoredRows {
    var series: (ids: [Int64], records: [StoredRecord])
    var tallies: [String: Int64]
    var seen: [(time: Int64, hashes: [UInt64])]
    var users: [StoredUsers]
    var budgets: [StoredBudget]
    var topUsers: [StoredSpender]
  }

  private func add(_ stored: StoredRows, to series: inout SeriesTable, isFirst: Bool) throws {
    let state: StoredState
    do throws(DamagedRecord) {
      state = try StoredState(
        records: stored.series.records, tallies: stored.tallies, seen: stored.seen, users: stored.users,
        budgets: stored.budgets, topUsers: stored.topUsers)
    } catch {
      throw StoreError.corrupt("\(error)")
    }
    // What this process counted before goes into the first commit as a whole.
    let before = isFirst ? registry.received : 0
    registry.forgetCommits()
    let mismatches = registry.restore(state, now: clock())
    series.replace(mismatches.map { (stored.series.ids[$0.index], $0.mismatch) }, at: clock())
    committedEvents.store(registry.received &- before, ordering: .relaxed)
    if !mismatches.isEmpty {
      log("\(mismatches.count) stored records were counted under other labels or buckets; they are kept in superseded")
    }
  }

  // MARK: Committing

  public func write(_ db: Database, reason: CommitReason) throws {
    try keeper.withLock { keeper in
      if reason != .flush { try correct(&keeper, db) }
      let changes = registry.takeChanges(reason == .flush ? .promised : .everything, alongside: alongside)
      keeper.changes = changes
      keeper.isWhole = reason != .flush
      try keeper.series[keeper.identity]?.write(changes, to: db)
      try keeper.tallies.write(changes.tallies, to: db)
      try UsersTable.write(changes.users, to: db, now: clock())
      try BudgetTable.write(changes.budgets, to: db)
      try TopUsersTable.write(changes.topUsers, to: db)
      try keeper.seen.write(changes.seen, to: db, merging: reason != .flush, now: clock())
    }
  }

  /// Lets the counters carry what calls turned out to cost. The commit that holds the corrected counters is the one that
  /// deletes the corrections; where it fails, the registry has them already and is not given them again.
  private func correct(_ keeper: inout Keeper, _ db: Database) throws {
    let runs = try CostCorrections.done(db)
    for (run, corrections) in runs where keeper.corrected.insert(run).inserted {
      let lowered = registry.correct(corrections, now: clock())
      log("the cost of \(corrections.count) label sets is corrected; \(lowered) counters went down")
    }
    try CostCorrections.delete(runs: runs.keys, db)
  }

  public func committed() {
    keeper.withLock { keeper in
      guard let changes = keeper.changes else { return }
      keeper.changes = nil
      keeper.series[keeper.identity]?.committed()
      keeper.tallies.committed(changes.tallies)
      keeper.seen.committed()
      registry.committed()
      if keeper.isWhole { committedEvents.store(changes.received, ordering: .relaxed) }
    }
  }

  public func rolledBack() {
    keeper.withLock { keeper in
      guard let changes = keeper.changes else { return }
      keeper.changes = nil
      keeper.series[keeper.identity]?.rolledBack()
      keeper.seen.rolledBack()
      registry.putBack(changes)
    }
  }
}
