public import CallMetrics
import Foundation
public import GRDB
import Synchronization

/// Keeps what the registry counts: restores it when the store opens, and writes what changed with each commit.
public final class StatePersistence: CommitParticipant {
  private let registry: Registry
  private let clock: @Sendable () -> Int64
  private let log: @Sendable (String) -> Void
  private let keeper: Mutex<Keeper>
  private let committedEvents = Atomic<Int64>(0)

  /// What the writer's thread owns.
  private struct Keeper {
    /// Files whose numbers are in the registry.
    var added: Set<Data> = []
    var series = SeriesTable()
    var tallies: TallyTable
    var seen: SeenTable
    /// Runs of corrections that the registry has: they are gone from the file when a commit succeeds.
    var corrected: Set<Int64> = []
    /// In the commit at hand.
    var changes: RegistryChanges?
  }

  /// - Parameters:
  ///   - registry: nothing is counted in it before this is made.
  ///   - clock: nanoseconds since 1970.
  public init(
    registry: Registry, clock: @escaping @Sendable () -> Int64, log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.registry = registry
    self.clock = clock
    self.log = log
    keeper = Mutex(
      Keeper(
        tallies: TallyTable(names: registry.storedTallyNames),
        seen: SeenTable(limit: registry.maxRememberedEvents, window: registry.rememberFor)))
    registry.keepForStore()
  }

  /// Events that are counted and that no commit holds yet.
  public var uncommittedEvents: Int64 { registry.received - committedEvents.load(ordering: .relaxed) }

  public var families: [SampledFamily] {
    [
      SampledFamily(
        Family(
          "llm_exporter_storage_uncommitted_events", .gauge, help: "Events received since the last commit began."),
        [.init([], .integer(uncommittedEvents))])
    ]
  }

  // MARK: Opening

  public func opened(_ store: Store) throws {
    try keeper.withLock { keeper in
      let identity = try store.withWriter {
        try FileRow.identity($0, keyCheck: registry.rememberKeyCheck, clock(), log)
      }
      keeper.series = SeriesTable()
      keeper.tallies = TallyTable(names: registry.storedTallyNames)
      if keeper.added.contains(identity) {
        // Its numbers are in the registry already; what was committed since may be missing in it.
        registry.forgetCommits()
        try keeper.seen.continueIn(store)
        return
      }
      let stored = try store.withWriter { db in
        StoredRows(
          series: try keeper.series.readAll(db), tallies: try keeper.tallies.readAll(db),
          seen: try keeper.seen.readAll(db), users: try UsersTable.readAll(db),
          budgets: try BudgetTable.readAll(db), topUsers: try TopUsersTable.readAll(db))
      }
      try add(stored, to: &keeper)
      keeper.added.insert(identity)
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

  private func add(_ stored: StoredRows, to keeper: inout Keeper) throws {
    let state: StoredState
    do throws(DamagedRecord) {
      state = try StoredState(
        records: stored.series.records, tallies: stored.tallies, seen: stored.seen, users: stored.users,
        budgets: stored.budgets, topUsers: stored.topUsers)
    } catch {
      throw StoreError.corrupt("\(error)")
    }
    // What this process counted before goes into the first commit as a whole.
    let before = keeper.added.isEmpty ? registry.received : 0
    registry.forgetCommits()
    let mismatches = registry.restore(state, now: clock())
    keeper.series.replace(mismatches.map { (stored.series.ids[$0.index], $0.mismatch) }, at: clock())
    committedEvents.store(registry.received - before, ordering: .relaxed)
    if !mismatches.isEmpty {
      log("\(mismatches.count) stored records were counted under other labels or buckets; they are kept in superseded")
    }
  }

  // MARK: Committing

  public func write(_ db: Database, reason: CommitReason) throws {
    try keeper.withLock { keeper in
      if reason != .flush { try correct(&keeper, db) }
      let changes = registry.takeChanges(reason == .flush ? .promised : .everything)
      keeper.changes = changes
      try keeper.series.write(changes.tables, to: db)
      try keeper.tallies.write(changes.tallies, to: db)
      try UsersTable.write(changes.users, to: db)
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
      keeper.series.committed()
      keeper.tallies.committed(changes.tallies)
      keeper.seen.committed()
      registry.committed()
      committedEvents.store(changes.received, ordering: .relaxed)
    }
  }

  public func rolledBack() {
    keeper.withLock { keeper in
      guard let changes = keeper.changes else { return }
      keeper.changes = nil
      keeper.series.rolledBack()
      keeper.seen.rolledBack()
      registry.putBack(changes)
    }
  }
}
