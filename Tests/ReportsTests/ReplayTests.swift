import CallMetrics
import CivilTime
import Events
import Foundation
import Pipeline
import Pricing
import Reports
import Storage
import Testing

/// Sent to another daemon, calls count as they did here.
@Suite struct Replay {
  static let now = Exchange.now

  /// What the calls of a log cost and hold, and what those of its replay do.
  static func expectTheSame(_ lines: [String], weight: Int64? = nil) throws {
    let log = try LoggedCalls(now: now)
    for line in lines { log.send([line]) }
    let source = try log.finish()
    let other = try LoggedCalls(now: now)
    try source.replay(Exchange.query()) { line, _ in other.send(line.split(separator: "\n").map(String.init)) }
    let replayed = try other.finish()
    for by in [[Dimension.attribute(.model), .errorType], [.user], [.attribute(.serviceTier), .attribute(.region)]] {
      var query = Exchange.query()
      query.by = by
      #expect(try replayed.cost(query) == source.cost(query))
      #expect(try replayed.usage(query) == source.usage(query))
      #expect(try replayed.errors(query) == source.errors(query))
    }
    #expect(try details(replayed) == details(source))
  }

  /// All that is written of each call but its key, which tells calls of one microsecond apart.
  private static func details(_ source: CallSource) throws -> [String] {
    var text = ""
    try source.export(Exchange.query(), as: .ndjson) { text += $0 }
    return try text.split(separator: "\n").map { line in
      var object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      var log = try #require(object["log"] as? [String: Any])
      log["key"] = nil
      object["log"] = log
      return String(decoding: try JSONSerialization.data(withJSONObject: object, options: .sortedKeys), as: UTF8.self)
    }.sorted()
  }

  @Test func ofOrdinaryTraffic() throws {
    var random = CallLogTruth.Random(state: 31)
    try Self.expectTheSame((0..<500).map { _ in CallLogTruth.line(&random) })
  }

  @Test(arguments: [
    #""model":"gpt-4o","batch":true,"usage":{"prompt_tokens":1000,"completion_tokens":10}"#,
    #""model":"gpt-4o","service_tier":"priority","usage":{"prompt_tokens":1000,"completion_tokens":10}"#,
    #""model":"whisper-1","operation":"transcription","audio_seconds":600.25"#,
    #""model":"tts-1","operation":"speech","characters":1234"#,
    #""model":"dall-e-3","operation":"image_generation","images":3"#,
    #""model":"rerank-v3.5","operation":"rerank","search_units":2"#,
    #""model":"mistral-ocr-latest","operation":"ocr","usage":{"pages_processed":7,"pages_processed_annotation":2}"#,
    """
    "model":"claude-sonnet-4-5-20250929","usage":{"input_tokens":50,"output_tokens":503,
    "cache_read_input_tokens":100000,"cache_creation_input_tokens":1500,
    "cache_creation":{"ephemeral_5m_input_tokens":500,"ephemeral_1h_input_tokens":1000},
    "server_tool_use":{"web_search_requests":3}}
    """,
    """
    "model":"claude-opus-4-8","usage":{"input_tokens":50,"output_tokens":503,"inference_geo":"us","speed":"fast"}
    """,
    """
    "model":"claude-sonnet-4-5-20250929","usage":{"input_tokens":100,"output_tokens":50,"iterations":[
    {"type":"compaction","input_tokens":180000,"output_tokens":3500,"cache_creation_input_tokens":20,
    "cache_creation":{"ephemeral_1h_input_tokens":20}},
    {"type":"message","model":"claude-haiku-4-5-20251001","input_tokens":100,"output_tokens":50}]}
    """,
    """
    "model":"gpt-4o-mini-realtime-preview","usage":{"total_tokens":253,"input_tokens":132,"output_tokens":121,
    "input_token_details":{"text_tokens":119,"audio_tokens":13,"cached_tokens":64,
    "cached_tokens_details":{"text_tokens":60,"audio_tokens":4}},
    "output_token_details":{"text_tokens":30,"audio_tokens":91}}
    """,
    #""model":"gpt-4o","data_residency":"eu","usage":{"prompt_tokens":1000,"completion_tokens":10}"#,
    #""model":"gpt-4o","region":"eu","cost_usd":0.25,"usage":{"prompt_tokens":1000,"completion_tokens":10}"#,
    #""model":"x/free","provider":"openrouter","usage":{"prompt_tokens":10,"completion_tokens":10,"cost":0}"#,
    #""model":"sonar","usage":{"prompt_tokens":10,"completion_tokens":10,"cost":{"total_cost":0.006}}"#,
    #""model":"gpt-4o","usage":{"somebody":"else's"}"#,
    """
    "model":"gpt-4o","stream":true,"queue_ms":12.5,"retry_wait_ms":900,"load_ms":3,"order":4,"max_output_tokens":512,
    "temperature":0.7,"top_p":0.95,"prompt_length":900,"response_length":90,"response_hash":"rü","span_id":"s1"
    """,
  ])
  func ofACallWithWhatFewCallsHave(fields: String) throws {
    let line = fields.split(separator: "\n").joined()
    try Self.expectTheSame([#"{"ts":1795250000.5,"id":"one",\#(line)}"#])
  }

  /// One of each shape of usage that providers have.
  @Test func ofEveryShapeOfUsage() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "EventsTests/Fixtures/usage-shapes.jsonl")
    let samples = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
    let models = ["gpt-4o", "claude-sonnet-4-5-20250929", "gemini-2.5-pro"]
    var lines: [String] = []
    for (i, sample) in samples.enumerated() {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(sample.utf8)) as? [String: Any])
      let usage = try JSONSerialization.data(withJSONObject: try #require(object["usage"]))
      lines.append(
        #"{"ts":\#(1_795_250_000 + i),"model":"\#(models[i % 3])","usage":\#(String(decoding: usage, as: UTF8.self))}"#)
    }
    try Self.expectTheSame(lines)
  }

  /// A row of a thinned flood stands for more calls than an event may.
  @Test func ofARowOfManyCalls() throws {
    var policy = CallLogPolicy(mode: .sampled(oneOf: 8))
    policy.maxRowsPerSecond = 1
    let log = try LoggedCalls(now: Self.now, policy: policy)
    log.send((0..<64).map { #"{"model":"gpt-4o","weight":10000,"id":"x\#($0)","cost_usd":1}"# })
    let source = try log.finish()
    let other = try LoggedCalls(now: Self.now)
    var lines: Set<Substring> = []
    try source.replay(Exchange.query()) { text, _ in
      for line in text.split(separator: "\n") { #expect(lines.insert(line).inserted, "none is taken for a resend") }
      other.send(text.split(separator: "\n").map(String.init))
    }
    #expect(try other.finish().cost(Exchange.query()) == source.cost(Exchange.query()))
  }
}
