/// The spellings of an event's own fields. Within a row the first spelling wins, whatever stands first in the
/// event. A new spelling is one more string.
enum EventNames {
  private typealias Row = (EventField, [String])

  private static let names: [Row] = [
    (.event, ["event"]),
    (.typeAlias, ["type"]),
    (.model, ["model", "response_model", "gen_ai.response.model", "llm.response.model_name", "llm.model_name"]),
    (
      .requestModel,
      ["request_model", "requested_model", "model_group", "gen_ai.request.model", "llm.request.model_name"]
    ),
    (
      .provider,
      ["provider", "gen_ai.provider.name", "gen_ai.system", "custom_llm_provider", "llm.provider", "llm.system"]
    ),
    (.operation, ["operation", "gen_ai.operation.name", "call_type"]),
    (.status, ["status"]),
    (.success, ["success"]),
    (.errorType, ["error_type", "error.type"]),
    (.errorMessage, ["error_message", "error.message", "error_str"]),
    (.httpStatus, ["http_status", "http.response.status_code", "status_code"]),
    (
      .finishReason,
      [
        "finish_reason", "stop_reason", "gen_ai.response.finish_reasons", "llm.finish_reason",
        "gen_ai.response.finish_reason", "llm.response.finish_reason", "stopReason", "finishReason",
      ]
    ),
    (.latencyMilliseconds, ["latency_ms", "duration_ms", "latencyMs", "latency", "duration"]),
    (.latencySeconds, ["latency_s", "latency_seconds", "duration_s", "duration_seconds", "response_time"]),
    (.queueMilliseconds, ["queue_ms"]),
    (.retryWaitMilliseconds, ["retry_wait_ms"]),
    (.loadMilliseconds, ["load_ms"]),
    (.timeToFirstTokenMilliseconds, ["ttft_ms", "time_to_first_token_ms"]),
    (.timeToFirstTokenSeconds, ["gen_ai.response.time_to_first_chunk"]),
    (.start, ["start", "startTime", "start_time"]),
    (.end, ["end", "endTime", "end_time"]),
    (.completionStart, ["completionStartTime", "completion_start_time"]),
    (.stream, ["stream", "gen_ai.request.stream", "gen_ai.is_streaming", "llm.is_streaming"]),
    (.batch, ["batch"]),
    (.region, ["region"]),
    (.dataResidency, ["data_residency"]),
    (.vertexLocation, ["vertex_location"]),
    (.images, ["images"]),
    (.audioSeconds, ["audio_seconds"]),
    (.characters, ["characters"]),
    (.pages, ["pages"]),
    (.annotatedPages, ["annotated_pages"]),
    (.searchUnits, ["search_units"]),
    (.webSearchRequests, ["web_search_requests"]),
    (.videoSeconds, ["video_seconds"]),
    (.user, ["user", "user_id", "userId", "user.id", "end_user", "gen_ai.user", "llm.user"]),
    (
      .session,
      [
        "session", "session_id", "sessionId", "session.id", "conversation_id", "conversationId",
        "gen_ai.conversation.id",
      ]
    ),
    (.application, ["application", "app", "service", "service.name"]),
    (.team, ["team"]),
    (.environment, ["environment"]),
    (.function, ["function", "function_name", "module", "feature", "endpoint"]),
    (.promptVersion, ["prompt_version", "gen_ai.prompt.version"]),
    (.order, ["order", "turn", "turnId"]),
    (.promptName, ["prompt_name", "gen_ai.prompt.name"]),
    (.version, ["version", "service.version"]),
    (.temperature, ["temperature", "gen_ai.request.temperature"]),
    (.maxOutputTokens, ["max_output_tokens", "gen_ai.request.max_tokens"]),
    (.topP, ["top_p", "gen_ai.request.top_p"]),
    (.promptLength, ["prompt_length"]),
    (.responseLength, ["response_length"]),
    (.responseHash, ["response_hash"]),
    (.weight, ["weight"]),
    (.sampleRate, ["sample_rate"]),
    (.attempt, ["attempt"]),
    (.retry, ["retry"]),
    (.fallbackFrom, ["fallback_from"]),
    (.cache, ["cache", "cache_hit"]),
    (.id, ["id", "requestId", "call_id", "gen_ai.response.id", "litellm_call_id"]),
    (.traceID, ["trace_id", "traceId"]),
    (.spanID, ["span_id"]),
    (.promptHash, ["prompt_hash"]),
    (.timestamp, ["ts", "timestamp"]),
    (.rating, ["rating"]),
    (.category, ["category"]),
    (.name, ["name"]),
    (.score, ["score", "value"]),
    (.scoreMaximum, ["max"]),
    (.scoreMinimum, ["min"]),
    (.evaluator, ["evaluator"]),
    (.gaugeQueue, ["queue"]),
    (.gaugeKind, ["kind"]),
    (.gaugeDevice, ["device"]),
    (.gaugeProcess, ["process"]),
    (.usageDetails, ["usage_details"]),
    (.usageInfo, ["usage_info"]),
    (.usageMetadata, ["usage_metadata"]),
    (.usageMetadataCamel, ["usageMetadata"]),
    (.groqUsage, ["x_groq"]),
    (.meta, ["meta"]),
  ]

  // An error inside an error is nearer to what happened (Anthropic's body has a type of `error` around the real one),
  // so each level ranks before the one around it. The ranks of sixteen levels stay in their 8 bits.
  private static let rankOfErrors = 150
  private static let rankOfErrorInformation = 240
  private static let rankOfInnerError = -8

  /// Keys that lead into an object that is read together with the event.
  private static let doors: [(field: EventField?, name: String, rank: Int, child: KeyContext)] = [
    (.usage, "usage", 0, .usage),
    (.error, "error", rankOfErrors, .error),
    (nil, "error_information", rankOfErrorInformation, .error),
    (nil, "labels", 0, .labels),
    (nil, "metadata", 1, .metadata),
    (nil, "tags", 2, .tags),
    (nil, "metrics", 10, .metrics),
    (nil, "tool_usage", 0, .toolUsage),
    (.cost, "cost", 5, .billing),
    (.serviceTier, "service_tier", 0, .tierObject),
    (.serviceTier, "openai.response.service_tier", 5, .tierObject),
    (.serviceTier, "gen_ai.openai.response.service_tier", 10, .tierObject),
    (.serviceTier, "serviceTier", 15, .tierObject),
  ]

  /// Keys of the objects that those lead into.
  private static let parts: [(KeyContext, Row)] = [
    (.error, (.errorCode, ["code", "error_code"])),
    (.error, (.errorClass, ["type", "error_class", "error_type", "class", "name"])),
    (.error, (.errorText, ["message", "error_message", "detail"])),
    (.error, (.errorStatus, ["status", "status_code"])),
    (.billing, (.cost, ["total_cost", "total"])),
    (.tierObject, (.serviceTier, ["type"])),
    (.metadata, (.team, ["user_api_key_team_alias"])),
    (.metadata, (.user, ["user_api_key_user_id"])),
    (.metadata, (.usageObject, ["usage_object"])),
    (.metrics, (.latencyMilliseconds, ["latencyMs"])),
    (.webSearchTool, (.toolWebSearches, ["num_requests"])),
    (.labels, (.gaugeQueue, ["queue"])),
    (.labels, (.gaugeKind, ["kind"])),
    (.labels, (.gaugeDevice, ["device"])),
    (.labels, (.gaugeProcess, ["process"])),
  ]

  /// Texts that are kept only where the configuration wants them; else they are passed over.
  private static let captured: [Row] = [
    (.promptText, ["messages", "prompt", "input"]),
    (.responseText, ["response", "output"]),
    (.comment, ["comment"]),
  ]

  static func rows(captureText: Bool) -> [KeyRow] {
    var rows: [KeyRow] = []
    for (field, names) in captureText ? names + captured : names {
      for (rank, name) in names.enumerated() {
        rows.append(row(.event, name, field, rank: rank))
      }
    }
    for door in doors {
      rows.append(
        row(
          .event, door.name, door.field, rank: door.rank, child: door.child,
          childBase: door.child == .usage ? SlotLayout.usage : 0,
          keepsObject: door.field == .usage || door.field == .error))
    }
    // `cost` stands among spellings that are plain numbers.
    rows.append(row(.event, "cost_usd", .cost, rank: 0))
    for (i, name) in ["response_cost", "gen_ai.usage.cost", "llm.cost.total", "gen_ai.token.cost.total"].enumerated() {
      rows.append(row(.event, name, .cost, rank: 10 + i))
    }
    for (context, (field, names)) in parts {
      // What the surroundings say ranks behind what the event says in so many words.
      let first = context == .metadata || context == .labels ? 20 : 0
      for (rank, name) in names.enumerated() { rows.append(row(context, name, field, rank: first + rank)) }
    }
    rows += [
      row(.error, "error", .errorNested, rank: rankOfInnerError, child: .error),
      row(.error, "details", nil, rank: 0, child: .errorDetails),
      row(.error, "innererror", nil, rank: 2, child: .errorDetails),
      row(.errorDetails, "error_code", .errorInnerCode, rank: 0),
      row(.errorDetails, "code", .errorInnerCode, rank: 1),
      row(.toolUsage, "web_search", nil, rank: 0, child: .webSearchTool),
    ]
    return rows
  }

  private static func row(
    _ context: KeyContext, _ name: String, _ field: EventField?, rank: Int, child: KeyContext? = nil,
    childBase: Int = 0,
    keepsObject: Bool = false
  ) -> KeyRow {
    KeyRow(
      context: context, name: name, slot: field.map { Int($0.rawValue) } ?? SlotLayout.nowhere, rank: rank,
      child: child, childBase: childBase, keepsObject: keepsObject)
  }
}
