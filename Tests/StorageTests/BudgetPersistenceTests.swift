import CallMetrics
import Foundation
import GRDB
import Testing

@testable import Storage

@Suite struct BudgetPersistenceTests {
  let directory: TemporaryDirectory
  var path: String { directory.file(Store.fileName) }

  init() throws { directory = try TemporaryDirectory() }

  static let day: Int64 = 86_400_000_000_000
  static let all = Budget(name: "all", window: .day, dollars: 9_000_000_000_000)
  static let each = Budget(name: "each", window: .day, dollars: 9_000_000_000_000, conditions: [.user: .each])
  static let calls = [
    #"{"model":"gpt-4o","cost_usd":1.25,"user":"ann"}"#, #"{"model":"gpt-4o","cost_usd":0.5,"user":"bob"}"#,
    #"{"model":"gpt-4o","cost_usd":0.25,"user":"bob"}"#,
  ]

  func store(_ budgets: [Budget] = [all, each], at now: Int64 = CountedEvents.now) -> RunningStore {
    let running = RunningStore(path)
    running.events.registry.setBudgets(budgets, now: now)
    return running
  }

  /// Millionths of a dollar, of the user where one is named.
  func spent(_ running: RunningStore, _ user: String = "") -> [String: Int128] {
    var question = BudgetQuestion()
    question.user = user
    let standings = running.events.registry.budgets(for: question, now: CountedEvents.now)
    return Dictionary(uniqueKeysWithValues: standings.map { ($0.budget.name, $0.spentDollars / 1_000_000) })
  }

  @Test func sumsContinueAfterARestart() {
    store().live { $0.send(Self.calls) }
    let next = store()
    next.live { $0.send(Self.calls[1]) }
    #expect(spent(next, "ann") == ["all": 2_500_000, "each": 1_250_000])
    #expect(spent(next, "bob") == ["all": 2_500_000, "each": 1_250_000])
    #expect(next.log.all.isEmpty)
  }

  @Test func whatAFlushAcknowledgedIsThereAfterACrash() throws {
    let crashed = store()
    crashed.start()
    let answers = Answers()
    crashed.events.send(Self.calls + [#"{"event":"flush","id":"f"}"#], replies: answers)
    answers.wait(for: 1)
    // The file as a crash leaves it: no timer's commit, no clean stop.
    let copy = directory.file("copy.db")
    let reader = try DatabaseQueue(path: path)
    try reader.backup(to: DatabaseQueue(path: copy))
    crashed.writer.stop()
    let next = RunningStore(copy)
    next.events.registry.setBudgets([Self.all, Self.each], now: CountedEvents.now)
    next.live()
    #expect(spent(next, "bob") == ["all": 2_000_000, "each": 750_000])
  }

  @Test func theSumsOfAWindowThatIsOverAreNotTakenUp() throws {
    store(at: CountedEvents.now - Self.day).live { events in
      events.registry.tick(now: CountedEvents.now - Self.day)
      events.registry.withBatch { _ in }
    }
    let yesterday = store()
    yesterday.live { $0.send(Self.calls) }
    let file = try Store(path: path)
    try file.withWriter { db in
      try db.execute(sql: "UPDATE budgets SET started = started - ?", arguments: [Self.day])
    }
    file.close()
    let today = store()
    today.live { $0.send(Self.calls[0]) }
    #expect(spent(today, "ann") == ["all": 1_250_000, "each": 1_250_000])
    #expect(spent(today, "bob") == ["all": 1_250_000, "each": 0])
    let rows = try Store(path: path)
    let left = try rows.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM budgets WHERE key <> 0") }
    #expect(left == 1, "who spent nothing today has no row")
  }

  @Test func noPlainUserIsStored() throws {
    let named = Budget(name: "named", window: .month, tokens: 1, conditions: [.user: .only("ann")])
    store([Self.each, named]).live { $0.send(Self.calls) }
    let file = try Store(path: path)
    let scopes = try file.read { try String.fetchAll($0, sql: "SELECT DISTINCT scope FROM budgets ORDER BY scope") }
    #expect(scopes.count == 2)
    #expect(scopes.first?.hasPrefix("user=#") == true)
    #expect(!scopes.contains { $0.contains("ann") })
  }

  @Test func aCommitThatFailedIsMadeUpFor() throws {
    let running = store()
    running.start()
    running.events.send(Self.calls)
    let changes = running.events.registry.takeChanges(.everything)
    #expect(changes.budgets.count >= 3)
    running.events.registry.putBack(changes)
    let again = running.events.registry.takeChanges(.everything)
    #expect(Set(again.budgets.map(\.key)) == Set(changes.budgets.map(\.key)))
    running.events.registry.putBack(again)
    running.writer.stop()
    let next = store()
    next.live()
    #expect(spent(next, "bob") == ["all": 2_000_000, "each": 750_000])
  }

  // MARK: Top users

  func topUsers(_ running: RunningStore) -> [String] {
    running.events.registry.snapshot().families.first { $0.family.name == "llm_top_user_cost_dollars" }?.samples.map {
      "\($0.labels.map(\.value)) \($0.value)"
    } ?? []
  }

  @Test func whoSpentMostGoesOnAfterARestart() {
    let first = store()
    first.live { $0.send(Self.calls) }
    #expect(topUsers(first).count == 4, "two users, two windows")
    let second = store()
    second.live()
    #expect(topUsers(second) == topUsers(first))
    let third = store()
    third.live { $0.send(Self.calls) }
    let twice = RunningStore(directory.file("other.db"))
    twice.live { events in
      events.send(Self.calls)
      events.send(Self.calls)
    }
    #expect(topUsers(third) == topUsers(twice))
  }

  @Test func aCounterThatChangedHandsIsOneRow() throws {
    let many = (0..<1_500).map { #"{"model":"gpt-4o","cost_usd":0.\#(1_000 + $0),"user":"u\#($0)"}"# }
    let running = store()
    running.live { events in
      for start in stride(from: 0, to: 1_500, by: 50) { events.send(Array(many[start..<start + 50])) }
    }
    let next = store()
    next.live()
    #expect(topUsers(next) == topUsers(running))
    let file = try Store(path: path)
    #expect(try file.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM top_users") } == 2 * 1_024)
    #expect(try file.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM top_users WHERE name <> ''") } == 2 * 1_024)
  }
}
