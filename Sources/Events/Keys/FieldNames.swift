/// What a reject calls a field: its first spelling.
extension EventField {
  var label: StaticString {
    switch self {
    case .model: "model"
    case .requestModel: "request_model"
    case .id: "id"
    case .traceID: "trace_id"
    case .spanID: "span_id"
    case .promptHash: "prompt_hash"
    case .responseHash: "response_hash"
    case .latencyMilliseconds: "latency_ms"
    case .latencySeconds: "latency_s"
    case .timeToFirstTokenMilliseconds: "ttft_ms"
    case .timeToFirstTokenSeconds: "gen_ai.response.time_to_first_chunk"
    case .queueMilliseconds: "queue_ms"
    case .retryWaitMilliseconds: "retry_wait_ms"
    case .loadMilliseconds: "load_ms"
    case .cost: "cost_usd"
    case .httpStatus: "http_status"
    case .weight: "weight"
    case .sampleRate: "sample_rate"
    case .attempt: "attempt"
    case .retry: "retry"
    case .images: "images"
    case .characters: "characters"
    case .pages: "pages"
    case .annotatedPages: "annotated_pages"
    case .searchUnits: "search_units"
    case .webSearchRequests: "web_search_requests"
    case .audioSeconds: "audio_seconds"
    case .videoSeconds: "video_seconds"
    case .timestamp: "ts"
    case .end: "end"
    case .completionStart: "completion_start_time"
    case .score: "score"
    case .scoreMaximum: "max"
    case .scoreMinimum: "min"
    case .toolWebSearches: "tool_usage"
    case .event: "event"
    case .name: "name"
    default: "event field"
    }
  }
}

extension UsageField {
  var label: StaticString {
    switch self {
    case .promptTokens: "prompt_tokens"
    case .completionTokens: "completion_tokens"
    case .inputTokens: "input_tokens"
    case .outputTokens: "output_tokens"
    case .totalTokens: "total_tokens"
    case .cached: "cached_tokens"
    case .cacheWrite: "cache_write_tokens"
    case .cacheReadInput: "cache_read_input_tokens"
    case .cacheCreationInput: "cache_creation_input_tokens"
    case .reasoning: "reasoning_tokens"
    case .iterations: "iterations"
    case .cost, .costTicks, .upstreamCost: "usage.cost"
    default: "usage"
    }
  }
}
