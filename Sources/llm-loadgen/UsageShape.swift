/// The tokens of one call. `input` includes cached and written ones, `output` includes reasoning.
struct CallTokens {
  var input = 0
  var output = 0
  var cached = 0
  var written = 0
  var reasoning = 0
}

/// How a provider says what was used, in its own keys.
enum UsageShape {
  case openAIChat, openAIResponses, anthropic, gemini, bedrock, cohere, deepSeek, ollama, embeddings

  /// Fields of the event, each with a comma before it.
  func fields(_ tokens: CallTokens, seconds: Double) -> String {
    let (input, output) = (tokens.input, tokens.output)
    switch self {
    case .openAIChat:
      return #","usage":{"prompt_tokens":\#(input),"completion_tokens":\#(output),"total_tokens":\#(input + output),"#
        + #""prompt_tokens_details":{"cached_tokens":\#(tokens.cached),"audio_tokens":0},"#
        + #""completion_tokens_details":{"reasoning_tokens":\#(tokens.reasoning),"accepted_prediction_tokens":0}}"#
    case .openAIResponses:
      return #","usage":{"input_tokens":\#(input),"input_tokens_details":{"cached_tokens":\#(tokens.cached)},"#
        + #""output_tokens":\#(output),"output_tokens_details":{"reasoning_tokens":\#(tokens.reasoning)},"#
        + #""total_tokens":\#(input + output)}"#
    case .anthropic:
      let fresh = input - tokens.cached - tokens.written
      return #","usage":{"input_tokens":\#(fresh),"cache_creation_input_tokens":\#(tokens.written),"#
        + #""cache_read_input_tokens":\#(tokens.cached),"output_tokens":\#(output),"service_tier":"standard"}"#
    case .gemini:
      return #","usageMetadata":{"promptTokenCount":\#(input),"cachedContentTokenCount":\#(tokens.cached),"#
        + #""candidatesTokenCount":\#(output - tokens.reasoning),"thoughtsTokenCount":\#(tokens.reasoning),"#
        + #""totalTokenCount":\#(input + output)}"#
    case .bedrock:
      return #","usage":{"inputTokens":\#(input - tokens.cached),"outputTokens":\#(output),"#
        + #""totalTokens":\#(input + output),"cacheReadInputTokens":\#(tokens.cached),"cacheWriteInputTokens":0}"#
    case .cohere:
      return #","usage":{"billed_units":{"input_tokens":\#(input).0,"output_tokens":\#(output).0},"#
        + #""tokens":{"input_tokens":\#(input + 66).0,"output_tokens":\#(output).0}}"#
    case .deepSeek:
      return #","usage":{"prompt_tokens":\#(input),"completion_tokens":\#(output),"total_tokens":\#(input + output),"#
        + #""prompt_cache_hit_tokens":\#(tokens.cached),"prompt_cache_miss_tokens":\#(input - tokens.cached)}"#
    case .ollama:
      return #","prompt_eval_count":\#(input),"eval_count":\#(output),"done_reason":"stop","done":true,"#
        + #""total_duration":\#(Int(seconds * 1e9)),"#
        + #""load_duration":\#(Int(seconds * 1e7))"#
    case .embeddings:
      return #","usage":{"prompt_tokens":\#(input),"total_tokens":\#(input)}"#
    }
  }

  func finishReason(_ kind: Finish) -> String {
    switch (self, kind) {
    case (.anthropic, .stop), (.bedrock, .stop): "end_turn"
    case (.anthropic, .length), (.bedrock, .length): "max_tokens"
    case (.anthropic, .toolCalls), (.bedrock, .toolCalls): "tool_use"
    case (.anthropic, .filtered), (.bedrock, .filtered): "refusal"
    case (.gemini, .stop): "STOP"
    case (.gemini, .length): "MAX_TOKENS"
    case (.gemini, .toolCalls): "STOP"
    case (.gemini, .filtered): "SAFETY"
    case (_, .stop): "stop"
    case (_, .length): "length"
    case (_, .toolCalls): "tool_calls"
    case (_, .filtered): "content_filter"
    }
  }

  enum Finish { case stop, length, toolCalls, filtered }
}
