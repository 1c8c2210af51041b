/// Classes of tokens that have a rate of their own: the first kinds of `RateKind`, in its order.
typealias TokenClass = RateKind

/// The rates of one entry for one case (tier, batch, length of the prompt, time of day), all rules applied: what is
/// left for a call is to multiply.
struct RateCard: BitwiseCopyable {
  /// By `TokenClass`, in 5e-19 dollars (half of the unit of stored rates, so that half a price is exact); -1: no rate.
  var rates: [16 of Int64] = .init(repeating: -1)
  /// By `TokenClass`: the key that each rate was taken from, to explain it.
  var sources: [16 of UInt16] = .init(repeating: RateKey.none.packed)

  /// 1e-12 dollars in the unit of `rates`.
  static let unitsPerPicodollar: UInt64 = 2_000_000

  subscript(_ kind: TokenClass) -> CardRate {
    get { CardRate(value: rates[Int(kind.rawValue)], source: sources[Int(kind.rawValue)]) }
    set {
      rates[Int(kind.rawValue)] = newValue.value
      sources[Int(kind.rawValue)] = newValue.source
    }
  }
}

/// A rate and the key it came from.
struct CardRate: BitwiseCopyable {
  var value: Int64
  var source: UInt16

  static let missing = CardRate(value: -1, source: RateKey.none.packed)
  var isMissing: Bool { value < 0 }
  func or(_ other: CardRate) -> CardRate { isMissing ? other : self }
  /// Exact: what is halved is a whole number of stored units.
  var half: CardRate { isMissing ? self : CardRate(value: value / 2, source: source) }
}

/// Which of an entry's cards prices a request.
struct CardCase: Equatable, BitwiseCopyable {
  var tier = PriceTier.base
  var isOffPeak = false
  /// Place in `tiered_pricing`, from 1; 0: none applies.
  var range: UInt8 = 0
  /// Bit i: the prompt has crossed `thresholds[i]`.
  var crossed: UInt64 = 0
}

/// Works a card out of an entry's rates.
struct RateCardMaker {
  let store: PriceEntryStore
  let entry: StoredEntry

  func card(for request: CardCase) -> RateCard {
    if isUnknown(request.tier) { return RateCard() }
    if request.tier == .batch { return batchCard(request) }
    let ranged = request.range > 0 ? rangedCard(step: Int(request.range), request) : nil
    return ranged ?? standardCard(request)
  }

  /// A tier that has prices of its own today, and of which a former price says nothing: neither was right then.
  private func isUnknown(_ tier: PriceTier) -> Bool {
    guard tier != .base, entry.traits.contains(.isFormer), entry.historyStart > 0 else { return false }
    return has(tier, store.entries[Int(entry.historyStart) - 1]) && !has(tier, entry)
  }

  private func has(_ tier: PriceTier, _ entry: StoredEntry) -> Bool {
    store.rates(of: entry).contains { i in
      let key = RateKey(packed: store.rateKeys[i])
      return key.tier == tier && key.kind?.isToken == true
    }
  }

  private func rate(_ kind: RateKind, _ tier: PriceTier = .base, step: Int = 0) -> CardRate {
    let key = RateKey(kind, tier, step: step)
    guard let value = store.rate(key, of: entry) else { return .missing }
    return CardRate(value: Int64(clamping: value) &* 2, source: key.packed)
  }

  /// The tier's own rate, or else the standard one.
  private func rate(_ kind: RateKind, orBaseOf tier: PriceTier) -> CardRate {
    tier == .base ? rate(kind) : rate(kind, tier).or(rate(kind))
  }

  /// Crossed thresholds, the lowest first: each that has a rate overrides those below.
  private func crossedSteps(_ crossed: UInt64) -> [Int] {
    store.thresholds.indices.dropFirst().filter { crossed >> UInt64($0) & 1 == 1 }
      .sorted { store.thresholds[$0] < store.thresholds[$1] }
  }

  private func standardCard(_ request: CardCase) -> RateCard {
    let tier = request.tier
    var input = rate(.input, orBaseOf: tier)
    var output = rate(.output, orBaseOf: tier)
    // A model that makes images only: all of its output is at the image rate.
    if output.value <= 0 { output = rate(.imageOutput).or(output) }
    var read = rate(.cacheRead, orBaseOf: tier)
    if entry.traits.contains(.halvesCachedInput) { read = read.or(rate(.input).half) }
    var write = rate(.cacheWrite, orBaseOf: tier)
    var write1h = rate(.cacheWrite1h, orBaseOf: tier)
    var write12h = rate(.cacheWrite12h, orBaseOf: tier)
    for step in crossedSteps(request.crossed) {
      func above(_ kind: RateKind) -> CardRate {
        tier == .base ? rate(kind, step: step) : rate(kind, tier, step: step).or(rate(kind, step: step))
      }
      input = above(.input).or(input)
      output = above(.output).or(output)
      read = above(.cacheRead).or(read)
      write = above(.cacheWrite).or(write)
      write1h = above(.cacheWrite1h).or(write1h)
      write12h = above(.cacheWrite12h).or(write12h)
    }
    let offPeak = request.isOffPeak
    if offPeak {
      input = rate(.input, .offPeak).or(input)
      output = rate(.output, .offPeak).or(output)
      read = rate(.cacheRead, .offPeak).or(read)
      write = rate(.cacheWrite, .offPeak).or(write)
    }
    var card = RateCard()
    card[.input] = input
    card[.output] = output
    card[.cacheRead] = read.or(input)
    card[.cacheWrite] = write.or(input)
    card[.cacheWrite1h] = write1h.or(card[.cacheWrite])
    card[.cacheWrite12h] = write12h.or(card[.cacheWrite])
    card[.reasoning] = reasoning(request, output: output)
    addModalities(to: &card, tier: tier)
    return card
  }

  /// The tier's own price of reasoning; where the tier has a price of output, that; else the standard price.
  private func reasoning(_ request: CardCase, output: CardRate) -> CardRate {
    if request.isOffPeak {
      let own = rate(.reasoning, .offPeak)
      if !own.isMissing { return own }
    }
    if request.tier != .base {
      let own = rate(.reasoning, request.tier)
      if !own.isMissing { return own }
      if !rate(.output, request.tier).isMissing { return output }
    }
    return rate(.reasoning).or(output)
  }

  /// Audio, images and video have rates of their own, or are tokens like others.
  private func addModalities(to card: inout RateCard, tier: PriceTier) {
    for kind in [RateKind.audioInput, .imageInput, .videoInput] {
      card[kind] = rate(kind, orBaseOf: tier).or(card[.input])
    }
    for kind in [RateKind.audioOutput, .imageOutput, .videoOutput] { card[kind] = rate(kind).or(card[.output]) }
    card[.cachedAudio] = rate(.cachedAudio, orBaseOf: tier).or(card[.cacheRead])
    card[.cachedImage] =
      entry.mode == .image ? rate(.cachedImage, orBaseOf: tier).or(card[.cacheRead]) : card[.cacheRead]
    card[.citation] = rate(.citation)
  }

  /// `tiered_pricing`: all tokens of the request at the rates of one range, which know no other tiers.
  private func rangedCard(step: Int, _ request: CardCase) -> RateCard? {
    var input = rate(.input, .ranged, step: step)
    guard !input.isMissing else { return nil }
    var output = rate(.output, .ranged, step: step).or(rate(.output))
    let standardInput = input
    var read = rate(.cacheRead, .ranged, step: step).or(standardInput)
    var write = rate(.cacheWrite, .ranged, step: step).or(standardInput)
    var reasoning = rate(.reasoning, .ranged, step: step)
    if reasoning.isMissing {
      reasoning = rate(.output, .ranged, step: step).isMissing ? rate(.reasoning).or(output) : output
    }
    if request.isOffPeak {
      input = rate(.input, .offPeak).or(input)
      output = rate(.output, .offPeak).or(output)
      read = rate(.cacheRead, .offPeak).or(read)
      write = rate(.cacheWrite, .offPeak).or(write)
      reasoning = rate(.reasoning, .offPeak).or(reasoning)
    }
    var card = RateCard()
    card[.input] = input
    card[.output] = output
    card[.cacheRead] = read
    card[.cacheWrite] = write
    card[.cacheWrite1h] = rate(.cacheWrite1h, .ranged, step: step).or(write)
    card[.cacheWrite12h] = rate(.cacheWrite12h, .ranged, step: step).or(write)
    card[.reasoning] = reasoning
    addModalities(to: &card, tier: .base)
    return card
  }

  /// Where the entry has a batch price of input, cached tokens without one are at that price; where it has none,
  /// everything is half of what it costs at once. Output likewise, by itself.
  private func batchCard(_ request: CardCase) -> RateCard {
    var standardCase = request
    standardCase.tier = .base
    let standard = card(for: standardCase)
    let steps = crossedSteps(request.crossed)
    func batch(_ kind: RateKind) -> CardRate {
      for step in steps.reversed() {
        let above = rate(kind, .batch, step: step)
        if !above.isMissing { return above }
      }
      return rate(kind, .batch)
    }
    var card = RateCard()
    for kind in RateKind.allCases.prefix(RateKind.tokenClassCount) { card[kind] = standard[kind].half }
    let input = batch(.input)
    if !input.isMissing {
      card[.input] = input
      card[.cacheRead] = batch(.cacheRead).or(input)
      card[.cacheWrite] = batch(.cacheWrite).or(input)
      card[.cacheWrite1h] = batch(.cacheWrite1h).or(card[.cacheWrite])
      card[.cacheWrite12h] = batch(.cacheWrite12h).or(card[.cacheWrite])
      for kind in [RateKind.audioInput, .imageInput, .videoInput] {
        card[kind] = batch(kind).or(rate(kind).half).or(input)
      }
      card[.cachedAudio] = batch(.cachedAudio).or(card[.cacheRead])
      card[.cachedImage] = card[.cacheRead]
    }
    let output = batch(.output)
    if !output.isMissing {
      card[.output] = output
      card[.reasoning] = batch(.reasoning).or(output)
    }
    for kind in [RateKind.audioOutput, .imageOutput, .videoOutput] {
      card[kind] = batch(kind).or(rate(kind).half).or(card[.output])
    }
    return card
  }
}
