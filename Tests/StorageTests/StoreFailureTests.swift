import CallMetrics
import Foundation
import GRDB
import Synchronization
import Testing

@testable import Storage

/// What happens where the file can't be used: metrics go on from memory, and the store comes back by itself.
@Suite(.timeLimit(.minutes(2))) struct StoreFailureTests {
  let directory: TemporaryDirectory
  var path: String { directory.file(Store.fileName) }
  static let call = #"{"model":"gpt-4o","id":"1","cost_usd":1}"#

  init() throws { directory = try TemporaryDirectory() }

  private func calls(_ running: RunningStore) -> Int64 {
    let table = running.events.registry.snapshot().tables[0]
    return table.labels.indices.reduce(0) { $0 + table.words[$1 * table.layout.wordCount] }
  }

  private func errors(_ running: RunningStore, _ operation: StorageOperation) -> Int64 {
    let family = running.writer.status.families.first { $0.family.name == "llm_exporter_storage_errors_total" }
    let sample = family?.samples.first { $0.labels.contains { $0.value == operation.rawValue } }
    if case .integer(let count) = sample?.value { return count }
    return -1
  }

  private func flush(_ running: RunningStore, _ id: String, _ answers: Answers) -> String? {
    running.events.send(#"{"event":"flush","id":"\#(id)"}"#, replies: answers)
    answers.wait(for: answers.all.count + 1)
    return answers.all.last
  }

  /// Whether something comes true; the writer answers first and publishes its status then.
  private func eventually(_ condition: () -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(30)
    while !condition() {
      if ContinuousClock.now > end { return false }
      sched_yield()
    }
    return true
  }

  // MARK: Can't be opened

  @Test func aMissingDirectoryIsWaitedForAndWhatCameMeanwhileIsKept() throws {
    let late = directory.file("later")
    let running = RunningStore(late + "/" + Store.fileName)
    running.start()
    #expect(!running.writer.status.isUp)
    #expect(running.writer.status.fault?.contains("later") == true)
    running.events.send(Self.call)
    try FileManager.default.createDirectory(atPath: late, withIntermediateDirectories: false)
    running.log.wait { $0.contains("works again") }
    #expect(eventually { running.writer.status.isUp })
    running.writer.stop()
    #expect(errors(running, .open) >= 1)
    let next = RunningStore(late + "/" + Store.fileName)
    next.live()
    #expect(calls(next) == 1)
  }

  @Test func storedNumbersAreAddedOnceWhenTheStoreOpensLate() throws {
    RunningStore(path).live { $0.send(Self.call) }
    let holder = try FileLock(path: path + ".lock")
    let running = RunningStore(path)
    running.start()
    running.events.send(Self.call)
    #expect(calls(running) == 1, "served from memory")
    #expect(running.writer.status.fault?.contains("another process") == true)
    holder.release()
    running.log.wait { $0.contains("works again") }
    #expect(calls(running) == 2)
    running.writer.stop()
    let next = RunningStore(path)
    next.live()
    #expect(calls(next) == 2)
  }

  /// The predecessor may still be writing its last commit.
  @Test func aStartWaitsForAnotherProcessToLetGo() throws {
    RunningStore(path).live { $0.send(Self.call) }
    let holder = try FileLock(path: path + ".lock")
    let running = RunningStore(path, patience: 60)
    running.writer.start()
    running.log.wait { $0.contains("another process") }
    #expect(!running.writer.status.isSettled)
    holder.release()
    #expect(running.writer.waitUntilSettled(milliseconds: 60_000))
    #expect(calls(running) == 1)
    running.writer.stop()
  }

  @Test func noTimeCuresANewerSchema() throws {
    try Store(path: path, migrations: Migration.all + [Migration(Migration.all.count + 1) { _ in }]).close()
    let running = RunningStore(path, patience: 3_600)
    running.live { $0.send(Self.call) }
    #expect(running.persistence.uncommittedEvents == 1)
  }

  @Test func whatKeepsAStoreClosedIsAskedBeforeEachAttempt() {
    let attempts = Mutex(0)
    let running = RunningStore(path, patience: 60) { _ in
    } prepare: { () throws(StoreError) in
      let attempt = attempts.withLock { attempts in
        attempts += 1
        return attempts
      }
      if attempt < 3 { throw .full("no room for a key") }
    }
    running.live { $0.send(Self.call) }
    #expect(attempts.withLock { $0 } == 3)
    #expect(running.writer.status.isUp)
  }

  @Test func aNewerSchemaIsLeftAloneAndSaid() throws {
    let next = Migration.all.count + 1
    try Store(path: path, migrations: Migration.all + [Migration(next) { _ in }]).close()
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let running = RunningStore(path)
    running.live { $0.send(Self.call) }
    #expect(running.writer.status.fault?.contains("newer version") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  @Test func aFlushWithoutAStoreIsAnsweredNo() {
    let running = RunningStore(directory.file("missing/" + Store.fileName))
    running.start()
    #expect(flush(running, "1", Answers()) == #"{"event":"failed","id":"1","reason":"storage"}"#)
    running.writer.stop()
  }

  // MARK: The file is no good

  @Test func aForeignFileIsSetAsideUnderADatedName() throws {
    try "somebody's notes, which nobody may lose\n".write(toFile: path, atomically: true, encoding: .utf8)
    let running = RunningStore(path)
    running.live { $0.send(Self.call) }
    let kept = directory.names.filter { $0.contains("set-aside") }
    #expect(kept.count == 1)
    #expect(try String(contentsOfFile: directory.file(kept.first ?? ""), encoding: .utf8).hasPrefix("somebody's notes"))
    #expect(running.log.all.contains { $0.contains("set the file aside") })
    #expect(errors(running, .open) == 1)
    let next = RunningStore(path)
    next.live()
    #expect(calls(next) == 1)
  }

  @Test func aDamagedFileIsSetAsideAndANewOneBegun() throws {
    RunningStore(path).live { events in
      for number in 0..<500 { events.send(#"{"model":"gpt-4o","application":"app\#(number)"}"#) }
    }
    let file = try #require(FileHandle(forUpdatingAtPath: path))
    let size = try file.seekToEnd()
    for offset in stride(from: UInt64(4_096), to: size, by: 4_096) {
      try file.seek(toOffset: offset)
      file.write(Data(repeating: 0xa5, count: 2_000))
    }
    try file.close()
    let running = RunningStore(path)
    running.live { $0.send(Self.call) }
    #expect(calls(running) == 1)
    #expect(running.writer.status.setAside.count == 1)
    #expect(directory.names.contains { $0.contains("set-aside") })
    let next = RunningStore(path)
    next.live()
    #expect(calls(next) == 1)
  }

  @Test func numbersThatCanNotBeReadAreDamageToo() throws {
    RunningStore(path).live { $0.send(Self.call) }
    let store = try Store(path: path)
    try store.withWriter { try $0.execute(sql: "UPDATE series SET numbers = x'ffff'") }
    store.close()
    let running = RunningStore(path)
    running.live()
    #expect(calls(running) == 0)
    #expect(errors(running, .restore) == 1)
    #expect(running.writer.status.setAside.count == 1)
  }

  @Test func aFileThatIsDeletedUnderTheDaemonIsWrittenAnew() throws {
    let running = RunningStore(path)
    running.start()
    let answers = Answers()
    running.events.send(Self.call, replies: answers)
    #expect(flush(running, "1", answers)?.contains("flushed") == true)
    deleteFile()
    #expect(flush(running, "2", answers)?.contains("flushed") == true)
    running.events.send(Self.call, replies: answers)
    #expect(calls(running) == 1, "its id is still remembered")
    running.writer.stop()
    let next = RunningStore(path)
    next.live { $0.send(Self.call, replies: answers) }
    #expect(calls(next) == 1, "and is in the new file")
  }

  private func deleteFile() { directory.removeFiles { !$0.hasSuffix(".lock") } }

  @Test func aNewFileGetsWhatIsNotExposedAnyMore() throws {
    let running = RunningStore(path) { $0.expiry = 1 }
    running.start()
    let answers = Answers()
    running.events.send(Self.call, replies: answers)
    #expect(flush(running, "1", answers)?.contains("flushed") == true)
    running.events.registry.tick(now: CountedEvents.now + 1_000)
    #expect(calls(running) == 0, "expired")
    deleteFile()
    #expect(flush(running, "2", answers)?.contains("flushed") == true)
    running.writer.stop()
    let next = RunningStore(path)
    next.live()
    #expect(calls(next) == 1)
  }

  // MARK: A commit fails

  @Test func aStopWaitsForALockedFile() throws {
    let running = RunningStore(path, patience: 60)
    running.start()
    let writer = running.writer
    let ended = DispatchSemaphore(value: 0)
    try DatabaseQueue(path: path).inTransaction(.immediate) { _ in
      running.events.send(Self.call)
      Thread.detachNewThread {
        #expect(writer.stop() == 0)
        ended.signal()
      }
      running.log.wait { $0.contains("locked") }
      return .commit
    }
    ended.wait()
    let next = RunningStore(path)
    next.live()
    #expect(calls(next) == 1)
  }

  @Test func aStopSaysHowMuchIsNotStored() throws {
    let running = RunningStore(path)
    running.start()
    try DatabaseQueue(path: path).inTransaction(.immediate) { _ in
      running.events.send(Self.call)
      #expect(running.writer.stop() == 1)
      return .commit
    }
  }

  @Test func aLockedFileFailsTheFlushAndTheNextOneHoldsEverything() throws {
    let running = RunningStore(path)
    running.start()
    let answers = Answers()
    try DatabaseQueue(path: path).inTransaction(.immediate) { _ in
      running.events.send(Self.call, replies: answers)
      #expect(flush(running, "1", answers) == #"{"event":"failed","id":"1","reason":"storage"}"#)
      #expect(eventually { errors(running, .commit) >= 1 })
      #expect(eventually { running.writer.status.fault?.contains("locked") == true })
      return .commit
    }
    running.log.wait { $0.contains("works again") }
    #expect(flush(running, "2", answers) == #"{"event":"flushed","id":"2"}"#)
    running.events.send(Self.call, replies: answers)
    #expect(running.events.registry.tallies.duplicate == 1, "its id was put back with its counts")
    running.writer.stop()
    let next = RunningStore(path)
    next.live()
    #expect(calls(next) == 1)
  }
}
