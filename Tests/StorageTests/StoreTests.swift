import Foundation
import GRDB
import Testing

@testable import Storage

@Suite struct StoreTests {
  let directory: TemporaryDirectory
  var path: String { directory.file(Store.fileName) }

  init() throws { directory = try TemporaryDirectory() }

  private func openAndClose(_ migrations: [Migration] = Migration.all) throws {
    try Store(path: path, migrations: migrations).close()
  }

  private func expectRefusal(_ matches: (StoreError) -> Bool) throws {
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    do {
      try openAndClose()
      Issue.record("opened")
    } catch let error as StoreError {
      #expect(matches(error), "\(error)")
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before, "a refused file is left as it is")
  }

  @Test func makesAFileThatNobodyElseMayRead() throws {
    try openAndClose()
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? NSNumber
    #expect(mode?.intValue == 0o600)
  }

  @Test func opensAgainWhatItMade() throws {
    let store = try Store(path: path)
    try store.withWriter { try $0.execute(sql: "INSERT INTO tallies VALUES ('a', 1)") }
    store.close()
    let again = try Store(path: path)
    #expect(try again.read { try Int.fetchOne($0, sql: "SELECT value FROM tallies") } == 1)
  }

  @Test func appliesEachMigrationOnce() throws {
    let counting = Migration(1) { try $0.execute(sql: "CREATE TABLE steps (n); INSERT INTO steps VALUES (1)") }
    let second = Migration(2) { try $0.execute(sql: "INSERT INTO steps VALUES (2)") }
    try openAndClose([counting])
    try openAndClose([counting, second])
    let store = try Store(path: path, migrations: [counting, second])
    #expect(try store.read { try Int.fetchAll($0, sql: "SELECT n FROM steps") } == [1, 2])
    #expect(try store.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 2)
  }

  @Test func aMigrationThatFailsLeavesTheVersionBefore() throws {
    let broken = Migration(2) { try $0.execute(sql: "CREATE TABLE half (n); INSERT INTO nothing VALUES (1)") }
    #expect(throws: StoreError.self) { try openAndClose([Migration.all[0], broken]) }
    let store = try Store(path: path, migrations: [Migration.all[0]])
    #expect(try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master WHERE name = 'half'") } == 0)
  }

  @Test func migrationsAreNumberedWithoutGaps() {
    #expect(Migration.all.map(\.number) == Array(1...Migration.all.count))
  }

  // MARK: What is refused

  @Test func refusesASecondWriter() throws {
    let first = try Store(path: path)
    try expectRefusal { if case .locked = $0 { true } else { false } }
    first.close()
  }

  @Test func refusesAFileThatIsNoDatabase() throws {
    try "not a database, but long enough to be looked at as one\n".write(
      toFile: path, atomically: true, encoding: .utf8)
    try expectRefusal { $0.isFileAtFault }
  }

  @Test func refusesTheDatabaseOfAnotherApplication() throws {
    let other = try DatabaseQueue(path: path)
    try other.write { try $0.execute(sql: "CREATE TABLE invoices (n)") }
    try other.close()
    try expectRefusal { if case .foreign = $0 { true } else { false } }
  }

  @Test func refusesANewerSchema() throws {
    let next = Migration.all.count + 1
    try openAndClose(Migration.all + [Migration(next) { _ in }])
    try expectRefusal { if case .newerSchema(next, next - 1) = $0 { true } else { false } }
  }

  @Test func saysWhatIsMissingWhereThereIsNoDirectory() throws {
    do {
      _ = try Store(path: directory.file("missing/llm-exporter.db"))
      Issue.record("opened")
    } catch {
      #expect("\(error)".contains("missing/llm-exporter.db"))
      #expect(!error.isFileAtFault)
    }
  }
}
