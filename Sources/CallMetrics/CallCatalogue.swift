import Events
import Pricing

/// The families that every call's record feeds: names, help and where their numbers lie.
enum CallCatalogue {
  private static func labels<Set: ClosedSet>(_ set: Set.Type) -> [String] { set.allCases.map(\.label) }

  private static func counter(
    _ name: String, by label: String? = nil, _ values: [String] = [""], at word: Int, scale: NumberScale = .one,
    unit: String? = nil, _ help: String
  ) -> ScalarGroup {
    ScalarGroup(
      family: Family(name, .counter, unit: unit, help: help), label: label, values: values, firstWord: word,
      scale: scale, presence: .always)
  }

  static let scalars: [ScalarGroup] = usage + money + course

  private static let usage = [
    counter(
      "llm_requests_total", by: "status", labels(CallStatus.self), at: CallWord.requests, "LLM calls that ended."),
    counter(
      "llm_errors_total", by: "error_type", labels(ErrorType.self), at: CallWord.errors,
      "LLM calls that failed, by what went wrong."),
    counter(
      "llm_finish_reasons_total", by: "reason", labels(FinishReason.self), at: CallWord.finishReasons,
      "How answers ended."),
    counter(
      "llm_tokens_total", by: "token_type", labels(TokenType.self), at: CallWord.tokens,
      "Tokens, each counted once: input is uncached, output is without reasoning."),
    counter(
      "llm_usage_suspect_total", by: "reason", labels(UsageSuspicion.self), at: CallWord.suspect,
      "Impossible usage that was clamped."),
  ]

  private static let money = [
    counter(
      "llm_cost_dollars_total", by: "component", labels(CostComponent.self), at: CallWord.cost, scale: .pico,
      unit: "dollars", "Money spent on LLM calls, in US dollars."),
    counter(
      "llm_retry_cost_dollars_total", at: CallWord.retryCost, scale: .pico, unit: "dollars",
      "The part of the cost that attempts after the first made, in US dollars."),
    counter(
      "llm_cache_saved_dollars_total", at: CallWord.cacheSaved, scale: .pico, unit: "dollars",
      "What hits of the application's own cache would have cost, in US dollars."),
    counter(
      "llm_priced_requests_total", by: "source", labels(CostSource.self), at: CallWord.priced,
      "Calls whose cost is known, by who said so."),
    counter(
      "llm_unpriced_requests_total", by: "reason", labels(UnpricedReason.self), at: CallWord.unpriced,
      "Calls whose cost is unknown, or known in part only (no_rate)."),
    counter(
      "llm_cost_compared_dollars_total", by: "source", ["stated", "table"], at: CallWord.compared, scale: .pico,
      unit: "dollars", "Cost of calls that state it and that the table can price, both ways, in US dollars."),
  ]

  private static let course = [
    counter(
      "llm_anomalous_calls_total", by: "kind", labels(AnomalyKind.self), at: CallWord.anomalous,
      "Calls out of line with the running history of their own label set, seen by this instance."),
    counter(
      "llm_retries_total", by: "outcome", labels(CallStatus.self), at: CallWord.retries,
      "Attempts after the first."),
    counter(
      "llm_cache_lookups_total", by: "result", labels(CacheResult.self), at: CallWord.cacheLookups,
      "Look-ups in the application's own response cache."),
    counter(
      "llm_repeated_prompts_total", at: CallWord.repeatedPrompts,
      "Calls with a prompt that the same user or session had sent shortly before."),
    ScalarGroup(
      family: Family(
        "llm_requests_in_flight", .gauge, help: "Calls that began and have not ended, from start events."),
      label: nil, values: [""], firstWord: CallWord.inFlight, scale: .one, presence: .always),
    ScalarGroup(
      family: Family(
        "llm_last_success_timestamp_seconds", .gauge, unit: "seconds",
        help: "When the last successful call ended; absent until then."),
      label: nil, values: [""], firstWord: CallWord.lastSuccess, scale: .nano, presence: .whenNotZero),
  ]

  static func histograms(_ bounds: HistogramBounds) -> [HistogramGroup] {
    func group(
      _ name: String, by label: String? = nil, _ values: [String] = [""], first: Int, _ bounds: [Int64],
      scale: NumberScale = .nano, unit: String? = "seconds", _ help: String
    ) -> HistogramGroup {
      HistogramGroup(
        family: Family(name, .histogram, unit: unit, help: help), label: label, values: values,
        firstHistogram: first, scale: scale, bounds: bounds)
    }
    return [
      group(
        "llm_request_duration_seconds", by: "status", labels(CallStatus.self), first: CallHistogram.duration,
        bounds.duration, "Duration of whole calls, as the caller saw them."),
      group(
        "llm_time_to_first_token_seconds", first: CallHistogram.timeToFirstToken, bounds.timeToFirstToken,
        "Time to the first token, of calls that say it."),
      group(
        "llm_time_per_output_token_seconds", first: CallHistogram.timePerOutputToken, bounds.timePerOutputToken,
        "Time between output tokens after the first."),
      group(
        "llm_tokens_per_request", by: "direction", ["input", "output"], first: CallHistogram.tokens, bounds.tokens,
        scale: .one, unit: nil, "Size of calls in tokens, cached and reasoning tokens included."),
      group(
        "llm_context_used_ratio", first: CallHistogram.contextUsed, bounds.context, unit: "ratio",
        "Share of the model's input window that a call used."),
      group(
        "llm_cost_per_request_dollars", first: CallHistogram.cost, bounds.cost, scale: .pico, unit: "dollars",
        "What one priced call costs, in US dollars."),
      group(
        "llm_queue_wait_seconds", first: CallHistogram.queueWait, bounds.duration, "Waiting before the call."),
      group(
        "llm_model_load_seconds", first: CallHistogram.modelLoad, bounds.duration, "Loading of a local model."),
      group(
        "llm_recovery_seconds", first: CallHistogram.recovery, bounds.recovery,
        "From the third failure in a row to the next success, as this instance saw them."),
    ]
  }
}
