/// Words that stand as values, and what each list folds them into. The lists are compared in lower case with
/// `_` between words (`Word`).
enum Words {
  private static func rows<Meaning: RawRepresentable>(
    _ context: KeyContext, _ meaning: Meaning, _ words: [String]
  ) -> [KeyRow] where Meaning.RawValue == UInt8 {
    rows(context, Int(meaning.rawValue), words)
  }

  private static func rows(_ context: KeyContext, _ meaning: Int, _ words: [String]) -> [KeyRow] {
    words.map { KeyRow(context: context, name: $0, slot: meaning, rank: 0, child: nil, childBase: 0) }
  }

  /// The lists whose words are their own labels.
  private static func labels<Meaning: ClosedSet>(_ context: KeyContext, _: Meaning.Type) -> [KeyRow] {
    Meaning.allCases.flatMap { $0.label.isEmpty ? [] : rows(context, $0, [$0.label]) }
  }

  static var rows: [KeyRow] {
    var all = labels(.eventWord, EventKind.self)
    all += labels(.ratingWord, Rating.self)
    all += labels(.categoryWord, FaultCategory.self)
    all += labels(.evaluatorWord, Evaluator.self)
    all += labels(.gaugeWord, GaugeName.self)
    all += GaugeName.allCases.flatMap { rows(.gaugeWord, $0, ["llm_" + $0.label]) }
    all += rows(.statusWord, CallStatus.success, ["success", "ok", "succeeded", "completed", "incomplete"])
    all += rows(.statusWord, CallStatus.error, ["error", "failure", "failed"])
    all += rows(.statusWord, StatusMeaning.cancelled, ["cancelled", "canceled"])
    all += rows(.cacheWord, CacheResult.hit, ["hit", "true"])
    all += rows(.cacheWord, CacheResult.miss, ["miss", "false"])
    all += rows(.booleanWord, 1, ["true", "1"])
    all += rows(.booleanWord, 0, ["false", "0"])
    all += finishReasons.flatMap { rows(.finishWord, $0.0, $0.1) }
    all += tiers.flatMap { rows(.tierWord, $0.0, $0.1) }
    all += modalities.flatMap { rows(.modalityWord, $0.0, $0.1) }
    all += OperationNames.rows
    all += ErrorWords.rows
    return all
  }

  /// `CallStatus` and one more: a status that is its own evidence.
  enum StatusMeaning: UInt8 { case success, error, cancelled }

  private static let finishReasons: [(FinishReason, [String])] = [
    (
      .stop,
      ["stop", "end_turn", "stop_sequence", "complete", "completed", "eos", "eos_token", "end", "finish", "done"]
    ),
    (
      .length,
      [
        "length", "max_tokens", "max_output_tokens", "max_length", "pause_turn", "compaction", "model_length",
        "model_context_window_exceeded", "continuation", "error_limit",
      ]
    ),
    (
      .toolCalls,
      ["tool_calls", "tool_call", "tool_use", "tool-calls", "function_call", "function_calls", "tool"]
    ),
    (
      .contentFilter,
      [
        "content_filter", "content_filtered", "content-filter", "refusal", "safety", "recitation", "blocklist",
        "prohibited_content", "spii", "image_safety", "image_prohibited_content", "image_recitation", "image_other",
        "language", "guardrail_intervened", "error_toxic", "sensitive", "model_armor",
      ]
    ),
    (
      .error,
      [
        "error", "network_error", "timeout", "malformed_function_call", "malformed_response", "malformed_model_output",
        "malformed_tool_use", "unexpected_tool_call", "too_many_tool_calls", "missing_thought_signature", "no_image",
      ]
    ),
  ]

  private static let tiers: [(ServiceTier, [String])] = [
    (.unspecified, ["auto", "scale", "standard_only"]),
    (.standard, ["default", "standard", "on_demand"]),
    (.flex, ["flex", "on_demand_flex"]),
    (.priority, ["priority", "fast", "on_demand_priority"]),
    (.batch, ["batch"]),
    (.balanced, ["balanced"]),
    (.ultrafast, ["ultrafast"]),
  ]

  private static let modalities: [(Modality, [String])] = [
    (.text, ["text", "document"]),
    (.audio, ["audio"]),
    (.image, ["image"]),
    (.video, ["video"]),
  ]
}

/// What tokens stood for.
enum Modality: UInt8 { case text, audio, image, video }

/// Names of operations that frameworks spell their own way, and what they are called here.
enum OperationNames {
  private static let names: [(String, [String])] = [
    (
      "chat",
      [
        "completion", "acompletion", "responses", "aresponses", "anthropic_messages", "generate_content",
        "agenerate_content", "generate_content_stream", "agenerate_content_stream",
      ]
    ),
    ("text_completion", ["atext_completion"]),
    ("embeddings", ["embedding", "aembedding"]),
    ("image_generation", ["aimage_generation"]),
    ("transcription", ["atranscription"]),
    ("speech", ["aspeech"]),
    ("rerank", ["arerank"]),
    ("moderation", ["amoderation"]),
    ("decisions", ["adecisions"]),
  ]

  static let folded: [[UInt8]] = names.map { Array($0.0.utf8) }

  static var rows: [KeyRow] {
    names.enumerated().flatMap { i, name in
      name.1.map { KeyRow(context: .operationWord, name: $0, slot: i, rank: 0, child: nil, childBase: 0) }
    }
  }
}
