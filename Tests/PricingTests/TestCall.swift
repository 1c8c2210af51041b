import Events
import Foundation
import Pricing

/// A call made by hand: its texts are laid into a line, as a decoder finds them.
struct TestCall {
  var fields = EventFields()
  var iterations: [(model: String, usage: Usage)] = []
  private var line: [UInt8] = Array(" ".utf8)

  init(_ model: String = "", provider: String = "", asked: String = "") {
    fields.model = text(model)
    fields.provider = text(provider)
    fields.requestModel = text(asked)
  }

  mutating func text(_ value: String) -> Text {
    let start = line.count
    line += Array(value.utf8)
    return Text(offset: start, count: line.count - start)
  }

  /// Input (cached and written tokens included), and output (reasoning included).
  func usage(
    _ input: Int64, _ output: Int64 = 0, cached: Int64 = 0, written: Int64 = 0, written1h: Int64 = 0,
    written12h: Int64 = 0, reasoning: Int64 = 0
  ) -> TestCall {
    var call = self
    call.fields.usage.shape = .known
    call.fields.usage.input = input
    call.fields.usage.output = output
    call.fields.usage.cachedInput = cached
    call.fields.usage.cacheWrite = written
    call.fields.usage.cacheWrite1h = written1h
    call.fields.usage.cacheWrite12h = written12h
    call.fields.usage.reasoning = reasoning
    return call
  }

  func with(_ change: (inout TestCall) -> Void) -> TestCall {
    var call = self
    change(&call)
    return call
  }

  func region(_ name: String) -> TestCall { with { $0.fields.region = $0.text(name) } }
  func residency(_ name: String) -> TestCall { with { $0.fields.dataResidency = $0.text(name) } }
  func geo(_ name: String) -> TestCall { with { $0.fields.inferenceGeo = $0.text(name) } }
  func operation(_ name: String) -> TestCall { with { $0.fields.operation = $0.text(name) } }
  func tier(_ tier: ServiceTier) -> TestCall { with { $0.fields.serviceTier = tier } }
  func at(_ time: String) -> TestCall {
    with {
      $0.fields.timestamp = Int64(ISO8601DateFormatter().date(from: time)?.timeIntervalSince1970 ?? 0) * 1_000_000_000
    }
  }

  func event(_ body: (borrowing Event, [UInt8]) -> Void) {
    var copy = self
    var event = Event()
    for iteration in iterations {
      let model = iteration.model.isEmpty ? Text.absent : copy.text(iteration.model)
      event.iterations.append(Iteration(model: model, usage: iteration.usage))
    }
    event.fields = copy.fields
    body(event, copy.line)
  }

  func resolution(_ book: PriceBook) -> ModelResolution {
    var result: ModelResolution? = nil
    var pricer = Pricer(book: book)
    event { event, line in result = pricer.resolve(event, in: line.span) }
    return result ?? ModelResolution(model: "", provider: "", route: PriceRoute(), isUnknown: true)
  }

  func cost(_ book: PriceBook) -> CallCost {
    var result = CallCost(.unpriced(.unknownModel))
    var pricer = Pricer(book: book)
    event { event, line in
      let route = pricer.resolve(event, in: line.span).route
      result = pricer.cost(of: event, in: line.span, route: route, now: 1_790_000_000_000_000_000)
    }
    return result
  }

  func explanation(_ book: PriceBook) -> PriceExplanation? {
    var result: PriceExplanation? = nil
    var pricer = Pricer(book: book)
    event { event, line in
      result = pricer.explain(event, in: line.span, now: 1_790_000_000_000_000_000)
    }
    return result
  }
}

extension CallCost {
  subscript(_ component: CostComponent) -> Picodollars { components[Int(component.rawValue)] }
  /// What goes in: uncached, cached and written.
  var prompt: Picodollars { self[.input] + self[.cachedInput] + self[.cacheWrite] }
  var completion: Picodollars { self[.output] + self[.reasoning] }
  /// As two exact numbers of dollars.
  var inAndOut: [String] { [Dollars.text(prompt), Dollars.text(completion)] }
}

/// Prices that stay as they are: a piece of LiteLLM's table of November 2026, so that goldens do not move with it.
enum Fixture {
  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Fixtures")
  static let table: [UInt8] = {
    let data = try? Data(contentsOf: directory.appendingPathComponent("prices.json"))
    return data.map { [UInt8]($0) } ?? []
  }()

  static func book(_ overrides: String? = nil, aliases: [String: String] = [:]) throws -> PriceBook {
    var layers = [PriceLayer.table(table, name: "fixture")]
    if let overrides { layers.append(.overrides(Array(overrides.utf8), name: "config")) }
    return try PriceBook(layers: layers, aliases: aliases)
  }

  /// The fixture with more entries, given as the members of an object.
  static func book(with entries: String) throws -> PriceBook {
    try PriceBook(layers: [
      .table(table, name: "fixture"), .table(Array("{\(entries)}".utf8), name: "test"),
    ])
  }
}
