import CallMetrics
import Foundation
import GRDB
import Testing

@testable import Storage

/// Files as earlier versions wrote them, one for each number of the schema: `Fixtures/schema-N.db`, and beside each what
/// a daemon counted into it. A file is made once, by the version that introduces its number, and never again:
/// `LLM_EXPORTER_WRITE_FIXTURE=1 swift test --filter EarlierFilesTests`.
@Suite struct EarlierFilesTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
    "Fixtures")
  private static let budgets = [
    Budget(name: "all", window: .month, dollars: 1),
    Budget(name: "each", window: .day, dollars: 1, conditions: [.user: .each]),
  ]
  private static func file(_ number: Int) -> URL { folder.appendingPathComponent("schema-\(number).db") }
  private static func numbers(_ number: Int) -> URL { folder.appendingPathComponent("schema-\(number).txt") }

  private func text(_ running: RunningStore) -> String {
    running.events.numbers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
  }

  @Test(.enabled(if: ProcessInfo.processInfo.environment["LLM_EXPORTER_WRITE_FIXTURE"] != nil))
  func writeTheFileOfThisVersion() throws {
    let number = Migration.all.count
    let directory = try TemporaryDirectory()
    let running = RunningStore(directory.file(Store.fileName))
    running.events.registry.setBudgets(Self.budgets, now: CountedEvents.now)
    running.live { $0.send(StatePersistenceTests.everyKind, replies: Answers()) }
    try FileManager.default.createDirectory(at: Self.folder, withIntermediateDirectories: true)
    try? FileManager.default.removeItem(at: Self.file(number))
    try FileManager.default.copyItem(atPath: directory.file(Store.fileName), toPath: Self.file(number).path)
    try text(running).write(to: Self.numbers(number), atomically: true, encoding: .utf8)
  }

  @Test(arguments: 1...Migration.all.count)
  func theFileOfEveryVersionIsReadWhole(number: Int) throws {
    guard FileManager.default.fileExists(atPath: Self.file(number).path) else {
      Issue.record("no file of schema \(number)")
      return
    }
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: Self.file(number).path, toPath: directory.file(Store.fileName))
    let running = RunningStore(directory.file(Store.fileName))
    running.events.registry.setBudgets(Self.budgets, now: CountedEvents.now)
    running.live { $0.send(StatePersistenceTests.everyKind[0], replies: Answers()) }
    let spent = running.events.registry.budgets(now: CountedEvents.now).map(\.spentDollars)
    #expect(spent == (number < 4 ? [0, 0] : [250_360_000_000, 360_000_000]), "budgets came with schema 4")
    #expect(running.events.registry.tallies.duplicate == 1, "it was remembered by the earlier version")
    let store = try Store(path: directory.file(Store.fileName))
    #expect(try store.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == Migration.all.count)
    store.close()
    #expect(!running.log.all.contains { $0.contains("set the file aside") })
    let wanted = try String(contentsOf: Self.numbers(number), encoding: .utf8)
    let found = text(running)
    for line in wanted.split(separator: "\n") where !line.contains("events_received") && !line.contains("duplicate") {
      #expect(found.contains(line))
    }
  }
}
