/// The spellings of usage keys: in a usage object, in the objects inside it, and flat in an event.
/// Within a row the first spelling wins. A new spelling is one more string.
enum UsageNames {
  private typealias Row = (UsageField, [String])

  private static let counts: [Row] = [
    (.promptTokens, ["prompt_tokens", "promptTokens"]),
    (.completionTokens, ["completion_tokens", "completionTokens"]),
    (.inputTokens, ["input_tokens"]),
    (.outputTokens, ["output_tokens"]),
    (.totalTokens, ["total_tokens", "totalTokens"]),
    (.camelCachedInput, ["cachedInputTokens"]),
    (.camelReasoning, ["reasoningTokens"]),
    (.cacheReadInput, ["cache_read_input_tokens"]),
    (.cacheCreationInput, ["cache_creation_input_tokens"]),
    (.cacheHit, ["prompt_cache_hit_tokens"]),
    (.geminiPrompt, ["promptTokenCount", "prompt_token_count"]),
    (.geminiCandidates, ["candidatesTokenCount", "candidates_token_count"]),
    (.geminiResponse, ["responseTokenCount", "response_token_count"]),
    (.geminiThoughts, ["thoughtsTokenCount", "thoughts_token_count"]),
    (.geminiToolUse, ["toolUsePromptTokenCount", "tool_use_prompt_token_count"]),
    (.geminiCached, ["cachedContentTokenCount", "cached_content_token_count"]),
    (.geminiTotal, ["totalTokenCount", "total_token_count"]),
    (.interactionsInput, ["total_input_tokens"]),
    (.interactionsOutput, ["total_output_tokens"]),
    (.interactionsThought, ["total_thought_tokens", "total_reasoning_tokens"]),
    (.interactionsCached, ["total_cached_tokens"]),
    (.interactionsToolUse, ["total_tool_use_tokens"]),
    (.bedrockCacheRead, ["cacheReadInputTokens", "cacheReadInputTokenCount"]),
    (.bedrockCacheWrite, ["cacheWriteInputTokens", "cacheWriteInputTokenCount"]),
    (.promptEvalCount, ["prompt_eval_count"]),
    (.evalCount, ["eval_count"]),
    (.totalDuration, ["total_duration"]),
    (.loadDuration, ["load_duration"]),
    (.queueTime, ["queue_time"]),
    (.type, ["type"]),
    (.iterationModel, ["model"]),
    (.seconds, ["seconds"]),
    (.pagesProcessed, ["pages_processed"]),
    (.annotatedPages, ["pages_processed_annotation"]),
    (.bareInput, ["input"]),
    (.bareOutput, ["output"]),
    (.titanInput, ["inputTextTokenCount"]),
    (.titanResults, ["results"]),
    (.cached, ["cached_input_tokens", "cache_read_tokens", "cached_tokens"]),
    (.cacheWrite, ["cache_write_tokens"]),
    (.reasoning, ["reasoning_tokens"]),
    (.citationTokens, ["citation_tokens"]),
    (.webSearches, ["web_search_requests", "num_search_queries", "num_sources_used"]),
    (.grounding, ["grounding_tool_count"]),
    (.iterations, ["iterations"]),
    (.bedrockCacheDetails, ["cacheDetails"]),
    (.cachedModalities, ["cacheTokensDetails", "cache_tokens_details", "cached_tokens_by_modality"]),
    (
      .outputModalities,
      [
        "candidatesTokensDetails", "candidates_tokens_details", "responseTokensDetails", "response_tokens_details",
        "output_tokens_by_modality",
      ]
    ),
    (
      .toolUseModalities,
      ["toolUsePromptTokensDetails", "tool_use_prompt_tokens_details", "tool_use_tokens_by_modality"]
    ),
    (
      .promptModalities,
      ["promptTokensDetails", "promptTokenDetails", "input_tokens_by_modality"]
    ),
    (.serviceTier, ["service_tier", "serviceTier", "trafficType", "traffic_type"]),
    (.inferenceGeo, ["inference_geo"]),
    (.speed, ["speed"]),
    (.costTicks, ["cost_in_usd_ticks"]),
    (.isByok, ["is_byok"]),
    (.audioSeconds, ["prompt_audio_seconds"]),
    (.innerUsage, ["usage"]),
    (.innerUsageMetadata, ["usage_metadata"]),
    (.innerUsageMetadataCamel, ["usageMetadata"]),
    (.innerMeta, ["meta"]),
    (.innerGroq, ["x_groq"]),
  ]

  private static let inputDetails: [Row] = [
    (.cached, ["cached_tokens", "cacheReadTokens"]),
    (.cacheWrite, ["cache_write_tokens", "cache_creation_tokens", "cacheWriteTokens"]),
    (.cacheRead, ["cache_read"]),
    (.cacheCreation, ["cache_creation"]),
    (.audioInput, ["audio_tokens", "audio"]),
    (.imageInput, ["image_tokens", "image"]),
    (.videoInput, ["video_tokens", "video"]),
    (.write5m, ["ephemeral_5m_input_tokens"]),
    (.write1h, ["ephemeral_1h_input_tokens"]),
    (.webSearches, ["web_search_requests"]),
    (.characters, ["character_count"]),
    (.images, ["image_count"]),
    (.videoSeconds, ["video_length_seconds"]),
    (.audioSeconds, ["audio_length_seconds"]),
  ]

  private static let outputDetails: [Row] = [
    (.reasoning, ["reasoning_tokens", "thinking_tokens", "reasoning", "reasoningTokens"]),
    (.audioOutput, ["audio_tokens", "audio"]),
    (.imageOutput, ["image_tokens", "image"]),
    (.videoOutput, ["video_tokens", "video"]),
  ]

  /// Small objects and what their keys mean.
  private static let parts: [(KeyContext, [Row])] = [
    (.inputDetails, inputDetails),
    (.outputDetails, outputDetails),
    (.cachedDetails, [(.cachedAudio, ["audio_tokens"]), (.cachedImage, ["image_tokens"])]),
    (
      .cacheLifetimes,
      [
        (.write5m, ["ephemeral_5m_input_tokens", "ttl_5m_tokens"]),
        (.write30m, ["ephemeral_30m_input_tokens", "ttl_30m_tokens"]),
        (.write1h, ["ephemeral_1h_input_tokens", "ttl_1h_tokens"]),
        (.write12h, ["ephemeral_12h_input_tokens", "ttl_12h_tokens"]),
      ]
    ),
    (.serverTools, [(.webSearches, ["web_search_requests", "web_search_calls"])]),
    (.cost, [(.cost, ["total_cost", "total"])]),
    (.costDetails, [(.upstreamCost, ["upstream_inference_cost"])]),
    (
      .vercelInput,
      [(.v3InputTotal, ["total"]), (.cached, ["cacheRead"]), (.cacheWrite, ["cacheWrite"])]
    ),
    (.vercelOutput, [(.v3OutputTotal, ["total"]), (.reasoning, ["reasoning"])]),
    (
      .billedUnits,
      [
        (.billedInput, ["input_tokens"]), (.billedOutput, ["output_tokens"]), (.billedImages, ["images"]),
        (.billedPages, ["pages"]), (.billedSearchUnits, ["search_units"]), (.imageInput, ["image_tokens"]),
      ]
    ),
    (.cohereTokens, [(.cohereInput, ["input_tokens"]), (.cohereOutput, ["output_tokens"])]),
    (
      .flatTokens,
      [
        (.promptTokens, ["prompt"]), (.completionTokens, ["completion"]),
        (.cohereInput, ["input_tokens"]), (.cohereOutput, ["output_tokens"]),
      ]
    ),
  ]

  /// Keys that lead into such an object. Of several that say the same the earlier one wins. `marks` is the field
  /// that says that the object was there.
  private static let doors: [(child: KeyContext, names: [(name: String, marks: UsageField?)])] = [
    (
      .inputDetails,
      [
        ("prompt_tokens_details", nil), ("prompt_token_details", nil), ("input_tokens_details", .inputDetailsObject),
        ("input_token_details", .inputDetailsObject), ("inputTokenDetails", .camelInputDetails),
      ]
    ),
    (
      .outputDetails,
      [
        ("completion_tokens_details", nil), ("completion_token_details", nil), ("output_tokens_details", nil),
        ("output_token_details", nil), ("outputTokenDetails", .camelOutputDetails),
      ]
    ),
    (.cacheLifetimes, [("cache_creation", .cacheCreationObject)]),
    (
      .serverTools,
      [
        ("server_tool_use", .serverToolUse), ("serverToolUsage", .serverToolUse),
        ("server_side_tool_usage_details", nil),
      ]
    ),
    (.costDetails, [("cost_details", nil)]),
    (.billedUnits, [("billed_units", .billedUnits)]),
    (.vercelInput, [("inputTokens", .camelInputTokens)]),
    (.vercelOutput, [("outputTokens", .camelOutputTokens)]),
    (.cohereTokens, [("tokens", nil)]),
    (.cost, [("cost", nil)]),
  ]

  /// Keys of which an array means something, while an object is read as above.
  private static let arrays: [String: UsageField] = [
    "prompt_tokens_details": .promptModalities, "prompt_token_details": .promptModalities,
  ]

  /// Names of OpenTelemetry, OpenInference, OpenLLMetry and openlit, which stand in the event itself.
  private static let attributes: [Row] = [
    (
      .promptTokens,
      [
        "tokens.prompt", "llm.prompt_tokens", "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt", "llm.usage.prompt_tokens",
      ]
    ),
    (
      .completionTokens,
      [
        "tokens.completion", "llm.completion_tokens", "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens",
        "llm.token_count.completion", "llm.usage.completion_tokens",
      ]
    ),
    (.totalTokens, ["gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total"]),
    (
      .cached,
      [
        "gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.prompt_tokens_details.cached_tokens", "llm.token_count.prompt_details.cache_read",
        "llm.token_count.prompt_details.cache_input",
      ]
    ),
    (
      .cacheWrite,
      [
        "gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens", "gen_ai.usage.prompt_tokens_details.cache_creation_tokens",
        "llm.token_count.prompt_details.cache_write",
      ]
    ),
    (
      .reasoning,
      [
        "gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.completion_tokens_details.reasoning_tokens", "llm.usage.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
      ]
    ),
    (.audioInput, ["gen_ai.usage.audio.input_tokens", "llm.token_count.prompt_details.audio"]),
    (.audioOutput, ["gen_ai.usage.audio.output_tokens", "llm.token_count.completion_details.audio"]),
    (.imageInput, ["gen_ai.usage.image.input_tokens"]),
    (.imageOutput, ["gen_ai.usage.image.output_tokens"]),
    (.cachedAudio, ["gen_ai.usage.audio.cache_read.input_tokens"]),
    (.cachedImage, ["gen_ai.usage.image.cache_read.input_tokens"]),
  ]

  /// Usage keys that mean something else, or nothing, when they stand in the event itself.
  private static let notInEvents: Set<String> = [
    "type", "model", "input", "output", "usage", "usage_metadata", "usageMetadata", "meta", "x_groq",
    "service_tier", "serviceTier", "web_search_requests", "speed", "tokens", "cost",
  ]

  // Ranks, so that no two spellings of one field tie: in a usage object details come first, then other objects,
  // then what stands at its top; in an event the names of the contract come first.
  private static let rankBetweenDoors = 5
  private static let rankInOtherObjects = 50
  private static let rankOfRestInDetails = 80
  private static let rankAtTop = 110
  private static let rankOfAttributes = 10
  private static let rankOfDoorsInEvents = 20

  static var rows: [KeyRow] {
    var rows: [KeyRow] = []
    for (context, parts) in parts {
      let isDetail = context == .inputDetails || context == .outputDetails
      for (field, names) in parts {
        let shared = isDetail && !(field == .webSearches || field == .write5m || field == .write1h)
        rows += ranked(
          context, field, names, base: 0, firstRank: shared ? 0 : isDetail ? rankOfRestInDetails : rankInOtherObjects)
      }
    }
    for (name, child, rank) in [
      ("cached_tokens_details", KeyContext.cachedDetails, 0), ("cache_creation_token_details", .cacheLifetimes, 2),
      ("cache_write_tokens_details", .cacheLifetimes, 4),
    ] {
      rows.append(
        KeyRow(context: .inputDetails, name: name, slot: SlotLayout.nowhere, rank: rank, child: child, childBase: 0))
    }
    rows += insideUsage(.usage, base: 0)
    rows += insideUsage(.event, base: SlotLayout.flatUsage)
    for (field, names) in attributes {
      rows += ranked(.event, field, names, base: SlotLayout.flatUsage, firstRank: rankOfAttributes)
    }
    return rows
  }

  private static func insideUsage(_ context: KeyContext, base: Int) -> [KeyRow] {
    let inEvent = context == .event
    var rows: [KeyRow] = []
    for (child, names) in doors {
      for (i, (name, marks)) in names.enumerated() where !(inEvent && notInEvents.contains(name)) {
        let field = marks ?? arrays[name] ?? (child == .cost ? .cost : nil)
        rows.append(
          KeyRow(
            context: context, name: name, slot: field.map { base + Int($0.rawValue) } ?? SlotLayout.nowhere,
            rank: i * rankBetweenDoors + (inEvent ? rankOfDoorsInEvents : 0), child: child, childBase: base,
            keepsObject: marks != nil))
      }
    }
    for (field, names) in counts {
      let kept = inEvent ? names.filter { !notInEvents.contains($0) } : names
      rows += ranked(context, field, kept, base: base, firstRank: inEvent ? 0 : rankAtTop)
    }
    if inEvent {
      rows.append(
        KeyRow(
          context: .event, name: "tokens", slot: SlotLayout.nowhere, rank: 0, child: .flatTokens, childBase: base))
    }
    return rows
  }

  private static func ranked(
    _ context: KeyContext, _ field: UsageField, _ names: [String], base: Int, firstRank: Int
  ) -> [KeyRow] {
    names.enumerated().map { i, name in
      KeyRow(
        context: context, name: name, slot: base + Int(field.rawValue), rank: firstRank + i, child: nil, childBase: 0)
    }
  }
}
