import Events
import Testing

@Suite struct KindTests {
  @Test func theKindIsAWord() throws {
    #expect(try decode(#"{"event":"call","model":"m"}"#).fields.kind == .call)
    #expect(try decode(#"{"event":"start","request_model":"m","id":"1"}"#).fields.kind == .start)
    #expect(try decode(#"{"event":"flush","id":"42"}"#).text(\.id) == "42")
    #expect(try decode(#"{"event":"flush","id":42}"#).fields.kind == .flush)
    #expect(try decode(#"{"event":null,"model":"m"}"#).fields.kind == .call)
  }

  @Test func typeIsAnotherNameOnlyForAKind() throws {
    #expect(try decode(#"{"type":"flush","id":"1"}"#).fields.kind == .flush)
    #expect(try decode(#"{"type":"message","model":"m"}"#).fields.kind == .call)
    #expect(try decode(#"{"type":"feedback","event":"call","model":"m"}"#).fields.kind == .call)
    #expect(try decode(#"{"type":7,"model":"m"}"#).fields.kind == .call)
  }

  @Test func feedbackIsARatingOrAScale() throws {
    func rating(_ members: String) throws -> Rating? { try decode(#"{"event":"feedback",\#(members)}"#).fields.rating }
    #expect(try rating(#""rating":"positive""#) == .positive)
    #expect(try rating(#""rating":"neutral","score":1,"max":5"#) == .neutral)
    #expect(try rating(#""score":4,"max":10"#) == .negative)
    #expect(try rating(#""score":4.1,"max":10"#) == .neutral)
    #expect(try rating(#""score":7.999,"max":10"#) == .neutral)
    #expect(try rating(#""score":8,"max":10"#) == .positive)
    #expect(try rating(#""score":0,"max":1"#) == .negative)
    // Stars: 1…5 unless a minimum says otherwise.
    #expect(try rating(#""score":2,"max":5"#) == .negative)
    #expect(try rating(#""score":3,"max":5"#) == .neutral)
    #expect(try rating(#""score":4,"max":5"#) == .neutral)
    #expect(try rating(#""score":5,"max":5"#) == .positive)
    #expect(try rating(#""score":4,"max":5,"min":0"#) == .positive)
    #expect(try rating(#""score":0,"max":1,"min":-1"#) == .neutral)
  }

  @Test func feedbackNamesAFault() throws {
    func category(_ word: String) throws -> FaultCategory {
      try decode(#"{"event":"feedback","rating":"negative","category":\#(word)}"#).fields.category
    }
    #expect(try category(#""factual""#) == .factual)
    #expect(try category(#""off_topic""#) == .offTopic)
    #expect(try category(#""rude""#) == .other)
    #expect(try category("null") == .none)
    let event = try decode(#"{"event":"feedback","rating":"positive","id":"a","trace_id":"t","user":"u","model":"m"}"#)
    #expect(event.text(\.id) == "a")
    #expect(event.text(\.user) == "u")
    #expect(event.text(\.model) == "m")
  }

  @Test func scoresAreScaled() throws {
    func score(_ members: String) throws -> Int64 {
      try decode(#"{"event":"score","name":"relevance","evaluator":"model",\#(members)}"#).fields.scoreNano
    }
    #expect(try score(#""score":0.85"#) == 850_000_000)
    #expect(try score(#""value":"0.85""#) == 850_000_000)
    #expect(try score(#""score":1,"value":0"#) == 1_000_000_000)
    #expect(try score(#""score":4,"max":5"#) == 750_000_000)
    #expect(try score(#""score":4,"min":0,"max":5"#) == 800_000_000)
    #expect(try score(#""score":7,"max":10"#) == 700_000_000)
    #expect(try score(#""score":1,"max":3"#) == 333_333_333)
    #expect(try score(#""score":2,"max":3"#) == 666_666_667)
    #expect(try score(#""score":-0.5,"min":-1,"max":1"#) == 250_000_000)
    let event = try decode(#"{"event":"score","name":"tone","score":1,"evaluator":"expert","category":"bias"}"#)
    #expect(event.text(\.name) == "tone")
    #expect(event.fields.evaluator == .expert)
    #expect(event.fields.category == .bias)
  }

  @Test func gaugesAreAClosedList() throws {
    let depth = try decode(#"{"event":"gauge","name":"queue_depth","queue":"batch","value":17,"application":"a"}"#)
    #expect(depth.fields.gauge == .queueDepth)
    #expect(depth.fields.gaugeValue == 17)
    #expect(depth.text(\.gaugeLabel) == "batch")
    #expect(depth.text(\.application) == "a")
    let limit = try decode(
      #"{"event":"gauge","name":"llm_ratelimit_remaining","labels":{"kind":"tokens"},"model":"m","value":"1.5e3"}"#)
    #expect(limit.fields.gauge == .ratelimitRemaining)
    #expect(limit.fields.gaugeValue == 1500)
    #expect(limit.text(\.gaugeLabel) == "tokens")
    #expect(
      try decode(#"{"event":"gauge","name":"gpu_memory_used_bytes","device":0,"value":8e9}"#).text(\.gaugeLabel) == "0")
    #expect(
      try decode(#"{"event":"gauge","name":"memory_used_bytes","process":"p","value":1}"#).text(\.gaugeLabel) == "p")
  }

  @Test func attemptsAndWeights() throws {
    #expect(try call(#""attempt":3"#).fields.attempt == 3)
    #expect(try call(#""retry":0"#).fields.attempt == 1)
    #expect(try call(#""retry":2"#).fields.attempt == 3)
    #expect(try call(#""retry":true"#).fields.attempt == 2)
    #expect(try call(#""retry":"true""#).fields.attempt == 2)
    #expect(try call(#""retry":"false""#).fields.attempt == 1)
    #expect(try call(#""retry":"3""#).fields.attempt == 4)
    #expect(try call(#""retry":false"#).fields.attempt == 1)
    #expect(try call(#""retry":5,"attempt":2"#).fields.attempt == 2)
    #expect(try call(#""weight":20"#).fields.weight == 20)
    #expect(try call(#""sample_rate":0.05"#).fields.weight == 20)
    #expect(try call(#""sample_rate":"0.25""#).fields.weight == 4)
    #expect(try call(#""sample_rate":1"#).fields.weight == 1)
    #expect(try call(#""sample_rate":0.0001"#).fields.weight == 10_000)
    #expect(try call(#""sample_rate":0.3333333333333333"#).fields.weight == 3)
    #expect(try call(#""sample_rate":0.5,"weight":7"#).fields.weight == 7)
  }

  @Test func theApplicationsOwnCache() throws {
    #expect(try call(#""cache":"hit""#).fields.cache == .hit)
    #expect(try call(#""cache":"miss""#).fields.cache == .miss)
    #expect(try call(#""cache_hit":true"#).fields.cache == .hit)
    #expect(try call(#""cache_hit":false"#).fields.cache == .miss)
    #expect(try call(#""cache_hit":null"#).fields.cache == nil)
    #expect(try call(#""cache":"bypass""#).fields.cache == nil)
    #expect(try call(#""cache":"miss","cache_hit":true"#).fields.cache == .miss)
  }

  @Test func flagsAndTiers() throws {
    #expect(try call(#""stream":true"#).fields.stream == true)
    #expect(try call(#""stream":"false""#).fields.stream == false)
    #expect(try call(#""gen_ai.request.stream":1"#).fields.stream == true)
    #expect(try call(#""batch":true"#).fields.batch)
    #expect(try call(#""service_tier":"flex""#).fields.serviceTier == .flex)
    #expect(try call(#""serviceTier":{"type":"priority"}"#).fields.serviceTier == .priority)
    #expect(try call(#""service_tier":"fast""#).fields.serviceTier == .priority)
    #expect(try call(#""service_tier":"default""#).fields.serviceTier == .standard)
    #expect(try call(#""service_tier":"whatever""#).fields.serviceTier == .unspecified)
    #expect(try call("\"x\":1").fields.serviceTier == .unspecified)
    #expect(try call(#""usage":{"input_tokens":1,"service_tier":"batch"}"#).fields.serviceTier == .batch)
    #expect(
      try call(#""usage":{"input_tokens":1,"service_tier":"batch"},"service_tier":"flex""#).fields.serviceTier == .flex)
    #expect(
      try call(#""usage":{"input_tokens":1,"service_tier":"batch"},"service_tier":"default""#).fields.serviceTier
        == .standard)
    // What was asked for gives way to what was served.
    for asked in ["auto", "scale", "standard_only", "whatever"] {
      let usage = #""usage":{"input_tokens":1,"service_tier":"batch"},"service_tier":"\#(asked)""#
      #expect(try call(usage).fields.serviceTier == .batch)
    }
    #expect(
      try call(#""usage":{"promptTokenCount":1,"trafficType":"ON_DEMAND_PRIORITY"}"#).fields.serviceTier == .priority)
    #expect(try call(#""temperature":0.7,"top_p":1"#).fields.temperature == 0.7)
  }
}
