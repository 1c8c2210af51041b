// Nanoseconds of CPU per decoded event: `Tests/Benchmarks/decode-bench/run.sh [ROUNDS [LINE]]`, LINE being the
// number of one of the lines below (to count instructions of: valgrind --tool=callgrind).
import Glibc

@main struct DecodeBench {
  static let lines: [(name: String, json: String)] = [
    ("minimal", #"{"model":"gpt-4o"}"#),
    (
      "OpenAI, 250 bytes",
      #"{"model":"gpt-4o-2024-08-06","provider":"openai","application":"checkout","id":"c1f0","latency_ms":1234,"#
        + #""ttft_ms":210,"usage":{"prompt_tokens":1834,"completion_tokens":212,"total_tokens":2046,"#
        + #""prompt_tokens_details":{"cached_tokens":1024}},"status":"success"}"#
    ),
    (
      "Anthropic",
      #"{"model":"claude-sonnet-4-5-20250929","provider":"anthropic","application":"support","user":"u-1042","#
        + #""latency_ms":4821.7,"stop_reason":"end_turn","usage":{"input_tokens":312,"cache_creation_input_tokens":1200,"#
        + #""cache_read_input_tokens":40960,"cache_creation":{"ephemeral_5m_input_tokens":1200,"#
        + #""ephemeral_1h_input_tokens":0},"output_tokens":640,"service_tier":"standard"}}"#
    ),
    (
      "LiteLLM dump, 2 KB",
      #"{"id":"chatcmpl-9f3b2","trace_id":"7be1f0a2-3a52-4e0e-9d5c-77c8a7b0e2d1","litellm_call_id":"0c1e7","#
        + #""call_type":"acompletion","stream":false,"response_cost":0.00734,"status":"success","#
        + #""custom_llm_provider":"openai","total_tokens":2046,"prompt_tokens":1834,"completion_tokens":212,"#
        + #""startTime":1795251590.125,"endTime":1795251598.75,"completionStartTime":1795251591.5,"#
        + #""response_time":8.625,"model_map_information":{"model_map_key":"gpt-4o","model_map_value":{"key":"gpt-4o","#
        + #""max_tokens":16384,"input_cost_per_token":2.5e-06,"output_cost_per_token":1e-05}},"model":"gpt-4o","#
        + #""model_id":"b2c3","model_group":"gpt-4o","api_base":"https://api.openai.com/v1","#
        + #""metadata":{"user_api_key_hash":"88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b","#
        + #""user_api_key_alias":"checkout-prod","user_api_key_team_id":"t-17","user_api_key_team_alias":"payments","#
        + #""user_api_key_user_id":"svc-checkout","spend_logs_metadata":null,"requester_ip_address":"10.1.2.3","#
        + #""usage_object":{"prompt_tokens":1834,"completion_tokens":212,"total_tokens":2046,"#
        + #""prompt_tokens_details":{"cached_tokens":1024,"audio_tokens":0},"completion_tokens_details":"#
        + #"{"reasoning_tokens":64,"audio_tokens":0}}},"cache_hit":null,"cache_key":null,"saved_cache_cost":0.0,"#
        + #""request_tags":["prod","eu"],"end_user":"u-1042","requester_ip_address":"10.1.2.3","#
        + #""messages":[{"role":"system","content":"You are a careful assistant.\nAnswer in one sentence."},"#
        + #"{"role":"user","content":"Summarise the following order so that a human agent can act on it at once: "#
        + #"3 items, one of them out of stock, the customer asked for express delivery and paid by card."}],"#
        + #""response":{"id":"chatcmpl-9f3b2","choices":[{"index":0,"finish_reason":"stop","message":{"role":"#
        + #""assistant","content":"Express order of three items; one is out of stock, so call the customer."}}]},"#
        + #""error_str":null,"error_information":{"error_code":"","error_class":"","llm_provider":"","#
        + #""error_message":""},"model_parameters":{"temperature":0.2,"max_tokens":512},"hidden_params":{"#
        + #""model_id":"b2c3","cache_key":null,"response_cost":0.00734,"litellm_overhead_time_ms":4.1}}"#
    ),
  ]

  static func main() throws {
    let rounds = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 10_000 : 10_000
    let windows = 200
    let only = CommandLine.arguments.count > 2 ? Int(CommandLine.arguments[2]) : nil
    let decoder = EventDecoder()
    var event = Event()
    for (i, (name, json)) in lines.enumerated() where only == nil || only == i {
      let line = Array(json.utf8)
      var best = Double.infinity
      // Short windows: the best of them had the core for itself.
      for _ in 0..<windows {
        let start = nanoseconds()
        for _ in 0..<rounds { try decoder.decode(line.span, into: &event, now: 1_795_251_600_000_000_000) }
        best = min(best, Double(nanoseconds() - start) / Double(rounds))
      }
      print("\(name) (\(line.count) bytes): \(Int(best.rounded())) ns")
    }
  }

  private static func nanoseconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}
