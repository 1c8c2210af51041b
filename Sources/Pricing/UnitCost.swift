import Events

/// Exact cost of what is billed and is no token, in 1e-24 dollars: 1e-15 of the rates, times 1e-9 of seconds.
struct UnitCost {
  var request: UInt128 = 0
  var tool: UInt128 = 0
  /// Something that was used has no rate.
  var isMissingRate = false
  /// Something besides tools was charged: what the model itself did is paid for.
  var isCharged = false
  /// Tokens that are not charged beside it.
  var covered: TokenCoverage = []

  /// Of seconds.
  static let nano = 9
  private static let unitsPerPicodollar: UInt128 = 1_000_000_000_000

  func add(to cost: inout CallCost) {
    if request > 0 { cost.components[Int(CostComponent.request.rawValue)] &+= Self.rounded(request) }
    if tool > 0 { cost.components[Int(CostComponent.tool.rawValue)] &+= Self.rounded(tool) }
  }

  private static func rounded(_ sum: UInt128) -> Picodollars {
    CostFactor.halfEven((high: 0, low: sum), unitsPerPicodollar)
  }

  /// Charges `quantity` (in 10^-places of the unit) at a rate. Saturates.
  mutating func charge<Recorder: CostRecorder>(
    _ kind: RateKind, _ quantity: Int64, places: Int = 0, rate: UInt64, _ component: CostComponent,
    _ recorder: inout Recorder
  ) {
    guard quantity > 0 else { return }
    if component != .tool { isCharged = true }
    recorder.unit(kind, quantity, places: places, rate: rate, component)
    let product = UInt128(quantity) * UInt128(rate)
    let (amount, overflow) = product.multipliedReportingOverflow(by: places == Self.nano ? 1 : 1_000_000_000)
    let charged = overflow ? UInt128.max : amount
    if component == .tool { Self.add(charged, to: &tool) } else { Self.add(charged, to: &request) }
  }

  private static func add(_ amount: UInt128, to sum: inout UInt128) {
    let (total, overflow) = sum.addingReportingOverflow(amount)
    sum = overflow ? .max : total
  }
}

/// Charges the units of one call by one entry.
struct UnitPricing {
  let store: PriceEntryStore
  let entry: StoredEntry
  let isBatch: Bool
  /// The call has tokens, and the entry a price for tokens: units that have no price of their own only describe them.
  let isPricedByTokens: Bool
  let outputTokens: Int64

  func rate(_ kind: RateKind) -> UInt64? {
    if isBatch, let own = store.rate(RateKey(kind, .batch), of: entry) { return own }
    return store.rate(RateKey(kind), of: entry)
  }

  func cost<Recorder: CostRecorder>(of units: BilledUnits, _ recorder: inout Recorder) -> UnitCost {
    var cost = UnitCost()
    if let fee = rate(.request) { cost.charge(.request, 1, rate: fee, .request, &recorder) }
    chargeCharacters(units.characters, &cost, &recorder)
    chargeAudio(units.audioSecondsNano, &cost, &recorder)
    chargeImages(units.images, &cost, &recorder)
    chargeVideo(units.videoSecondsNano, &cost, &recorder)
    charge([.page], units.pages, &cost, &recorder)
    if units.annotatedPages > 0 {
      if let rate = rate(.annotatedPage) {
        cost.charge(.annotatedPage, units.annotatedPages, rate: rate, .request, &recorder)
      } else {
        miss(.annotatedPage, units.annotatedPages, &cost, &recorder)
      }
    }
    // A call to a search provider is one query where it does not say how many.
    charge([.query], entry.mode == .search ? max(units.searchUnits, 1) : units.searchUnits, &cost, &recorder)
    chargeWebSearch(units.webSearchRequests, &cost, &recorder)
    if cost.isCharged, !entry.traits.contains(.hasTokenRate) { cost.covered.insert(.all) }
    return cost
  }

  /// Charges at the first of the rates that the entry has.
  /// - Returns: whether it has one.
  @discardableResult
  private func charge<Recorder: CostRecorder>(
    _ kinds: [RateKind], _ quantity: Int64, places: Int = 0, _ cost: inout UnitCost, _ recorder: inout Recorder
  ) -> Bool {
    guard quantity > 0, let first = kinds.first else { return false }
    for kind in kinds {
      if let rate = rate(kind) {
        cost.charge(kind, quantity, places: places, rate: rate, .request, &recorder)
        return true
      }
    }
    if !isPricedByTokens { miss(first, quantity, &cost, &recorder) }
    return false
  }

  private func miss<Recorder: CostRecorder>(
    _ kind: RateKind, _ quantity: Int64, _ cost: inout UnitCost, _ recorder: inout Recorder
  ) {
    cost.isMissingRate = true
    recorder.missing(kind, quantity)
  }

  /// In place of the text's tokens.
  private func chargeCharacters<Recorder: CostRecorder>(
    _ count: Int64, _ cost: inout UnitCost, _ recorder: inout Recorder
  ) {
    if charge([.character], count, &cost, &recorder) { cost.covered.insert(.text) }
  }

  /// A price per second of audio comes before tokens of audio; other prices per second come after tokens of any kind.
  private func chargeAudio<Recorder: CostRecorder>(
    _ seconds: Int64, _ cost: inout UnitCost, _ recorder: inout Recorder
  ) {
    guard seconds > 0 else { return }
    if rate(.audioSecond) != nil {
      charge([.audioSecond], seconds, places: UnitCost.nano, &cost, &recorder)
      cost.covered.insert(.audio)
    } else if !isPricedByTokens {
      let output = rate(.outputSecond) ?? 0
      let kinds: [RateKind] = output > 0 ? [.outputSecond] : [.inputSecond, .second, .outputSecond]
      if charge(kinds, seconds, places: UnitCost.nano, &cost, &recorder) { cost.covered.insert(.all) }
    }
  }

  private func chargeImages<Recorder: CostRecorder>(
    _ count: Int64, _ cost: inout UnitCost, _ recorder: inout Recorder
  ) {
    guard entry.mode == .image else {
      // Images that were shown to the model.
      if rate(.inputImage) != nil || !isPricedByTokens {
        if charge([.inputImage, .outputImage], count, &cost, &recorder) { cost.covered.insert(.image) }
      }
      return
    }
    let pricesOutput =
      outputTokens > 0
      && (store.rate(RateKey(.imageOutput), of: entry) ?? store.rate(RateKey(.output), of: entry) ?? 0) > 0
    if !pricesOutput { charge([.inputImage, .outputImage], count, &cost, &recorder) }
  }

  private func chargeVideo<Recorder: CostRecorder>(
    _ seconds: Int64, _ cost: inout UnitCost, _ recorder: inout Recorder
  ) {
    let made: [RateKind] = [.videoOutputSecond, .outputSecond]
    let kinds: [RateKind] =
      switch entry.mode {
      case .video: made
      // Shown to the model where it has a price for that, else made by it.
      case .unspecified where !isPricedByTokens: [.videoInputSecond] + made + [.inputSecond]
      default: [.videoInputSecond]
      }
    if charge(kinds, seconds, places: UnitCost.nano, &cost, &recorder), entry.mode != .video {
      cost.covered.insert(.video)
    }
  }

  private func chargeWebSearch<Recorder: CostRecorder>(
    _ requests: Int64, _ cost: inout UnitCost, _ recorder: inout Recorder
  ) {
    guard requests > 0 else { return }
    let traits = entry.traits
    // What is priced at all has the known price.
    let known: UInt64? =
      !traits.contains(.hasRates)
      ? nil : traits.contains(.isGemini) ? Self.geminiGrounding : traits.contains(.isXAI) ? Self.xAISearch : nil
    guard let rate = rate(.webSearch) ?? known else { return miss(.webSearch, requests, &cost, &recorder) }
    let isFlat = traits.contains(.isGemini) && !traits.contains(.searchPerQuery)
    cost.charge(.webSearch, isFlat ? 1 : requests, rate: rate, .tool, &recorder)
  }

  /// Where an entry has no price of its own: 35 dollars a thousand grounded prompts, 5 dollars a thousand searches
  /// (https://ai.google.dev/gemini-api/docs/pricing, https://docs.x.ai/developers/pricing).
  private static let geminiGrounding: UInt64 = 35_000_000_000_000
  private static let xAISearch: UInt64 = 5_000_000_000_000
}
