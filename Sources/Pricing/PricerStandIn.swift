// A stand-in until the pricing module lands: delete this file with it.
public import Events

public final class PriceBook: Sendable {
  public init() {}
  public func baseRates(of entry: Int32) -> [(component: CostComponent, perMillionTokens: Picodollars)] { [] }
}
public struct Pricer: Sendable {
  public private(set) var book: PriceBook
  public init(book: PriceBook) { self.book = book }
  public mutating func replace(_ book: PriceBook) { self.book = book }
  public func alias(_ name: String) -> String { name }
  public mutating func resolve(_ event: borrowing Event, in line: Span<UInt8>) -> ModelResolution {
    ModelResolution(
      model: event.string(event.fields.requestModel.isEmpty ? event.fields.model : event.fields.requestModel, in: line),
      provider: event.string(event.fields.provider, in: line), route: PriceRoute(), isUnknown: true)
  }
  public mutating func cost(of event: borrowing Event, in line: Span<UInt8>, route: PriceRoute, now: Int64) -> CallCost
  {
    CallCost(.unpriced(.unknownModel))
  }
}
