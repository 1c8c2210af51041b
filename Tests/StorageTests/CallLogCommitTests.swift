import CallMetrics
import GRDB
import Pipeline
import Synchronization
import Testing

@testable import Storage

/// The rows of calls are of the same moment as the counts, and survive commits that fail.
@Suite struct CallLogCommitTests {
  let directory: TemporaryDirectory
  let events = CountedEvents { $0.keepsLastCost = true }
  let store: Store
  let persistence: StatePersistence
  let log: CallLogWriter

  init() throws {
    directory = try TemporaryDirectory()
    store = try Store(path: directory.file(Store.fileName))
    var policy = CallLogPolicy()
    policy.maxRowsPerSecond = 1_000_000
    let queue = CallLogQueue(policy: policy, seed: 42) {}
    let log = CallLogWriter(
      queue: queue, configuration: CallLogConfiguration(), prices: CountedEvents.prices, seed: Array(0..<16),
      now: { CountedEvents.now })
    self.log = log
    persistence = StatePersistence(
      registry: events.registry, clock: { CountedEvents.now }, alongside: { log.collect() })
    events.callLog.withLock { $0 = queue }
    try persistence.opened(store)
  }

  /// One commit, as the store's writer makes it.
  ///
  /// - Parameter between: happens when the counts are taken and the rows are not written yet.
  private func commit(fails: Bool = false, between: () -> Void = {}) throws {
    try store.withWriter { db in
      try db.inTransaction(.immediate) {
        try persistence.write(db, reason: .timer)
        between()
        try log.write(db, reason: .timer)
        return fails ? .rollback : .commit
      }
    }
    for participant in [persistence, log] as [any CommitParticipant] {
      if fails { participant.rolledBack() } else { participant.committed() }
    }
  }

  private func stored(_ sql: String) throws -> Int64? { try store.read { try Int64.fetchOne($0, sql: sql) } }

  private func expectStored(_ calls: Int64, _ comment: Comment? = nil) throws {
    #expect(try stored("SELECT value FROM tallies WHERE name LIKE '%accepted%\"call\"%'") == calls, comment)
    #expect(try stored("SELECT coalesce(sum(weight), 0) FROM calls") == calls, comment)
    #expect(try stored("SELECT coalesce(sum(calls), 0) FROM hours") == calls, comment)
  }

  @Test func rowsOfCommitsThatFailedAreInTheNextOne() throws {
    events.send(#"{"model":"gpt-4o"}"#)
    try commit()
    for number in 0..<4 {
      events.send(#"{"model":"gpt-4o","application":"a\#(number)"}"#, #"{"model":"new-\#(number)"}"#)
      try commit(fails: true)
    }
    events.send(#"{"model":"gpt-4o","application":"last"}"#)
    try commit()
    try expectStored(10)
    events.send(#"{"model":"gpt-4o"}"#)
    try commit()
    try expectStored(11, "and none is written twice")
    #expect(log.dropped == 0)
  }

  @Test func aCallThatComesWhileItIsWrittenIsInTheNextCommit() throws {
    events.send(#"{"model":"gpt-4o"}"#)
    try commit { events.send(#"{"model":"gpt-4o"}"#) }
    try expectStored(1)
    try commit()
    try expectStored(2)
  }

  @Test func whatWaitsWhileCommitsFailIsBoundedAndCounted() throws {
    let line = Array(repeating: #"{"model":"gpt-4o"}"#, count: CallLogQueue.maxRows)
    for _ in 0..<2 {
      events.send(line)
      try commit(fails: true)
    }
    #expect(log.dropped >= 1)
    let written = 2 * Int64(CallLogQueue.maxRows) - log.dropped
    try commit()
    #expect(try stored("SELECT count(*) FROM calls") == written)
  }

  @Test func aBatchThatIsRefusedTwiceIsGivenUpAlone() throws {
    try store.withWriter { try $0.execute(sql: "ALTER TABLE hours RENAME TO hidden") }
    for _ in 0..<2 {
      events.send(#"{"model":"gpt-4o"}"#)
      try commit()
    }
    try store.withWriter { try $0.execute(sql: "ALTER TABLE hidden RENAME TO hours") }
    events.send(#"{"model":"gpt-4o"}"#)
    try commit()
    #expect(try stored("SELECT count(*) FROM calls") == 2)
    #expect(log.dropped == 1)
  }
}
