import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct AroundCallsTests {
  func registry(_ change: (inout RegistryConfiguration) -> Void = { _ in }) -> Registry {
    var configuration = RegistryConfiguration()
    change(&configuration)
    return Registry(configuration: configuration, prices: .testBook)
  }

  func event(_ kind: EventKind, id: String) -> HandMadeEvent {
    var event = HandMadeEvent(kind)
    event.set(\.id, id)
    return event
  }

  @Test func aCallIsInFlightFromItsStartToItsEnd() {
    let registry = registry()
    event(.start, id: "a").record(in: registry)
    event(.start, id: "b").record(in: registry)
    event(.start, id: "b").record(in: registry)
    #expect(registry.snapshot().value("llm_requests_in_flight") == 2)
    event(.call, id: "a").record(in: registry)
    event(.call, id: "c").record(in: registry)
    #expect(registry.snapshot().value("llm_requests_in_flight") == 1)
  }

  @Test func aCallThatNeverEndsIsDroppedAfterATimeout() {
    let registry = registry()
    event(.start, id: "a").record(in: registry, at: 1_000)
    registry.tick(now: 1_899 * 1_000_000_000)
    #expect(registry.snapshot().value("llm_requests_in_flight") == 1)
    registry.tick(now: 1_901 * 1_000_000_000)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_requests_in_flight") == 0)
    #expect(snapshot.sample("llm_exporter_in_flight_expired_total")?.integer == 1)
  }

  @Test func startsBeyondTheLimitAreDroppedAndCounted() {
    let registry = registry { $0.maxInFlight = 2 }
    for id in ["a", "b", "c"] { event(.start, id: id).record(in: registry) }
    let tallies = registry.tallies
    #expect(tallies.accepted[.start] == 2)
    #expect(tallies.dropped[.inFlightLimit] == 1)
    #expect(tallies.received.total == tallies.accepted.total + tallies.dropped.total)
  }

  @Test func theLastReportOfALevelStandsUntilItIsTooOld() {
    let registry = registry()
    for (value, second) in [(3.0, 100), (5.0, 200)] as [(Double, Int64)] {
      var gauge = HandMadeEvent(.gauge, model: "")
      gauge.event.fields.gauge = .queueDepth
      gauge.event.fields.gaugeValue = value
      gauge.set(\.gaugeLabel, "high")
      gauge.record(in: registry, at: second)
    }
    let labels = ["queue": "high", "application": "shop"]
    #expect(registry.snapshot().sample("llm_queue_depth", labels)?.double == 5)
    registry.tick(now: 499 * 1_000_000_000)
    #expect(registry.snapshot().sample("llm_queue_depth", labels)?.double == 5)
    registry.tick(now: 501 * 1_000_000_000)
    #expect(registry.snapshot().sample("llm_queue_depth", labels) == nil)
  }

  @Test func levelsStandInTheOrderOfTheirLabels() {
    let registry = registry()
    for queue in (0..<40).shuffled() {
      var level = HandMadeEvent(.gauge, model: "")
      level.event.fields.gauge = .queueDepth
      level.set(\.gaugeLabel, "q\(queue / 10)\(queue % 10)")
      level.event.fields.gaugeValue = 1
      level.record(in: registry)
    }
    let queues = registry.snapshot().families.first { $0.family.name == "llm_queue_depth" }?.samples
      .map { $0.labels[0].value }
    #expect(queues == (0..<40).map { "q\($0 / 10)\($0 % 10)" })
  }

  @Test func theModelOfARateLimitIsCalledAsItsCallsAre() throws {
    let book = try PriceBook(layers: [], aliases: ["deployment-7": "gpt-4o", "azure/x": "gpt-4"])
    let registry = Registry(configuration: RegistryConfiguration(), prices: book)
    for (model, provider) in [("deployment-7", ""), ("x", "azure"), ("x", "")] {
      var level = HandMadeEvent(.gauge, model: model)
      level.set(\.provider, provider)
      level.event.fields.gauge = .ratelimitRemaining
      level.set(\.gaugeLabel, "tokens")
      level.event.fields.gaugeValue = 9
      level.record(in: registry)
    }
    let models = registry.snapshot().families.first { $0.family.name == "llm_ratelimit_remaining" }?.samples
      .map { $0.labels[0].value }
    #expect(models == ["gpt-4", "gpt-4o", "x"])
  }

  @Test func turnsAreCountedWhenASessionHasGoneQuiet() {
    let registry = registry()
    for (session, second) in [("s1", 0), ("s1", 60), ("s2", 100)] as [(String, Int64)] {
      var call = HandMadeEvent()
      call.set(\.session, session)
      call.record(in: registry, at: 10_000 + second)
    }
    #expect(registry.snapshot().sample("llm_sessions_active")?.integer == 2)
    registry.tick(now: (10_000 + 60 + 1_801) * 1_000_000_000)
    let snapshot = registry.snapshot()
    #expect(snapshot.sample("llm_sessions_active")?.integer == 1)
    guard case .histogram(_, let counts, let sum, .one) = snapshot.sample("llm_conversation_turns") else {
      Issue.record("no histogram")
      return
    }
    #expect(counts == [0, 1, 0, 0, 0, 0, 0, 0, 0])
    #expect(sum == 2)
  }

  @Test func aRecordWithoutEventsExpiresOnlyWhereConfigured() {
    for (expiry, left) in [(nil, 2), (60_000_000_000, 1)] as [(Int64?, Int)] {
      let registry = registry { $0.expiry = expiry }
      HandMadeEvent(model: "old").record(in: registry, at: 1_000)
      HandMadeEvent(model: "new").record(in: registry, at: 1_050)
      registry.tick(now: 1_070 * 1_000_000_000)
      #expect(registry.snapshot().rowLabels[0].count == left)
    }
  }

  @Test func theRowOfAnExpiredRecordStartsAgainAtZero() {
    let registry = registry { $0.expiry = 60_000_000_000 }
    var old = HandMadeEvent(model: "old")
    old.event.fields.latency = 5
    old.record(in: registry, at: 1_000)
    registry.tick(now: 1_070 * 1_000_000_000)
    HandMadeEvent(model: "new").record(in: registry, at: 1_080)
    old.record(in: registry, at: 1_081)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_requests_total", #"model="new""#) == 1)
    #expect(snapshot.value("llm_requests_total", #"model="old""#) == 1)
    #expect(snapshot.value("llm_request_duration_seconds", #"model="new""#, extra: "success") == nil)
    #expect(snapshot.value("llm_request_duration_seconds", #"model="old""#, extra: "success") == 1)
  }

  @Test func aRecordWithACallInFlightDoesNotExpire() {
    let registry = registry { $0.expiry = 60_000_000_000 }
    event(.start, id: "a").record(in: registry, at: 1_000)
    registry.tick(now: 1_100 * 1_000_000_000)
    #expect(registry.snapshot().value("llm_requests_in_flight") == 1)
  }

  @Test func configuredModelsAndObjectivesExistFromTheStart() {
    let registry = registry {
      $0.models = ["gpt-4o"]
      $0.objectives = [Objective(application: "shop", function: "", kind: .latencyP95, value: 2.5)]
    }
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_requests_total", #"model="gpt-4o""#, extra: "success") == 0)
    #expect(snapshot.sample("llm_objective", ["objective": "latency_p95_seconds"])?.double == 2.5)
  }
}
