import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct RecordCallTests {
  let registry = Registry(configuration: RegistryConfiguration(), prices: .testBook)

  @Test func aSuccessIsCountedOnceByStatus() {
    let call = HandMadeEvent()
    call.record(in: registry)
    call.record(in: registry)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_requests_total", #"model="gpt-4o""#, extra: "success") == 2)
    #expect(snapshot.value("llm_requests_total", extra: "error") == 0)
  }

  @Test func theAskedModelIsTheLabel() {
    var call = HandMadeEvent(model: "gpt-4o-2024-08-06")
    call.set(\.requestModel, "gpt-4o")
    call.record(in: registry)
    #expect(registry.snapshot().value("llm_requests_total", #"model="gpt-4o","#) == 1)
  }

  @Test func everyClosedSeriesExistsAtZeroFromTheFirstCall() {
    HandMadeEvent().record(in: registry)
    let snapshot = registry.snapshot()
    for type in ErrorType.allCases { #expect(snapshot.value("llm_errors_total", extra: type.label) == 0) }
    for component in CostComponent.allCases {
      #expect(snapshot.value("llm_cost_dollars_total", extra: component.label) == 0)
    }
    #expect(snapshot.value("llm_request_duration_seconds", extra: "success") == nil)
  }

  @Test func errorsSumToTheFailedCalls() {
    for type in ErrorType.allCases {
      var call = HandMadeEvent()
      call.event.fields.status = .error
      call.event.fields.errorType = type
      call.record(in: registry)
    }
    let snapshot = registry.snapshot()
    let sum = ErrorType.allCases.reduce(Int128(0)) {
      $0 + (snapshot.value("llm_errors_total", extra: $1.label) ?? 0)
    }
    #expect(sum == snapshot.value("llm_requests_total", extra: "error"))
    #expect(sum == 13)
  }

  @Test func anErrorWithoutATypeIsOfTypeOther() {
    var call = HandMadeEvent()
    call.event.fields.status = .error
    call.record(in: registry)
    #expect(registry.snapshot().value("llm_errors_total", extra: "other") == 1)
  }

  @Test func everyTokenIsCountedOnce() {
    var call = HandMadeEvent()
    call.usage(input: 100, cached: 60, written: 10, output: 50, reasoning: 20)
    call.record(in: registry)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_tokens_total", extra: "input") == 30)
    #expect(snapshot.value("llm_tokens_total", extra: "cached_input") == 60)
    #expect(snapshot.value("llm_tokens_total", extra: "cache_write") == 10)
    #expect(snapshot.value("llm_tokens_total", extra: "output") == 30)
    #expect(snapshot.value("llm_tokens_total", extra: "reasoning") == 20)
    #expect(snapshot.histogram("llm_tokens_per_request", extra: "input")?.sum == 100)
    #expect(snapshot.histogram("llm_tokens_per_request", extra: "output")?.sum == 50)
  }

  @Test func aWeightStandsForSoManyCalls() {
    var call = HandMadeEvent()
    call.event.fields.weight = 10
    call.event.fields.latency = 1_500_000_000
    call.usage(input: 7, output: 1)
    call.record(in: registry)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_requests_total", extra: "success") == 10)
    #expect(snapshot.value("llm_tokens_total", extra: "input") == 70)
    #expect(snapshot.histogram("llm_request_duration_seconds", extra: "success")?.sum == 15_000_000_000)
    #expect(snapshot.value("llm_request_duration_seconds", extra: "success") == 10)
  }

  @Test func aBoundaryBelongsToItsOwnBucket() {
    for (nanoseconds, bucket) in [
      (0, 0), (50_000_000, 0), (50_000_001, 1), (600_000_000_000, 13), (600_000_000_001, 14),
    ] {
      let registry = Registry(configuration: RegistryConfiguration(), prices: .testBook)
      var call = HandMadeEvent()
      call.event.fields.latency = Int64(nanoseconds)
      call.record(in: registry)
      let counts = registry.snapshot().histogram("llm_request_duration_seconds", extra: "success")?.counts
      #expect(counts?.firstIndex(of: 1) == bucket, "\(nanoseconds) ns")
    }
  }

  @Test func timePerTokenLeavesOutTheFirst() {
    var call = HandMadeEvent()
    call.event.fields.latency = 2_000_000_000
    call.event.fields.timeToFirstToken = 500_000_000
    call.usage(input: 1, output: 4)
    call.record(in: registry)
    #expect(registry.snapshot().histogram("llm_time_per_output_token_seconds")?.sum == 500_000_000)
  }

  @Test func timePerTokenNeedsTwoTokensAndALaterEnd() {
    for (latency, output) in [(2_000_000_000, 1), (2_000_000_000, 0), (100_000_000, 9), (-1, 9)] as [(Int64, Int64)] {
      var call = HandMadeEvent()
      call.event.fields.latency = latency
      call.event.fields.timeToFirstToken = 500_000_000
      call.usage(input: 1, output: output)
      call.record(in: registry)
    }
    #expect(registry.snapshot().histogram("llm_time_per_output_token_seconds") == nil)
  }

  @Test func aCacheHitEntersRequestsLookupsAndPricesOnly() {
    var call = HandMadeEvent()
    call.event.fields.cache = .hit
    call.event.fields.latency = 1_000_000
    call.event.fields.finishReason = .stop
    call.event.fields.attempt = 2
    call.usage(input: 100, output: 50)
    call.record(in: registry)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_requests_total", extra: "success") == 1)
    #expect(snapshot.value("llm_cache_lookups_total", extra: "hit") == 1)
    #expect(snapshot.value("llm_tokens_total", extra: "input") == 0)
    #expect(snapshot.value("llm_finish_reasons_total", extra: "stop") == 0)
    #expect(snapshot.value("llm_retries_total", extra: "success") == 0)
    #expect(snapshot.value("llm_last_success_timestamp_seconds") == 0)
    #expect(snapshot.histogram("llm_request_duration_seconds", extra: "success") == nil)
  }

  @Test func attemptsAfterTheFirstAreRetries() {
    for attempt in [1, 2, 3] as [Int32] {
      var call = HandMadeEvent()
      call.event.fields.attempt = attempt
      call.event.fields.status = attempt == 3 ? .success : .error
      call.record(in: registry)
    }
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_retries_total", extra: "error") == 1)
    #expect(snapshot.value("llm_retries_total", extra: "success") == 1)
  }

  @Test func recoveryRunsFromTheThirdFailureInARow() {
    for (second, status) in [(10, .error), (20, .error), (30, .error), (40, .error), (75, .success)]
      as [(Int64, CallStatus)]
    {
      var call = HandMadeEvent()
      call.event.fields.status = status
      call.record(in: registry, at: second)
    }
    #expect(registry.snapshot().histogram("llm_recovery_seconds")?.sum == 45_000_000_000)
  }

  @Test func twoFailuresAreNothingToRecoverFrom() {
    for (second, status) in [(10, .error), (20, .error), (30, .success)] as [(Int64, CallStatus)] {
      var call = HandMadeEvent()
      call.event.fields.status = status
      call.record(in: registry, at: second)
    }
    #expect(registry.snapshot().histogram("llm_recovery_seconds") == nil)
  }

  @Test func theLastSuccessIsTheLatestEndOfASuccess() {
    for (second, status) in [(50, .success), (40, .success), (60, .error)] as [(Int64, CallStatus)] {
      var call = HandMadeEvent()
      call.event.fields.timestamp = second * 1_000_000_000
      call.event.fields.status = status
      call.record(in: registry)
    }
    #expect(registry.snapshot().value("llm_last_success_timestamp_seconds") == 50_000_000_000)
  }

  @Test func aSecondModelThatAnswersIsARescue() {
    var call = HandMadeEvent(model: "claude-sonnet-4-5")
    call.set(\.fallbackFrom, "gpt-4o")
    call.record(in: registry)
    call.event.fields.status = .error
    call.record(in: registry)
    let snapshot = registry.snapshot()
    for outcome in ["success", "error"] {
      #expect(
        snapshot.value("llm_fallbacks_total", #"model="claude-sonnet-4-5""#, #"from="gpt-4o""#, extra: outcome) == 1)
    }
  }

  @Test func suspiciousUsageIsCountedByReason() {
    var call = HandMadeEvent()
    call.usage(input: 1, output: 1)
    call.event.fields.usage.suspicions = 1 << UsageSuspicion.partsExceedOutput.rawValue
    call.record(in: registry)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_usage_suspect_total", extra: "parts_exceed_output") == 1)
    #expect(snapshot.value("llm_usage_suspect_total", extra: "total_mismatch") == 0)
  }

  @Test func aTraceIsTheExemplarOfItsBucket() throws {
    var call = HandMadeEvent()
    call.set(\.traceID, "4bf92f3577b34da6a3ce929d0e0e4736")
    call.event.fields.latency = 3_000_000_000
    call.record(in: registry, at: 7)
    let table = registry.snapshot(exemplars: true).tables[0]
    let block = Int(table.exemplarBlocks[CallHistogram.duration])
    try #require(block >= 0)
    let bucket = HistogramBounds().duration.firstIndex(of: 5_000_000_000) ?? 0
    let exemplar = table.exemplars[block + bucket]
    #expect(exemplar.traceIDCount == 32)
    #expect(exemplar.value == 3_000_000_000)
    #expect(exemplar.timestamp == 7_000_000_000)
    #expect(registry.snapshot().tables[0].exemplars.isEmpty)
  }

  @Test func aTraceIDThatIsTooLongIsNoExemplar() {
    var call = HandMadeEvent()
    call.set(\.traceID, String(repeating: "a", count: Exemplar.maxTraceIDBytes + 1))
    call.event.fields.latency = 3_000_000_000
    call.record(in: registry)
    #expect(registry.snapshot(exemplars: true).tables[0].exemplars.isEmpty)
  }

  @Test func theSamePromptOfTheSameUserIsARepeat() {
    for (user, prompt, second) in [
      ("ann", "p1", 0), ("ann", "p1", 10), ("ann", "p2", 20), ("bob", "p1", 30), ("ann", "p1", 9_999), ("", "p1", 40),
      ("", "p1", 41),
    ] as [(String, String, Int64)] {
      var call = HandMadeEvent()
      call.set(\.user, user)
      call.set(\.promptHash, prompt)
      call.record(in: registry, at: 1_000_000 + second)
    }
    #expect(registry.snapshot().value("llm_repeated_prompts_total") == 1)
  }

  @Test func countersStayWhereTheyAreRatherThanOverflow() {
    var call = HandMadeEvent()
    call.event.fields.weight = 10_000
    call.usage(input: 1 << 40, output: 0)
    for _ in 0..<1_000 { call.record(in: registry) }
    #expect(registry.snapshot().value("llm_tokens_total", extra: "input") == Int128(Int64.max))
  }
}
