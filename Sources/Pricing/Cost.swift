public import Events

/// Money: 1e-12 US dollars. An Int128 holds 1.7e26 dollars of it.
public typealias Picodollars = Int128

/// What a part of a call's cost was paid for. Raw values index counters and stored state: add at the end.
@frozen public enum CostComponent: UInt8, ClosedSet, BitwiseCopyable {
  case input, cachedInput, cacheWrite, output, reasoning
  /// Web search and other hosted tools.
  case tool
  /// Per query, page, image, second or character.
  case request
  /// Only a sum was given, by the caller or the provider.
  case reported

  public var label: String {
    switch self {
    case .input: "input"
    case .cachedInput: "cached_input"
    case .cacheWrite: "cache_write"
    case .output: "output"
    case .reasoning: "reasoning"
    case .tool: "tool"
    case .request: "request"
    case .reported: "reported"
    }
  }
}

/// Who said what a call cost.
@frozen public enum CostSource: UInt8, ClosedSet, BitwiseCopyable {
  case caller, provider, table, free

  public var label: String {
    switch self {
    case .caller: "caller"
    case .provider: "provider"
    case .table: "table"
    case .free: "free"
    }
  }
}

/// Why a call's cost is unknown (or known in part only: `noRate`).
@frozen public enum UnpricedReason: UInt8, ClosedSet, BitwiseCopyable {
  case unknownModel, noRate, noUsage, unknownUsage

  public var label: String {
    switch self {
    case .unknownModel: "unknown_model"
    case .noRate: "no_rate"
    case .noUsage: "no_usage"
    case .unknownUsage: "unknown_usage"
    }
  }
}

/// What one call cost. Rounded half-even once per component, so each is off by at most 5e-13 dollars.
public struct CallCost: Sendable, BitwiseCopyable {
  public enum Verdict: Equatable, Sendable, BitwiseCopyable {
    case priced(CostSource)
    case unpriced(UnpricedReason)
  }

  public var verdict: Verdict
  /// By `CostComponent.rawValue`, for one call (not multiplied by the event's weight).
  public var components: [8 of Picodollars]
  /// What the table would have charged for a hit of the application's own cache.
  public var saved: Picodollars
  /// Where both are known: what was stated, and what the table says. -1 where they can't be compared.
  public var stated: Picodollars
  public var byTable: Picodollars

  @inlinable public init(_ verdict: Verdict) {
    self.verdict = verdict
    components = .init(repeating: 0)
    saved = 0
    stated = -1
    byTable = -1
  }

  public var total: Picodollars {
    var sum: Picodollars = 0
    for i in components.indices { sum += components[i] }
    return sum
  }
}
