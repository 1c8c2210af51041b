import Events
import Testing

/// What usage objects say beside the five numbers of `RecordedUsageTests`.
@Suite struct UsageTests {
  @Test func lifetimesOfCacheWrites() throws {
    let anthropic = try usage(
      #"{"input_tokens":1,"cache_creation_input_tokens":30,"cache_creation":{"ephemeral_5m_input_tokens":10,"ephemeral_1h_input_tokens":20},"output_tokens":1}"#
    )
    #expect(anthropic.cacheWrite == 30)
    #expect(anthropic.cacheWrite1h == 20)
    let openai = try usage(
      #"{"input_tokens":100,"input_tokens_details":{"cache_write_tokens":90,"cache_write_tokens_details":{"ttl_30m_tokens":40,"ttl_12h_tokens":50}}}"#
    )
    #expect(openai.cacheWrite == 90)
    #expect(openai.cacheWrite12h == 50)
    let bedrock = try usage(
      #"{"inputTokens":1,"cacheWriteInputTokens":9,"cacheDetails":[{"ttl":"5m","inputTokens":4},{"ttl":"1h","inputTokens":5}]}"#
    )
    #expect(bedrock.cacheWrite1h == 5)
  }

  @Test func modalities() throws {
    let realtime = try usage(
      #"""
      {"input_tokens":132,"output_tokens":121,"input_token_details":{"text_tokens":119,"audio_tokens":13,"cached_tokens":64,
      "cached_tokens_details":{"text_tokens":60,"audio_tokens":4}},"output_token_details":{"text_tokens":30,"audio_tokens":91}}
      """#)
    #expect(realtime.audioInput == 13)
    #expect(realtime.cachedAudio == 4)
    #expect(realtime.audioOutput == 91)
    let gemini = try usage(
      #"""
      {"promptTokenCount":600,"candidatesTokenCount":1290,"cachedContentTokenCount":100,
      "promptTokensDetails":[{"modality":"TEXT","tokenCount":42},{"modality":"IMAGE","tokenCount":258},{"modality":"VIDEO","tokenCount":300}],
      "cacheTokensDetails":[{"modality":"IMAGE","tokenCount":100}],"candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]}
      """#)
    #expect(gemini.imageInput == 258)
    #expect(gemini.videoInput == 300)
    #expect(gemini.cachedImage == 100)
    #expect(gemini.imageOutput == 1290)
    let live = try usage(
      #"{"total_input_tokens":50,"total_output_tokens":5,"input_tokens_by_modality":[{"modality":"audio","tokens":40}]}"#
    )
    #expect(live.audioInput == 40)
  }

  @Test func iterationsStandForTheWhole() throws {
    let event = try call(
      #"""
      "usage":{"input_tokens":5,"output_tokens":6,"server_tool_use":{"web_search_requests":3},"service_tier":"priority",
      "iterations":[{"type":"message","model":"other","input_tokens":10,"cache_read_input_tokens":20,"output_tokens":1},
      {"type":"compaction","input_tokens":30,"output_tokens":2}]}
      """#)
    #expect(event.iterations.count == 2)
    #expect(event.string(event.iterations[0].model) == "other")
    #expect(event.iterations[0].usage.input == 30)
    #expect(event.iterations[0].usage.cachedInput == 20)
    #expect(event.iterations[1].model.isEmpty)
    #expect(event.usage.input == 60)
    #expect(event.usage.cachedInput == 20)
    #expect(event.usage.output == 3)
    #expect(event.fields.units.webSearchRequests == 3)
    #expect(event.fields.serviceTier == .priority)
    let empty = try call(#""usage":{"input_tokens":5,"output_tokens":6,"iterations":[]}"#)
    #expect(empty.iterations.isEmpty)
    #expect(empty.usage.input == 5)
  }

  @Test func iterationsAreBounded() throws {
    func line(_ count: Int) -> String {
      let list = Array(repeating: #"{"input_tokens":1}"#, count: count).joined(separator: ",")
      return #"{"model":"m","usage":{"input_tokens":1,"iterations":[\#(list)]}}"#
    }
    #expect(try decode(line(1024)).usage.input == 1024)
    #expect(rejection(line(1025)) == "bad_field: iterations")
  }

  @Test func providersStateMoney() throws {
    func cost(_ object: String) throws -> Int64 { try call(#""usage":\#(object)"#).fields.providerCost }
    #expect(try cost(#"{"prompt_tokens":1,"cost":0.95}"#) == 950_000_000_000)
    #expect(try cost(#"{"prompt_tokens":1,"cost":"0.95"}"#) == 950_000_000_000)
    #expect(try cost(#"{"prompt_tokens":1,"cost":{"request_cost":0.006,"total_cost":0.0071}}"#) == 7_100_000_000)
    #expect(try cost(#"{"prompt_tokens":1,"cost_in_usd_ticks":5120000}"#) == 512_000_000)
    #expect(
      try cost(#"{"prompt_tokens":1,"cost":0.05,"is_byok":true,"cost_details":{"upstream_inference_cost":1}}"#)
        == 1_050_000_000_000)
    #expect(
      try cost(#"{"prompt_tokens":1,"cost":0.05,"is_byok":false,"cost_details":{"upstream_inference_cost":1}}"#)
        == 50_000_000_000)
    #expect(try cost(#"{"prompt_tokens":1}"#) == -1)
    #expect(try call(#""usage":{"prompt_tokens":1,"cost":0,"is_byok":false}"#).fields.providerZeroIsMeant)
    #expect(try call(#""provider":"openrouter","usage":{"prompt_tokens":1,"cost":0}"#).fields.providerZeroIsMeant)
    #expect(try !call(#""usage":{"prompt_tokens":1,"cost":0}"#).fields.providerZeroIsMeant)
    #expect(try !call(#""usage":{"prompt_tokens":1,"cost":0,"is_byok":true}"#).fields.providerZeroIsMeant)
    #expect(try call(#""cost_usd":2,"usage":{"prompt_tokens":1,"cost":1}"#).fields.callerCost == 2_000_000_000_000)
  }

  @Test func whatIsBilledByNumber() throws {
    func units(_ members: String) throws -> BilledUnits { try call(members).fields.units }
    #expect(
      try units(#""usage":{"input_tokens":1,"server_tool_use":{"web_search_requests":2}}"#).webSearchRequests == 2)
    #expect(try units(#""usage":{"prompt_tokens":1,"num_search_queries":4}"#).webSearchRequests == 4)
    #expect(
      try units(#""usage":{"prompt_tokens":1,"server_side_tool_usage_details":{"web_search_calls":5}}"#)
        .webSearchRequests == 5)
    #expect(
      try units(
        #""usage":{"total_input_tokens":1,"grounding_tool_count":[{"type":"google_search","count":3},{"type":"maps","count":1}]}"#
      ).webSearchRequests == 4)
    #expect(try units(#""tool_usage":{"web_search":{"num_requests":6}}"#).webSearchRequests == 6)
    #expect(try units(#""usage":{"type":"duration","seconds":9.5}"#).audioSecondsNano == 9_500_000_000)
    #expect(try units(#""type":"duration","seconds":9"#).audioSecondsNano == 9_000_000_000)
    #expect(try units(#""usage":{"prompt_tokens":1,"prompt_audio_seconds":3}"#).audioSecondsNano == 3_000_000_000)
    #expect(try units(#""usage":{"pages_processed":7,"pages_processed_annotation":2}"#).annotatedPages == 2)
    #expect(try units(#""usage":{"pages_processed":7}"#).pages == 7)
    #expect(try units(#""meta":{"billed_units":{"search_units":1}}"#).searchUnits == 1)
    #expect(
      try units(#""usage":{"prompt_tokens":1,"prompt_tokens_details":{"character_count":50,"image_count":2}}"#)
        .characters == 50)
    #expect(try units(#""images":4,"usage":{"billed_units":{"images":9}}"#).images == 4)
    #expect(try usage(#"{"prompt_tokens":1,"citation_tokens":900}"#).citationTokens == 900)
  }

  @Test func waitingAndPlace() throws {
    #expect(try call(#""usage":{"prompt_tokens":1,"queue_time":0.037}"#).fields.queueWait == 37_000_000)
    #expect(try call(#""queue_ms":5,"usage":{"prompt_tokens":1,"queue_time":0.037}"#).fields.queueWait == 5_000_000)
    let fields = try call(#""usage":{"input_tokens":1,"inference_geo":"us","speed":"fast"}"#)
    #expect(fields.text(\.inferenceGeo) == "us")
    #expect(fields.fields.fastSpeed)
    #expect(try !call(#""usage":{"input_tokens":1,"speed":"standard"}"#).fields.fastSpeed)
  }

  @Test func answersDumpedWhole() throws {
    let ollama = try decode(
      #"""
      {"model":"llama3.2","created_at":"2026-11-21T08:00:00Z","response":"hi","done":true,"total_duration":4935886791,
      "load_duration":534986708,"prompt_eval_count":26,"prompt_eval_duration":107345000,"eval_count":237}
      """#)
    #expect(Exclusive(ollama.usage) == Exclusive(26, 0, 0, 237, 0))
    #expect(ollama.fields.latency == 4_935_886_791)
    #expect(ollama.fields.modelLoad == 534_986_708)
    let cohere = try decode(
      #"{"model":"command","meta":{"api_version":{},"billed_units":{"input_tokens":9,"output_tokens":4},"tokens":{"input_tokens":70}}}"#
    )
    #expect(Exclusive(cohere.usage) == Exclusive(9, 0, 0, 4, 0))
    let spread = try call(#""prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":60}"#)
    #expect(Exclusive(spread.usage) == Exclusive(40, 60, 0, 5, 0))
  }

  @Test func anAnswerOfMistralOCR() throws {
    let event = try call(
      #""pages":[{"index":0,"markdown":"x"}],"usage_info":{"pages_processed":29,"doc_size_bytes":null}"#)
    #expect(event.fields.units.pages == 29)
    #expect(event.usage.shape == .known)
  }

  /// What comes in the event itself is read as a whole.
  @Test func flatShapes() throws {
    let titan = try call(#""inputTextTokenCount":1000,"results":[{"tokenCount":700,"outputText":"x"}]"#)
    #expect(Exclusive(titan.usage) == Exclusive(1000, 0, 0, 700, 0))
    let interactions = try call(#""total_input_tokens":100,"total_output_tokens":20,"total_cached_tokens":30"#)
    #expect(Exclusive(interactions.usage) == Exclusive(70, 30, 0, 20, 0))
  }

  /// DeepSeek says what its cache gave in a key of its own, which other details only repeat.
  @Test(arguments: [
    (#""prompt_cache_hit_tokens":64,"prompt_tokens_details":{"cached_tokens":0}"#, 64),
    (#""prompt_cache_hit_tokens":64,"prompt_tokens_details":{"cached_tokens":64}"#, 64),
    (#""prompt_cache_hit_tokens":64"#, 64), (#""prompt_cache_hit_tokens":0,"cached_tokens":7"#, 7),
  ])
  func cacheHits(_ members: String, _ cached: Int64) throws {
    #expect(try usage(#"{"prompt_tokens":100,\#(members)}"#).cachedInput == cached)
    #expect(try call(#""prompt_tokens":100,\#(members)"#).usage.cachedInput == cached)
  }

  @Test(arguments: ["input_cost", "inputCost", "output_cost", "outputCost", "total_cost"])
  func moneyAmongLangfusesTokensIsNoCount(_ name: String) throws {
    let usage = try usage(#"{"input":100,"output":50,"total":150,"unit":"TOKENS","\#(name)":0.001}"#)
    #expect(Exclusive(usage) == Exclusive(100, 0, 0, 50, 0))
  }

  @Test func flatCounts() throws {
    let own = try call(
      #""input_tokens":100,"output_tokens":50,"cached_input_tokens":40,"cache_write_tokens":10,"reasoning_tokens":20"#)
    #expect(Exclusive(own.usage) == Exclusive(50, 40, 10, 30, 20))
    let anthropic = try call(
      #""input_tokens":100,"output_tokens":50,"cache_read_input_tokens":400,"cache_creation_input_tokens":30"#)
    #expect(Exclusive(anthropic.usage) == Exclusive(100, 400, 30, 50, 0))
    let inside = try call(#""prompt_tokens":500,"completion_tokens":50,"cache_read_input_tokens":400"#)
    #expect(Exclusive(inside.usage) == Exclusive(100, 400, 0, 50, 0))
    #expect(try call(#""x":1"#).usage.shape == .absent)
  }

  @Test func otherPlacesOfTheObject() throws {
    for name in ["usage_metadata", "usageMetadata", "usage_details"] {
      #expect(try call(#""\#(name)":{"input_tokens":7,"output_tokens":1}"#).usage.input == 7)
      #expect(try call(#""\#(name)":{"input_tokens":7},"usage":{"prompt_tokens":9}"#).usage.input == 9)
      #expect(try call(#""\#(name)":{"input_tokens":7},"prompt_tokens":9"#).usage.input == 7)
    }
    #expect(try call(#""x_groq":{"usage":{"prompt_tokens":3}}"#).usage.input == 3)
    #expect(try call(#""x_groq":{"id":"req_1"}"#).usage.shape == .absent)
    #expect(try usage(#"{"x_groq":{"id":"req_1"},"prompt_tokens":4}"#).input == 4)
    #expect(try call(#""usage":null,"usage_metadata":{"input_tokens":7}"#).usage.input == 7)
    #expect(try call(#""usage":{},"prompt_tokens":9"#).usage.input == 9)
  }

  @Test func unknownIsNotNothing() throws {
    #expect(try usage(#"{"units":5}"#).shape == .unknown)
    #expect(try usage(#"{"service_tier":"default"}"#).shape == .unknown)
    #expect(try usage("{}").shape == .absent)
    #expect(try usage(#"{"prompt_tokens":null,"completion_tokens":null}"#).shape == .absent)
    #expect(try usage(#"{"prompt_tokens":0,"completion_tokens":0}"#).shape == .known)
    #expect(try call(#""usage":{"units":5},"prompt_tokens":9"#).usage.input == 9)
  }

  @Test func theImpossibleIsClamped() throws {
    func suspicion(_ object: String) throws -> [String] {
      let usage = try usage(object)
      return UsageSuspicion.allCases.filter { usage.suspicions >> $0.rawValue & 1 == 1 }.map(\.label)
    }
    let cached = try usage(#"{"prompt_tokens":10,"completion_tokens":1,"prompt_tokens_details":{"cached_tokens":50}}"#)
    #expect(Exclusive(cached) == Exclusive(0, 10, 0, 1, 0))
    #expect(
      try suspicion(#"{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":50}}"#) == ["cached_exceeds_input"])
    #expect(
      try suspicion(#"{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":6,"cache_write_tokens":6}}"#) == [
        "cached_exceeds_input"
      ])
    let reasoning = try usage(
      #"{"prompt_tokens":1,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":9}}"#)
    #expect(reasoning.reasoning == 5)
    #expect(
      try suspicion(#"{"prompt_tokens":1,"completion_tokens":5,"completion_tokens_details":{"reasoning_tokens":9}}"#)
        == ["parts_exceed_output"])
    #expect(try suspicion(#"{"prompt_tokens":5,"prompt_tokens_details":{"audio_tokens":9}}"#) == ["parts_exceed_input"])
    #expect(try suspicion(#"{"prompt_tokens":5,"completion_tokens":5,"total_tokens":11}"#) == ["total_mismatch"])
    #expect(try suspicion(#"{"prompt_tokens":5,"completion_tokens":5,"total_tokens":10}"#) == [])
  }
}
