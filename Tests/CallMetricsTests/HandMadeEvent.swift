import Events
import Pricing

@testable import CallMetrics

/// An event put together field by field, with the line that its texts lie in.
struct HandMadeEvent: ~Copyable {
  var event = Event()
  var line: [UInt8] = []

  init(_ kind: EventKind = .call, model: String = "gpt-4o") {
    event.fields.kind = kind
    if !model.isEmpty { set(\.model, model) }
    set(\.application, "shop")
  }

  mutating func set(_ field: WritableKeyPath<EventFields, Text>, _ value: String) { set(field, Array(value.utf8)) }

  mutating func set(_ field: WritableKeyPath<EventFields, Text>, _ bytes: [UInt8]) {
    event.fields[keyPath: field] = Text(offset: line.count, count: bytes.count)
    line += bytes
  }

  mutating func usage(input: Int64, cached: Int64 = 0, written: Int64 = 0, output: Int64, reasoning: Int64 = 0) {
    event.fields.usage.shape = .known
    event.fields.usage.input = input
    event.fields.usage.cachedInput = cached
    event.fields.usage.cacheWrite = written
    event.fields.usage.output = output
    event.fields.usage.reasoning = reasoning
  }

  func record(in registry: Registry, at seconds: Int64 = 1_000) {
    registry.withBatch { state in
      state.received(from: .udp, now: seconds * 1_000_000_000)
      state.record(event, in: line.span, now: seconds * 1_000_000_000)
    }
  }
}

extension PriceBook {
  /// A table of one model with round prices: 2 and 8 dollars for a million tokens, a window of 1,000 tokens.
  static let testBook: PriceBook = {
    let table = """
      {"priced": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 1000,
        "input_cost_per_token": 2e-6, "output_cost_per_token": 8e-6}}
      """
    do {
      return try PriceBook(layers: [.table(Array(table.utf8), name: "test")])
    } catch {
      fatalError("the tests' own table: \(error)")
    }
  }()
}
