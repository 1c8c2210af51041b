import CallMetrics
import Foundation
import GRDB
import Testing

@testable import Storage

@Suite struct StatePersistenceTests {
  let directory: TemporaryDirectory
  var path: String { directory.file(Store.fileName) }

  init() throws { directory = try TemporaryDirectory() }

  static let everyKind = [
    #"{"model":"gpt-4o","application":"shop","usage":{"prompt_tokens":100,"completion_tokens":20},"latency_ms":812,"#
      + #""ttft_ms":90,"id":"1","trace_id":"t1","finish_reason":"stop","user":"u","session":"s"}"#,
    #"{"model":"gpt-4o","application":"sh\"o\\p\nx","status":"error","error_type":"rate_limit","latency_ms":30}"#,
    #"{"model":"gpt-4o","application":"shop","fallback_from":"claude-x","cost_usd":0.25,"attempt":2}"#,
    #"{"model":"unknown-model","usage":{"prompt_tokens":5,"completion_tokens":1}}"#,
    #"{"event":"feedback","model":"gpt-4o","application":"shop","rating":"negative","category":"factual"}"#,
    #"{"event":"score","model":"gpt-4o","application":"shop","name":"helpful","score":0.7,"evaluator":"model"}"#,
    #"{"event":"start","model":"gpt-4o","application":"shop","id":"open"}"#,
    #"{"nothing":1}"#, "no json",
  ]

  @Test func everyNumberContinuesAfterARestart() {
    let first = RunningStore(path)
    first.live { $0.send(Self.everyKind) }
    let second = RunningStore(path)
    second.live()
    #expect(second.events.numbers == first.events.numbers)
    #expect(second.events.numbers.count > 30)
    #expect(second.log.all.isEmpty)
  }

  @Test func manyLivesCountAsOne() {
    for _ in 0..<5 { RunningStore(path).live { $0.send(Self.everyKind) } }
    let stored = RunningStore(path)
    stored.live()
    let inOne = RunningStore(directory.file("other.db"))
    inOne.live { events in for _ in 0..<5 { events.send(Self.everyKind) } }
    #expect(stored.events.numbers == inOne.events.numbers)
  }

  @Test func whatCameBeforeTheStoreOpenedIsAddedToWhatItHolds() {
    RunningStore(path).live { $0.send(Self.everyKind) }
    let late = RunningStore(path)
    late.events.send(Self.everyKind)
    late.live()
    let twice = RunningStore(directory.file("other.db"))
    twice.live { events in
      events.send(Self.everyKind)
      events.send(Self.everyKind)
    }
    #expect(late.events.numbers == twice.events.numbers)
    let again = RunningStore(path)
    again.live()
    #expect(again.events.numbers == twice.events.numbers)
  }

  @Test func callsInFlightAreNotStored() {
    RunningStore(path).live { $0.send(#"{"event":"start","model":"gpt-4o","id":"1"}"#) }
    let next = RunningStore(path)
    next.live()
    let table = next.events.registry.snapshot().tables[0]
    let group = table.layout.scalars.first { $0.family.name == "llm_requests_in_flight" }
    #expect(table.labels.count == 1)
    #expect(group.map { table.words[$0.firstWord] } == 0)
  }

  // MARK: Another configuration

  @Test func aNewLabelIsEmptyInWhatWasCountedBefore() {
    RunningStore(path).live { $0.send(Self.everyKind) }
    let next = RunningStore(path) { $0.labels = [.team, .application] }
    next.live { $0.send(#"{"model":"gpt-4o","application":"shop","team":"a"}"#) }
    let labels = next.events.registry.snapshot().tables[0].labels.map { String(decoding: $0, as: UTF8.self) }
    #expect(labels.contains(#"model="gpt-4o",provider="openai",operation="chat",team="",application="shop""#))
    #expect(labels.contains(#"model="gpt-4o",provider="openai",operation="chat",team="a",application="shop""#))
    expectSameAfterAnotherLife(next) { $0.labels = [.team, .application] }
  }

  @Test func aLabelThatWentIsMergedAndKeptAside() throws {
    RunningStore(path).live { events in
      events.send(#"{"model":"gpt-4o","application":"a","cost_usd":1}"#)
      events.send(#"{"model":"gpt-4o","application":"b","cost_usd":2}"#)
    }
    let next = RunningStore(path) { $0.labels = [] }
    next.live()
    let table = next.events.registry.snapshot().tables[0]
    #expect(table.labels.count == 1)
    #expect(table.words[0] == 2, "calls that succeeded")
    expectSameAfterAnotherLife(next) { $0.labels = [] }
    let store = try Store(path: path)
    let kept = try store.read { try String.fetchAll($0, sql: "SELECT labels FROM superseded ORDER BY labels") }
    #expect(kept.count == 2)
    #expect(kept.first?.contains(#"application="a""#) == true)
  }

  @Test func whatMustBeReplacedStillIsAfterAnErrorBeforeTheFirstCommit() throws {
    RunningStore(path).live { events in
      for team in 0..<10 { events.send(#"{"model":"gpt-4o","application":"a\#(team)","cost_usd":1}"#) }
    }
    let next = RunningStore(path) { $0.labels = [] }
    let opened = try Store(path: path)
    try next.persistence.opened(opened)
    opened.close()
    next.live()
    #expect(next.events.registry.snapshot().tables[0].words[0] == 10)
    expectSameAfterAnotherLife(next) { $0.labels = [] }
  }

  @Test func aHistogramUnderOtherBoundsBeginsAnewAndTheRestContinues() throws {
    RunningStore(path).live { $0.send(Self.everyKind) }
    func change(_ configuration: inout RegistryConfiguration) {
      configuration.bounds.duration = HistogramBounds.seconds([1, 2])
    }
    let next = RunningStore(path, change)
    next.live()
    let table = next.events.registry.snapshot().tables[0]
    let durations = table.layout.histograms.first { $0.family.name == "llm_request_duration_seconds" }
    let tokens = table.layout.histograms.first { $0.family.name == "llm_tokens_per_request" }
    func blocks(_ group: HistogramGroup?) -> [Int32] {
      guard let group else { return [] }
      return table.labels.indices.map { table.blocks[$0 * table.layout.histogramCount + group.firstHistogram] }
    }
    #expect(blocks(durations).allSatisfy { $0 == -1 })
    #expect(blocks(tokens).contains { $0 >= 0 })
    expectSameAfterAnotherLife(next, change)
    let store = try Store(path: path)
    #expect(try store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM superseded") } == 3)
  }

  private func expectSameAfterAnotherLife(
    _ running: RunningStore, _ change: @escaping (inout RegistryConfiguration) -> Void
  ) {
    let again = RunningStore(path, change)
    again.live()
    #expect(again.events.numbers == running.events.numbers)
  }

  // MARK: Resends

  @Test func aResendIsCountedOnceOverALifetimeAndARestart() {
    let call = #"{"model":"gpt-4o","id":"1","cost_usd":1}"#
    let first = RunningStore(path)
    first.live { events in
      events.send(call, call, replies: Answers())
      events.send(#"{"model":"gpt-4o","id":"1","cost_usd":1,"attempt":2}"#, replies: Answers())
    }
    #expect(first.events.registry.tallies.duplicate == 1)
    let second = RunningStore(path)
    second.live { $0.send(call, replies: Answers()) }
    #expect(second.events.registry.tallies.duplicate == 2)
    #expect(second.events.registry.snapshot().tables[0].words[0] == 2)
  }

  @Test func aDatagramIsNotRemembered() {
    let running = RunningStore(path)
    running.live { $0.send(#"{"model":"gpt-4o","id":"1"}"#, #"{"model":"gpt-4o","id":"1"}"#) }
    #expect(running.events.registry.tallies.duplicate == 0)
  }

  @Test func anotherKeyForgetsResendsAndSaysSo() {
    RunningStore(path).live { $0.send(#"{"model":"gpt-4o","id":"1"}"#, replies: Answers()) }
    let next = RunningStore(path) { $0.rememberKey = Array(1...16) }
    next.live { $0.send(#"{"model":"gpt-4o","id":"1"}"#, replies: Answers()) }
    #expect(next.events.registry.tallies.duplicate == 0)
    #expect(next.log.all.contains { $0.contains("key") })
  }

  // MARK: Flush

  @Test func aFlushIsAnsweredAfterTheCommitThatHoldsWhatCameBefore() throws {
    let running = RunningStore(path)
    running.start()
    let answers = Answers()
    running.events.send(#"{"model":"gpt-4o","id":"1"}"#, #"{"event":"flush","id":"f\"1"}"#, replies: answers)
    answers.wait(for: 1)
    #expect(answers.all == [#"{"event":"flushed","id":"f\"1"}"#])
    let reader = try DatabaseQueue(path: path)
    let stored = try reader.read { try Int.fetchOne($0, sql: "SELECT value FROM tallies WHERE name LIKE '%\"call\"%'") }
    #expect(stored == 1)
    running.writer.stop()
  }

  @Test func aFlushDoesNotMakeDatagramsSafe() {
    let running = RunningStore(path)
    running.start()
    let answers = Answers()
    running.events.send(#"{"model":"gpt-4o","application":"datagram"}"#)
    running.events.send(#"{"model":"gpt-4o"}"#, #"{"event":"flush","id":"1"}"#, replies: answers)
    answers.wait(for: 1)
    #expect(running.persistence.uncommittedEvents == 3)
    #expect(running.writer.stop() == 0)
  }

  @Test func aFlushWritesOnlyWhatStreamsTouched() throws {
    let running = RunningStore(path)
    running.start()
    let answers = Answers()
    running.events.send(#"{"model":"gpt-4o","application":"datagram"}"#)
    running.events.send(#"{"model":"gpt-4o","application":"stream"}"#, #"{"event":"flush","id":"1"}"#, replies: answers)
    answers.wait(for: 1)
    let reader = try DatabaseQueue(path: path)
    let labels = try reader.read { try String.fetchAll($0, sql: "SELECT labels FROM series") }
    #expect(labels.count == 1)
    #expect(labels.first?.contains("stream") == true)
    running.writer.stop()
    #expect(try reader.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM series") } == 2)
  }

  @Test func theIdsOfManyFlushesBecomeOneRow() throws {
    let running = RunningStore(path)
    running.start()
    let answers = Answers()
    for number in 1...10 {
      running.events.send(
        #"{"model":"gpt-4o","id":"\#(number)"}"#, #"{"event":"flush","id":"\#(number)"}"#, replies: answers)
      answers.wait(for: number)
    }
    running.writer.stop()
    let reader = try DatabaseQueue(path: path)
    let rows = try reader.read { try Row.fetchAll($0, sql: "SELECT last, length(hashes) FROM seen_ids") }
    #expect(rows.map { [$0[0] as Int, $0[1]] } == [[10, 80]])
  }

  // MARK: Expiry

  @Test func aRecordThatExpiredContinuesWhenItComesBack() {
    let running = RunningStore(path, interval: 3_600) { $0.expiry = 1 }
    running.start()
    let answers = Answers()
    running.events.send(#"{"model":"gpt-4o","cost_usd":1}"#, #"{"event":"flush","id":"1"}"#, replies: answers)
    answers.wait(for: 1)
    let before = running.events.numbers
    running.events.registry.tick(now: CountedEvents.now + 1_000)
    #expect(running.events.registry.snapshot().tables[0].labels.isEmpty)
    running.events.send(#"{"model":"gpt-4o","cost_usd":1}"#)
    let table = running.events.registry.snapshot().tables[0]
    #expect(table.words[0] == 2)
    #expect(before.count == running.events.numbers.count)
    running.writer.stop()
    let next = RunningStore(path)
    next.live()
    #expect(next.events.registry.snapshot().tables[0].words[0] == 2)
  }

  @Test func aRecordDoesNotExpireBeforeTheStoreHasIt() {
    let running = RunningStore(path) { $0.expiry = 1 }
    running.start()
    running.events.send(#"{"model":"gpt-4o"}"#)
    running.events.registry.tick(now: CountedEvents.now + 1_000)
    #expect(running.events.registry.snapshot().tables[0].labels.count == 1)
    running.writer.stop()
  }
}
