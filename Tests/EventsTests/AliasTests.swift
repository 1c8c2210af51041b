import Events
import Testing

/// Every spelling of a field; of several the first in the row wins, wherever it stands.
@Suite struct AliasTests {
  private static var texts: [(KeyPath<EventFields, Text>, [String])] {
    [

      (
        \.requestModel,
        ["request_model", "requested_model", "model_group", "gen_ai.request.model", "llm.request.model_name"]
      ),
      (\.model, ["model", "response_model", "gen_ai.response.model", "llm.response.model_name", "llm.model_name"]),
      (
        \.provider,
        ["provider", "gen_ai.provider.name", "gen_ai.system", "custom_llm_provider", "llm.provider", "llm.system"]
      ),
      (\.operation, ["operation", "gen_ai.operation.name", "call_type"]),
      (\.user, ["user", "user_id", "userId", "user.id", "end_user", "gen_ai.user", "llm.user"]),
      (
        \.session,
        [
          "session", "session_id", "sessionId", "session.id", "conversation_id", "conversationId",
          "gen_ai.conversation.id",
        ]
      ),
      (\.application, ["application", "app", "service", "service.name"]),
      (\.team, ["team"]),
      (\.environment, ["environment"]),
      (\.function, ["function", "function_name", "module", "feature", "endpoint"]),
      (\.promptVersion, ["prompt_version", "gen_ai.prompt.version"]),
      (\.promptName, ["prompt_name", "gen_ai.prompt.name"]),
      (\.version, ["version", "service.version"]),
      (\.id, ["id", "requestId", "call_id", "gen_ai.response.id", "litellm_call_id"]),
      (\.traceID, ["trace_id", "traceId"]),
      (\.spanID, ["span_id"]),
      (\.promptHash, ["prompt_hash"]),
      (\.responseHash, ["response_hash"]),
      (\.fallbackFrom, ["fallback_from"]),
      (\.serviceTierText, ["service_tier", "openai.response.service_tier", "gen_ai.openai.response.service_tier"]),
      (\.region, ["region"]),
      (\.dataResidency, ["data_residency"]),
    ]
  }

  private static var numbers: [(KeyPath<EventFields, Int64>, [String])] {
    [

      (\.latency, ["latency_ms", "duration_ms", "latencyMs", "latency", "duration"]),
      (\.timeToFirstToken, ["ttft_ms", "time_to_first_token_ms"]),
      (\.queueWait, ["queue_ms"]), (\.retryWait, ["retry_wait_ms"]), (\.modelLoad, ["load_ms"]),
      (\.callerCost, ["cost_usd", "cost", "response_cost", "gen_ai.usage.cost", "llm.cost.total"]),
      (\.order, ["order", "turn", "turnId"]),
      (\.maxOutputTokens, ["max_output_tokens", "gen_ai.request.max_tokens"]),
      (\.promptLength, ["prompt_length"]), (\.responseLength, ["response_length"]),
      (\.units.images, ["images"]), (\.units.characters, ["characters"]), (\.units.pages, ["pages"]),
      (\.units.searchUnits, ["search_units"]), (\.units.webSearchRequests, ["web_search_requests"]),
      (\.units.audioSecondsNano, ["audio_seconds"]), (\.units.videoSecondsNano, ["video_seconds"]),
      (
        \.usage.input,
        [
          "input_tokens", "prompt_tokens", "promptTokens", "tokens.prompt", "llm.prompt_tokens",
          "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt",
        ]
      ),
      (
        \.usage.output,
        [
          "output_tokens", "completion_tokens", "completionTokens", "tokens.completion", "llm.completion_tokens",
          "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion",
        ]
      ),
    ]
  }

  @Test func everySpellingOfATextIsRead() throws {
    for (field, names) in Self.texts {
      for name in names {
        let event = try decode(#"{"\#(name)":"seen"\#(name.contains("model") ? "" : #","model":"m""#)}"#)
        #expect(event.text(field) == "seen", "\(name)")
      }
    }
  }

  @Test func everySpellingOfANumberIsRead() throws {
    for (field, names) in Self.numbers {
      for name in names {
        let event = try call(#""\#(name)":3"#)
        #expect(event.fields[keyPath: field] > 0, "\(name)")
      }
    }
  }

  @Test func theFirstOfTheRowWinsInAnyOrder() throws {
    for (field, names) in Self.texts where names.count > 1 {
      for first in 0..<(names.count - 1) {
        let best = #""\#(names[first])":"best""#
        let others = names[(first + 1)...].map { #""\#($0)":"other""# }.joined(separator: ",")
        let model = names[0].contains("model") ? "" : #","model":"m""#
        #expect(try decode("{\(best),\(others)\(model)}").text(field) == "best", "\(names[first])")
        #expect(try decode("{\(others),\(best)\(model)}").text(field) == "best", "\(names[first])")
      }
    }
    for (field, names) in Self.numbers where names.count > 1 {
      for first in 0..<(names.count - 1) {
        let best = #""\#(names[first])":3"#
        let others = names[(first + 1)...].map { #""\#($0)":4"# }.joined(separator: ",")
        let expected = try call(best).fields[keyPath: field]
        #expect(try call("\(best),\(others)").fields[keyPath: field] == expected, "\(names[first])")
        #expect(try call("\(others),\(best)").fields[keyPath: field] == expected, "\(names[first])")
      }
    }
  }

  @Test func partsOfTokensByTheirDottedNames() throws {
    let event = try call(
      #"""
      "gen_ai.usage.input_tokens":100,"gen_ai.usage.output_tokens":50,"gen_ai.usage.cache_read.input_tokens":40,
      "gen_ai.usage.cache_creation.input_tokens":10,"gen_ai.usage.reasoning.output_tokens":20,
      "gen_ai.usage.audio.input_tokens":5
      """#)
    #expect(Exclusive(event.usage) == Exclusive(50, 40, 10, 30, 20))
    #expect(event.usage.audioInput == 5)
    let openInference = try call(
      #"""
      "llm.token_count.prompt":100,"llm.token_count.completion":50,"llm.token_count.prompt_details.cache_read":40,
      "llm.token_count.prompt_details.cache_write":10,"llm.token_count.completion_details.reasoning":20
      """#)
    #expect(Exclusive(openInference.usage) == Exclusive(50, 40, 10, 30, 20))
    let openlit = try call(
      #"""
      "gen_ai.usage.prompt_tokens":100,"gen_ai.usage.completion_tokens":50,
      "gen_ai.usage.prompt_tokens_details.cached_tokens":40,"gen_ai.usage.completion_tokens_details.reasoning_tokens":20
      """#)
    #expect(Exclusive(openlit.usage) == Exclusive(60, 40, 0, 30, 20))
  }

  @Test func secondsAndMilliseconds() throws {
    for name in ["latency_s", "latency_seconds", "duration_s", "duration_seconds", "response_time"] {
      #expect(try call(#""\#(name)":1.5"#).fields.latency == 1_500_000_000)
      #expect(try call(#""\#(name)":1.5,"latency":7"#).fields.latency == 7_000_000)
    }
    #expect(try call(#""gen_ai.response.time_to_first_chunk":0.25"#).fields.timeToFirstToken == 250_000_000)
    #expect(try call(#""metrics":{"latencyMs":12}"#).fields.latency == 12_000_000)
  }

  @Test func costMayBeAnObject() throws {
    #expect(try call(#""cost":{"total_cost":0.5}"#).fields.callerCost == 500_000_000_000)
    #expect(try call(#""cost":{"total":"0.5","input":0.1}"#).fields.callerCost == 500_000_000_000)
    #expect(try call(#""cost":{"total_cost":0.5},"response_cost":2"#).fields.callerCost == 500_000_000_000)
    #expect(try call(#""response_cost":2,"cost":{"x":1}"#).fields.callerCost == 2_000_000_000_000)
    #expect(rejection(#"{"model":"m","cost":[1]}"#) == "bad_field: cost_usd")
  }

  @Test func tokensMayBeAnObject() throws {
    let usage = try call(#""tokens":{"prompt":12,"completion":5}"#).usage
    #expect(usage.input == 12)
    #expect(usage.output == 5)
  }

  @Test func operationsAreFolded() throws {
    for (word, operation) in [
      ("completion", "chat"), ("acompletion", "chat"), ("aresponses", "chat"), ("embedding", "embeddings"),
      ("adecisions", "decisions"),
      ("aembedding", "embeddings"), ("atranscription", "transcription"), ("aimage_generation", "image_generation"),
      ("arerank", "rerank"), ("chat", "chat"), ("my_own", "my_own"),
    ] {
      #expect(try call(#""call_type":"\#(word)""#).text(\.operation) == operation)
    }
  }

  @Test func numbersMayNamePeople() throws {
    let event = try call(#""id":42,"user":7,"session":1.5,"prompt_version":3"#)
    #expect(event.text(\.id) == "42")
    #expect(event.text(\.user) == "7")
    #expect(event.text(\.session) == "1.5")
    #expect(event.text(\.promptVersion) == "3")
  }

  @Test func labelsOfTheConfiguration() throws {
    let decoder = EventDecoder(options: DecoderOptions(labelKeys: ["tenant", "user_api_key_team_alias", "region"]))
    let event = try decode(
      #"""
      {"model":"m","metadata":{"tenant":"from metadata","user_api_key_team_alias":"payments","region":["x"]},
      "labels":{"tenant":"from labels","other":1},"tags":{"region":5}}
      """#, decoder: decoder)
    #expect(event.labels == ["from labels", "payments", "5"])
    #expect(event.text(\.team) == "payments")
    #expect(try decode(#"{"model":"m","tags":["a","b"]}"#, decoder: decoder).labels == ["", "", ""])
    #expect(try decode(#"{"model":"m","labels":{"tenant":true}}"#, decoder: decoder).labels == ["true", "", ""])
    #expect(
      rejection(#"{"model":"m","labels":{"tenant":1,"tenant":2}}"#, decoder: decoder)?.hasPrefix("invalid_json") == true
    )
  }

  @Test func textIsKeptOnlyWhereWanted() throws {
    let line = #"{"model":"m","messages":[{"role":"user"}],"output":"hello","comment":"good"}"#
    let plain = try decode(line)
    #expect(plain.fields.promptText.isEmpty && plain.fields.responseText.isEmpty && plain.fields.comment.isEmpty)
    let captured = try decode(line, decoder: EventDecoder(options: DecoderOptions(captureText: true)))
    #expect(captured.text(\.promptText) == #"[{"role":"user"}]"#)
    #expect(captured.text(\.responseText) == "hello")
    #expect(captured.text(\.comment) == "good")
  }
}
