import Events

/// What a call shows that decides who prices it.
struct CallEvidence: BitwiseCopyable {
  /// Token counts that are not all zero.
  var hasTokens: Bool
  var hasUnits: Bool
  /// Nobody stated a cost, the application's cache was not hit, and it did not fail without usage: the table decides.
  var isPlain: Bool

  @inline(__always)
  init(_ event: borrowing Event) {
    let usage = event.fields.usage
    hasTokens = usage.shape == .known && (usage.input > 0 || usage.output > 0)
    let units = event.fields.units
    hasUnits =
      units.images | units.characters | units.pages | units.annotatedPages | units.searchUnits
      | units.webSearchRequests | units.audioSecondsNano | units.videoSecondsNano > 0
    let failedUnused =
      event.fields.status == .error && !hasTokens && !hasUnits && usage.shape != .unknown
    isPlain =
      event.fields.callerCost & event.fields.providerCost < 0 && event.fields.cache != .hit && !failedUnused
  }

  /// The decision table's lines before the table of prices.
  func decide(_ event: borrowing Event, byTable: CallCost) -> CallCost {
    let isHit = event.fields.cache == .hit
    let hasUsage = hasTokens || hasUnits
    let isPricedByTable = byTable.verdict == .priced(.table)
    // A stated 0 is none on a hit of the application's cache, on a call without usage, or beside what the table can
    // price; nor is one of the caller's beside an amount of the provider's.
    let isZeroMeant = !isHit && (hasUsage || event.fields.usage.shape == .unknown) && !isPricedByTable
    if event.fields.callerCost > 0 || (event.fields.callerCost == 0 && isZeroMeant && event.fields.providerCost <= 0) {
      return Self.stated(event.fields.callerCost, .caller, byTable, isComparable: hasUsage)
    }
    let isProvidersZeroMeant = event.fields.providerZeroIsMeant ? !isHit : isZeroMeant
    if event.fields.providerCost > 0 || (event.fields.providerCost == 0 && isProvidersZeroMeant) {
      return Self.stated(event.fields.providerCost, .provider, byTable, isComparable: hasUsage)
    }
    if isHit {
      var cost = CallCost(.priced(.free))
      cost.saved = byTable.total
      return cost
    }
    if event.fields.status == .error, !hasUsage, event.fields.usage.shape != .unknown {
      let hadBegun =
        event.fields.timeToFirstToken >= 0 || event.fields.finishReason != nil || event.fields.errorType == .cancelled
      return CallCost(hadBegun ? .unpriced(.noUsage) : .priced(.free))
    }
    return byTable
  }

  private static func stated(
    _ amount: Int64, _ source: CostSource, _ byTable: CallCost, isComparable: Bool
  ) -> CallCost {
    var cost = CallCost(.priced(source))
    cost.components[Int(CostComponent.reported.rawValue)] = Picodollars(amount)
    if isComparable, byTable.verdict == .priced(.table) {
      cost.stated = Picodollars(amount)
      cost.byTable = byTable.total
    }
    return cost
  }
}
