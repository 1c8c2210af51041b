import Events
import Testing

@Suite struct CallTests {
  @Test func aCallAsAnApplicationSendsIt() throws {
    let event = try decode(
      #"""
      {"model":"gpt-4o-2024-08-06","request_model":"gpt-4o","provider":"openai","application":"chat","user":"u1",
      "id":"a-1","latency_ms":812.5,"ttft_ms":120,"ts":"2026-11-21T08:59:59.5Z","stream":true,
      "usage":{"prompt_tokens":10,"completion_tokens":5,"total_tokens":15}}
      """#)
    #expect(event.fields.kind == .call)
    #expect(event.text(\.model) == "gpt-4o-2024-08-06")
    #expect(event.text(\.requestModel) == "gpt-4o")
    #expect(event.text(\.provider) == "openai")
    #expect(event.text(\.application) == "chat")
    #expect(event.text(\.user) == "u1")
    #expect(event.text(\.id) == "a-1")
    #expect(event.fields.latency == 812_500_000)
    #expect(event.fields.timeToFirstToken == 120_000_000)
    #expect(event.fields.timestamp == arrival - 500_000_000)
    #expect(event.fields.stream == true)
    #expect(event.fields.status == .success)
    #expect(event.usage.input == 10)
    #expect(event.usage.output == 5)
  }

  @Test func nothingButAModelIsNeeded() throws {
    let event = try decode(#"{"model":"m"}"#)
    #expect(event.fields.kind == .call)
    #expect(event.usage.shape == .absent)
    #expect(event.fields.latency == -1)
    #expect(event.fields.callerCost == -1)
    #expect(event.fields.weight == 1)
    #expect(event.fields.attempt == 1)
  }
}
