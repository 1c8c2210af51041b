import Events
import Foundation
import Testing

/// One `json.dumps` of what LiteLLM's callbacks hold is an event.
@Suite struct LiteLLMDumpTests {
  private func dump(_ name: String) throws -> Decoded {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name)")
    return try decode(try String(contentsOf: url, encoding: .utf8))
  }

  @Test func aSuccess() throws {
    let event = try dump("litellm-success.json")
    let fields = event.fields
    #expect(event.text(\.model) == "gpt-4o")
    #expect(event.text(\.requestModel) == "chat-default")
    #expect(event.text(\.provider) == "openai")
    #expect(event.text(\.operation) == "chat")
    #expect(event.text(\.user) == "customer-9")
    #expect(event.text(\.team) == "payments")
    #expect(event.text(\.id) == "chatcmpl-77")
    #expect(event.text(\.traceID) == "0f8c2c1e")
    #expect(fields.status == .success)
    #expect(fields.errorType == nil)
    #expect(fields.callerCost == 7_340_000_000)
    #expect(fields.latency == 8_625_000_000)
    #expect(fields.timeToFirstToken == 1_375_000_000)
    #expect(fields.timestamp == 1_795_251_598_750_000_000)
    #expect(fields.cache == nil)
    #expect(fields.stream == false)
    #expect(Exclusive(event.usage) == Exclusive(810, 1024, 0, 148, 64))
  }

  @Test func aFailure() throws {
    let event = try dump("litellm-failure.json")
    #expect(event.fields.status == .error)
    #expect(event.fields.errorType == .rateLimit)
    #expect(event.usage.shape == .known)
    #expect(event.usage.input == 0)
    #expect(event.fields.callerCost == 0)
    #expect(event.fields.timeToFirstToken == -1)
  }
}
