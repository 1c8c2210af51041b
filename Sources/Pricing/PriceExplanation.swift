public import Events

/// One thing that was charged, or could not be.
public struct PriceStep: Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    /// `quantity` × `rate` = `amount`.
    case charge
    /// All tokens from the last entry on are multiplied by `rate`.
    case factor
    /// Used, and without a rate: `quantity` of it is not in the cost.
    case missing
  }

  public var kind: Kind
  /// Name of the entry in the table.
  public var entry: String
  public var component: CostComponent
  /// The entry's key that the rate came from, as LiteLLM writes it.
  public var key: String
  /// Batch calls cost half of this rate.
  public var isHalved: Bool
  public var quantity: String
  /// Dollars for one, or a factor: exact decimal text.
  public var rate: String
  /// Dollars before factors and rounding: exact decimal text.
  public var amount: String
}

/// How a call's cost came about.
public struct PriceExplanation: Sendable {
  public var resolution: ModelResolution
  public var steps: [PriceStep]
  public var cost: CallCost

  /// For a terminal.
  public var text: String {
    var lines: [String] = ["model     \(resolution.model)", "provider  \(resolution.provider)"]
    var entry = ""
    for step in steps {
      if step.entry != entry {
        entry = step.entry
        lines.append("entry     \(entry)")
      }
      lines.append("  " + step.line)
    }
    for component in CostComponent.allCases {
      let amount = cost.components[Int(component.rawValue)]
      if amount != 0 { lines.append("\(Self.pad(component.label))  $\(Dollars.text(amount))") }
    }
    lines.append("\(Self.pad("total"))  $\(Dollars.text(cost.total))")
    switch cost.verdict {
    case .priced(let source): lines.append("\(Self.pad("priced"))  \(source.label)")
    case .unpriced(let reason): lines.append("\(Self.pad("unpriced"))  \(reason.label)")
    }
    if cost.stated >= 0 {
      lines.append("\(Self.pad("by table"))  $\(Dollars.text(cost.byTable))")
    }
    if cost.saved != 0 { lines.append("\(Self.pad("saved"))  $\(Dollars.text(cost.saved))") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func pad(_ label: String) -> String {
    label + String(repeating: " ", count: max(0, 12 - label.utf8.count))
  }
}

extension PriceStep {
  var line: String {
    switch kind {
    case .charge: "\(quantity) × $\(rate)\(isHalved ? " ÷ 2" : "") = $\(amount)  \(component.label)  \(key)"
    case .factor: "× \(rate)  \(key)"
    case .missing: "\(quantity) without a rate  \(key)"
    }
  }
}

/// Which entry a name means, and how that was found.
public struct ModelLookup: Sendable {
  public var resolution: ModelResolution
  /// The entry that prices, if there is one.
  public var entry: PriceEntry?
  /// The names tried, in order; for each name of the configuration's own prices first, then in the tables.
  public var steps: [LookupStep]

  public var text: String {
    var lines = steps.map { step in
      "\(step.outcome.mark) \(step.name)\(step.isOverride ? " (configuration)" : "")  \(step.reason)\(step.outcome.note)"
    }
    if let entry {
      lines.append("priced by \(entry.name)\(entry.provider.isEmpty ? "" : " of \(entry.provider)")")
      lines += entry.rates.map { "  \($0.key)  \($0.dollars)" }
      if entry.maxInputTokens > 0 { lines.append("  max_input_tokens  \(entry.maxInputTokens)") }
    } else {
      lines.append("no entry: unpriced")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension LookupStep.Outcome {
  fileprivate var mark: String { self == .matched ? "+" : "-" }
  fileprivate var note: String {
    switch self {
    case .absent: ": not there"
    case .otherProvider(let provider): ": there, of \(provider)"
    case .withoutPrice: ": there, without a price"
    case .matched: ""
    }
  }
}

extension PriceBook {
  /// Looks a model up as a call that names it would be.
  public func lookup(model: String, provider: String = "", region: String = "") -> ModelLookup {
    let names = CallNames(asked: "", answering: model, provider: provider, regions: [region])
    let resolution = resolve(names)
    var trace: [LookupStep]? = []
    let name = aliased(model, provider: provider)
    if name.isAlias {
      trace?.append(LookupStep(name: model, reason: "an alias of \(name.name)", isOverride: true, outcome: .absent))
    }
    let folded = provider.isEmpty ? "" : foldProvider(provider)
    if find(name, folded, names, overrides: true, &trace) < 0 {
      _ = find(name, folded, names, overrides: false, &trace)
    }
    let place = pricing(resolution.route)
    let steps = (trace ?? []).filter { !$0.isOverride || $0.outcome != .absent }
    return ModelLookup(resolution: resolution, entry: place >= 0 ? entry(place) : nil, steps: steps)
  }

  /// What a million tokens cost, of those components that the entry has a rate for: in a short prompt, in a tier.
  public func baseRates(
    of entry: Int32, tier: ServiceTier = .unspecified, batch: Bool = false
  ) -> [(component: CostComponent, perMillionTokens: Picodollars)] {
    guard let stored = stored(entry) else { return [] }
    var request = CardCase(tier: batch ? .batch : PriceTier(tier))
    if stored.rangeCount > 0, store.rate(RateKey(.input), of: stored) == nil { request.range = 1 }
    let card = RateCardMaker(store: store, entry: stored).card(for: request)
    let classes: [(CostComponent, TokenClass)] = [
      (.input, .input), (.cachedInput, .cacheRead), (.cacheWrite, .cacheWrite), (.output, .output),
      (.reasoning, .reasoning),
    ]
    // A million tokens at 5e-19 dollars each, in 1e-12 dollars.
    return classes.filter { !card[$0.1].isMissing }.map { ($0.0, Picodollars(card[$0.1].value) / 2) }
  }
}

extension PriceTier {
  @inline(__always)
  init(_ tier: ServiceTier) {
    switch tier {
    case .unspecified, .standard: self = .base
    case .flex: self = .flex
    case .priority: self = .priority
    case .batch: self = .batch
    case .balanced: self = .balanced
    case .ultrafast: self = .ultrafast
    }
  }
}

extension Pricer {
  /// The price of a call with each step to it: the same computation as `cost`, listened to.
  public mutating func explain(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) -> PriceExplanation {
    let resolution = resolve(event, in: line)
    var recorder = StepRecorder(book: book)
    let cost = cost(of: event, in: line, route: resolution.route, now: now, &recorder)
    return PriceExplanation(resolution: resolution, steps: recorder.steps, cost: cost)
  }
}

/// Writes the steps of a price down.
struct StepRecorder: CostRecorder {
  let book: PriceBook
  var steps: [PriceStep] = []
  private var entry: Int32 = -1

  init(book: PriceBook) { self.book = book }

  mutating func entry(_ place: Int32, case: CardCase) { entry = place }

  mutating func tokens(_ kind: TokenClass, _ count: Int64, _ rate: CardRate, _ component: CostComponent) {
    let key = RateKey(packed: rate.source)
    let stored = book.stored(entry).flatMap { book.store.rate(key, of: $0) } ?? 0
    let isHalved = Int64(clamping: stored) == rate.value && rate.value > 0
    // 5e-19 dollars are 5 in 1e-19.
    let amount = Int128(count) * Int128(rate.value) * 5
    add(
      .charge, component, book.store.keyName(key), "\(count)",
      rate: FixedPoint.text(Int128(stored), scale: 18), amount: FixedPoint.text(amount, scale: 19), isHalved)
  }

  mutating func unit(_ kind: RateKind, _ quantity: Int64, places: Int, rate: UInt64, _ component: CostComponent) {
    let (amount, overflow) = Int128(quantity).multipliedReportingOverflow(by: Int128(rate))
    add(
      .charge, component, book.store.keyName(RateKey(kind)), FixedPoint.text(Int128(quantity), scale: places),
      rate: FixedPoint.text(Int128(rate), scale: 15),
      amount: FixedPoint.text(overflow ? .max : amount, scale: 15 + places))
  }

  mutating func factor(_ key: RateKey, _ value: UInt64) {
    add(
      .factor, .input, book.store.keyName(key), "", rate: FixedPoint.text(Int128(value), scale: 6), amount: "")
  }

  mutating func missing(_ kind: RateKind, _ quantity: Int64) {
    add(.missing, .input, book.store.keyName(RateKey(kind)), "\(quantity)", rate: "", amount: "")
  }

  private mutating func add(
    _ kind: PriceStep.Kind, _ component: CostComponent, _ key: String, _ quantity: String, rate: String,
    amount: String, _ isHalved: Bool = false
  ) {
    steps.append(
      PriceStep(
        kind: kind, entry: book.name(of: entry), component: component, key: key, isHalved: isHalved,
        quantity: quantity, rate: rate, amount: amount))
  }
}
