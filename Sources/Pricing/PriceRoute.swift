/// Where the price of a call is to be found: decided once per (asked model, answering model, provider,
/// region) and kept by the caller, so that pricing an event takes no look-up of names.
/// Valid only for the `PriceBook` that made it.
public struct PriceRoute: Sendable, BitwiseCopyable {
  /// Entry of the answering model, and of the asked one; -1: none.
  public var answered: Int32
  public var asked: Int32
  /// `max_input_tokens` of the entry that prices, or 0.
  public var contextWindow: Int64

  @inlinable public init(answered: Int32 = -1, asked: Int32 = -1, contextWindow: Int64 = 0) {
    self.answered = answered
    self.asked = asked
    self.contextWindow = contextWindow
  }
}

/// What the names of a call mean. Slow (strings): once per route, not per event.
public struct ModelResolution: Sendable {
  /// The label `model`: the asked (else the answering) name after the configuration's aliases.
  public var model: String
  /// The label `provider`: folded to OpenTelemetry's spelling, or derived from the entry of `model`, or "".
  public var provider: String
  public var route: PriceRoute
  /// Neither form of the name matches an entry.
  public var isUnknown: Bool

  public init(model: String, provider: String, route: PriceRoute, isUnknown: Bool) {
    self.model = model
    self.provider = provider
    self.route = route
    self.isUnknown = isUnknown
  }
}
