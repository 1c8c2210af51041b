import Events
import Testing

/// One line for each way an event is turned away.
@Suite struct RejectTests {
  @Test(arguments: [
    ("{}", "missing_field: model"),
    (#"{"usage":{"prompt_tokens":1}}"#, "missing_field: model"),
    (#"{"model":null}"#, "missing_field: model"),
    (#"{"model":"","request_model":""}"#, "missing_field: model"),
    (#"{"event":"start","model":"m"}"#, "missing_field: id"),
    (#"{"event":"start","id":"1"}"#, "missing_field: model"),
    (#"{"event":"flush"}"#, "missing_field: id"),
    (#"{"event":"feedback"}"#, "missing_field: rating"),
    (#"{"event":"feedback","rating":"meh"}"#, "missing_field: rating"),
    (#"{"event":"feedback","score":3}"#, "missing_field: max"),
    (#"{"event":"score","score":1,"evaluator":"user"}"#, "missing_field: name"),
    (#"{"event":"score","name":"n","evaluator":"user"}"#, "missing_field: score"),
    (#"{"event":"score","name":"n","score":1}"#, "missing_field: evaluator"),
    (#"{"event":"gauge","value":1}"#, "missing_field: name"),
    (#"{"event":"gauge","name":"queue_depth"}"#, "missing_field: value"),
  ])
  func missingField(_ line: String, _ expected: String) { #expect(rejection(line) == expected, "\(line)") }

  @Test(arguments: [
    (#"{"model":{"name":"m"}}"#, "model"), (#"{"model":true}"#, "model"), (#"{"model":["m"]}"#, "model"),
    (#"{"model":4}"#, "model"), (#"{"model":"m","request_model":{}}"#, "request_model"),
    (#"{"model":"m","id":{}}"#, "id"), (#"{"model":"m","id":true}"#, "id"),
    (#"{"model":"m","trace_id":[]}"#, "trace_id"),
    (#"{"event":5,"model":"m"}"#, "event"),
    (#"{"model":"m","latency_ms":-1}"#, "latency_ms"), (#"{"model":"m","latency_ms":"fast"}"#, "latency_ms"),
    (#"{"model":"m","latency_s":604801}"#, "latency_s"), (#"{"model":"m","ttft_ms":{}}"#, "ttft_ms"),
    (#"{"model":"m","cost_usd":-0.01}"#, "cost_usd"), (#"{"model":"m","cost":1000001}"#, "cost_usd"),
    (#"{"model":"m","cost":"NaN"}"#, "cost_usd"), (#"{"model":"m","cost":1e400}"#, "cost_usd"),
    (#"{"model":"m","sample_rate":0}"#, "sample_rate"), (#"{"model":"m","sample_rate":0.3}"#, "sample_rate"),
    (#"{"model":"m","sample_rate":2}"#, "sample_rate"), (#"{"model":"m","sample_rate":0.00001}"#, "sample_rate"),
    (#"{"model":"m","weight":1.5}"#, "weight"), (#"{"model":"m","attempt":-1}"#, "attempt"),
    (#"{"model":"m","http_status":1000}"#, "http_status"), (#"{"model":"m","retry":"often"}"#, "retry"),
    (#"{"model":"m","images":-1}"#, "images"), (#"{"model":"m","audio_seconds":"long"}"#, "audio_seconds"),
    (#"{"model":"m","usage":{"prompt_tokens":-1}}"#, "prompt_tokens"),
    (#"{"model":"m","usage":{"prompt_tokens":1.5}}"#, "prompt_tokens"),
    (#"{"model":"m","usage":{"prompt_tokens":"many"}}"#, "prompt_tokens"),
    (#"{"model":"m","usage":{"prompt_tokens":true}}"#, "prompt_tokens"),
    (#"{"model":"m","usage":{"input_tokens":1099511627777}}"#, "input_tokens"),
    (#"{"model":"m","usage":{"input_tokens":1099511627776,"cache_read_input_tokens":1}}"#, "usage"),
    (#"{"model":"m","usage":{"prompt_tokens":1,"cost":-1}}"#, "usage.cost"),
    (#"{"event":"score","name":"n","score":1.1,"evaluator":"user"}"#, "score"),
    (#"{"event":"score","name":"n","score":-0.1,"evaluator":"user"}"#, "score"),
    (#"{"event":"score","name":"n","score":3,"min":5,"max":5,"evaluator":"user"}"#, "max"),
    (#"{"event":"feedback","score":6,"max":5}"#, "score"),
    (#"{"event":"gauge","name":"cpu","value":1}"#, "name"),
    (#"{"event":"gauge","name":"queue_depth","value":-1}"#, "value"),
    (#"{"event":"gauge","name":"queue_depth","value":1e400}"#, "value"),
  ])
  func badField(_ line: String, _ field: String) { #expect(rejection(line) == "bad_field: \(field)", "\(line)") }

  @Test func unknownEvent() {
    #expect(rejection(#"{"event":"calls","model":"m"}"#) == "unknown_event: event")
    #expect(rejection(#"{"event":"Call","model":"m"}"#) == "unknown_event: event")
  }

  @Test func whatIsNoJSONIsThatFirst() {
    #expect(rejection(#"{"event":"nope","latency_ms":-1,"#)?.hasPrefix("invalid_json") == true)
  }

  @Test func whatIsNotNeededNeverRejects() throws {
    for members in [
      #""user":{"name":"u"}"#, #""application":true"#, #""team":[1]"#, #""provider":{}"#, #""operation":7"#,
      #""labels":"x""#,
      #""metadata":[1]"#, #""tags":["a"]"#, #""stream":"maybe""#, #""cache":{}"#, #""finish_reason":7"#,
      #""status":{}"#,
      #""usage":"none""#, #""usage":[]"#, #""error":[]"#, #""batch":"x""#, #""service_tier":4"#, #""tokens":5"#,
    ] {
      #expect(rejection(#"{"model":"m",\#(members)}"#) == nil, "\(members)")
    }
  }

  /// Lists of what is billed by number, as answers that are sent whole have them; what only the log would show.
  @Test(arguments: [
    #""images":[{"url":"x"}]"#, #""pages":[{"index":0,"markdown":"x"}]"#, #""characters":{}"#, #""audio_seconds":[]"#,
    #""max_output_tokens":"inf""#, #""max_output_tokens":-1"#, #""temperature":"default""#, #""top_p":{}"#,
    #""turnId":"turn_abc""#, #""prompt_length":"long""#, #""response_length":1.5"#, #""status_code":-1"#,
  ])
  func whatIsNoNumberThereIsAbsent(_ member: String) throws {
    let fields = try call(member).fields
    #expect(fields.units == BilledUnits())
    #expect(
      (fields.maxOutputTokens, fields.order, fields.promptLength, fields.responseLength, fields.httpStatus)
        == (-1, -1, -1, -1, -1))
    #expect(fields.temperature.isNaN && fields.topP.isNaN)
  }

  @Test func detailsCompareByContent() {
    #expect(Reject(.badField, at: 1, "id") == Reject(.badField, at: 1, "id"))
    #expect(Reject(.badField, at: 1, "id") != Reject(.badField, at: 1, "it"))
    #expect(Reject(.badField, at: 1, "id") != Reject(.badField, at: 2, "id"))
  }
}
