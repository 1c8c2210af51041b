import Events

/// The names of a call, as texts.
struct CallNames {
  var asked: String
  var answering: String
  /// As the call spells it.
  var provider: String
  var regions: [String]

  init(asked: String, answering: String, provider: String, regions: [String]) {
    self.asked = asked
    self.answering = answering
    self.provider = provider
    self.regions = regions
  }

  init(_ event: borrowing Event, in line: Span<UInt8>) {
    asked = event.string(event.fields.requestModel, in: line)
    answering = event.string(event.fields.model, in: line)
    provider = event.string(event.fields.provider, in: line)
    regions = [
      event.string(event.fields.region, in: line), event.string(event.fields.dataResidency, in: line),
    ]
  }

  /// A model that an iteration of the call names.
  init(_ event: borrowing Event, answering model: Text, in line: Span<UInt8>) {
    self.init(event, in: line)
    asked = ""
    answering = event.string(model, in: line)
  }
}

/// One name that was tried on the way to a price, and what came of it.
public struct LookupStep: Equatable, Sendable {
  public enum Outcome: Equatable, Sendable {
    case absent
    /// There, but of this provider.
    case otherProvider(String)
    /// There, without any price.
    case withoutPrice
    case matched
  }

  public var name: String
  public var reason: String
  public var isOverride: Bool
  public var outcome: Outcome
}

extension PriceBook {
  public func resolve(asked: String, answering: String, provider: String) -> ModelResolution {
    resolve(CallNames(asked: asked, answering: answering, provider: provider, regions: []))
  }

  func resolve(_ names: CallNames) -> ModelResolution {
    let asked = aliased(names.asked, provider: names.provider)
    let answering = aliased(names.answering, provider: names.provider)
    let label = asked.name.isEmpty ? answering : asked
    let folded = names.provider.isEmpty ? "" : foldProvider(names.provider)

    // The configuration's own prices first, under either name; then the tables', likewise.
    var trace: [LookupStep]? = nil
    let overrides = [answering, asked].map { find($0, folded, names, overrides: true, &trace) }
    let tables = [answering, asked].map { find($0, folded, names, overrides: false, &trace) }
    let answered = overrides[0] >= 0 ? overrides[0] : overrides[1] >= 0 ? overrides[1] : tables[0]
    let stand = overrides[1] >= 0 ? overrides[1] : tables[1]
    var route = PriceRoute(answered: answered, asked: stand)
    route.contextWindow = maxInputTokens(of: pricing(route))
    return ModelResolution(
      model: label.name, provider: folded.isEmpty ? derivedProvider(label, names) : folded, route: route,
      isUnknown: answered < 0 && stand < 0)
  }

  /// The entry that prices calls of a route, or -1: the answering model's, or where it has no price, the asked one's.
  public func pricing(_ route: PriceRoute) -> Int32 {
    let hasPrice = stored(route.answered)?.traits.contains(.hasRates) ?? false
    if hasPrice { return route.answered }
    if stored(route.asked)?.traits.contains(.hasRates) ?? false { return route.asked }
    return route.answered >= 0 ? route.answered : route.asked
  }

  /// A name, and whether the configuration gave it in place of another.
  struct LookupName {
    var name: String
    var isAlias: Bool
  }

  func aliased(_ name: String, provider: String) -> LookupName {
    let target = aliases.target(of: name, provider: provider)
    return LookupName(name: target ?? name, isAlias: target != nil)
  }

  func find(
    _ name: LookupName, _ provider: String, _ names: CallNames, overrides: Bool, _ trace: inout [LookupStep]?
  ) -> Int32 {
    guard !name.name.isEmpty else { return -1 }
    let found = find(name.name, provider, names.provider, names.regions, overrides: overrides, &trace)
    // Who sets an alias has said which price it is, whoever serves the model.
    if found < 0, name.isAlias, !provider.isEmpty {
      return find(name.name, "", "", names.regions, overrides: overrides, &trace)
    }
    return found
  }

  /// The first candidate that has a price and belongs to the provider; else the first that is there at all.
  private func find(
    _ model: String, _ provider: String, _ spelled: String, _ regions: [String], overrides: Bool,
    _ trace: inout [LookupStep]?
  ) -> Int32 {
    let candidates = ModelNameCandidates(
      model: model, provider: provider, spelledProvider: spelled, regions: regions)
    var withoutPrice: Int32 = -1
    for candidate in candidates.list {
      var step = LookupStep(
        name: candidate.name, reason: candidate.reason, isOverride: overrides, outcome: .absent)
      var stranger: String? = nil
      let place = store.find(candidate.name) { entry in
        guard entry.traits.contains(.isOverride) == overrides else { return false }
        let owner = store.foldedProvider(of: entry)
        if provider.isEmpty || ProviderNames.match(call: provider, entry: owner) { return true }
        stranger = owner
        return false
      }
      if let place {
        let hasPrice = store.entries[place].traits.contains(.hasRates)
        step.outcome = hasPrice ? .matched : .withoutPrice
        trace?.append(step)
        if hasPrice { return Int32(place) }
        if withoutPrice < 0 { withoutPrice = Int32(place) }
      } else {
        if let stranger { step.outcome = .otherProvider(stranger) }
        trace?.append(step)
      }
    }
    return withoutPrice
  }

  /// Of the name in the label only, so that a call's success and its failure agree.
  private func derivedProvider(_ label: LookupName, _ names: CallNames) -> String {
    var trace: [LookupStep]? = nil
    for overrides in [true, false] {
      let provider = provider(of: find(label, "", names, overrides: overrides, &trace))
      if !provider.isEmpty { return provider }
    }
    return ""
  }
}
