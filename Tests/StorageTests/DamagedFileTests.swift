import CallMetrics
import GRDB
import Testing

@testable import Storage

/// Whatever stands in a file, the daemon starts: it restores what it can read, or sets the file aside.
@Suite struct DamagedFileTests {
  let directory: TemporaryDirectory
  var path: String { directory.file(Store.fileName) }

  init() throws { directory = try TemporaryDirectory() }

  private static let tables = [
    "file", "layouts", "series", "tallies", "seen_ids", "users_active", "budgets", "top_users",
  ]
  private static let values = ["NULL", "x'ff00'", "'text'", "-9223372036854775808", "9223372036854775807"]

  private func life() -> RunningStore {
    let running = RunningStore(path) { $0.topUsers = 10 }
    running.events.registry.setBudgets([Budget(name: "b", window: .day, tokens: 1)], now: CountedEvents.now)
    return running
  }

  @Test(arguments: tables) func anyValueInAnyColumnIsSurvived(table: String) throws {
    life().live {
      $0.send(#"{"model":"gpt-4o","id":"1","user":"u","cost_usd":1,"latency_ms":5}"#, replies: Answers())
    }
    let whole = directory.file("whole.db")
    try DatabaseQueue(path: path).backup(to: DatabaseQueue(path: whole))
    let columns = try DatabaseQueue(path: whole).read { try $0.columns(in: table).map(\.name) }
    #expect(!columns.isEmpty)
    for column in columns {
      for value in Self.values {
        try damage(whole, table, column, value)
        let running = life()
        running.live { events in
          events.send(#"{"model":"gpt-4o","id":"2","user":"u","cost_usd":1}"#, replies: Answers())
          events.registry.tick(now: CountedEvents.now + 1)
        }
        _ = running.events.registry.snapshot()
        #expect(running.persistence.uncommittedEvents == 0, "\(table).\(column) = \(value)")
      }
    }
  }

  /// A copy of the file in the store's place with this value in every row, where SQLite lets itself be made to take it.
  private func damage(_ whole: String, _ table: String, _ column: String, _ value: String) throws {
    directory.removeFiles { $0.hasPrefix(Store.fileName) }
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA writable_schema = ON") }
    let copy = try DatabaseQueue(path: path, configuration: configuration)
    try DatabaseQueue(path: whole).backup(to: copy)
    try copy.writeWithoutTransaction { db in
      try db.execute(sql: "UPDATE sqlite_schema SET sql = replace(sql, 'NOT NULL', '') WHERE name = '\(table)'")
    }
    try copy.close()
    let loose = try DatabaseQueue(path: path, configuration: configuration)
    try? loose.writeWithoutTransaction { try $0.execute(sql: "UPDATE OR IGNORE \(table) SET \(column) = \(value)") }
    try loose.close()
  }
}
