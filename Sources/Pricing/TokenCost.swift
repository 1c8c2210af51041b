import Events

/// What is billed apart, and so not as tokens.
struct TokenCoverage: OptionSet, BitwiseCopyable {
  var rawValue: UInt8
  static let text = TokenCoverage(rawValue: 1)
  static let audio = TokenCoverage(rawValue: 2)
  static let image = TokenCoverage(rawValue: 4)
  static let video = TokenCoverage(rawValue: 8)
  static let all = TokenCoverage(rawValue: 16)
}

/// Exact cost of the tokens of one request, by component, in the unit of `RateCard.rates`.
struct TokenCost: BitwiseCopyable {
  var input: UInt128 = 0
  var cachedInput: UInt128 = 0
  var cacheWrite: UInt128 = 0
  var output: UInt128 = 0
  var reasoning: UInt128 = 0
  /// A class that was used has no rate.
  var isMissingRate = false

  /// Counts are at most 2^40 and rates below 2^61, so products and their sums stay far below 2^128.
  @inline(__always)
  init<Recorder: CostRecorder>(
    _ usage: borrowing Usage, _ card: borrowing RateCard, covered: TokenCoverage, _ recorder: inout Recorder
  ) {
    // The parts lie inside the whole; where they overlap or exceed it, cached counts first, then the modalities.
    let total = max(usage.input, 0)
    let cached = Self.clamp(usage.cachedInput, total)
    let written = Self.clamp(usage.cacheWrite, total &- cached)
    var rest = total &- cached &- written
    var sum: UInt128 = 0
    if usage.audioInput | usage.imageInput | usage.videoInput != 0 {
      let audio = Self.clamp(usage.audioInput &- usage.cachedAudio, rest)
      rest &-= audio
      let image = Self.clamp(usage.imageInput &- usage.cachedImage, rest)
      rest &-= image
      let video = Self.clamp(usage.videoInput, rest)
      rest &-= video
      if !covered.contains(.audio) { charge(.audioInput, audio, card, .input, &sum, &recorder) }
      if !covered.contains(.image) { charge(.imageInput, image, card, .input, &sum, &recorder) }
      if !covered.contains(.video) { charge(.videoInput, video, card, .input, &sum, &recorder) }
    }
    if !covered.contains(.text) { charge(.input, rest, card, .input, &sum, &recorder) }
    if usage.citationTokens > 0, card.rates[Int(RateKind.citation.rawValue)] >= 0 {
      charge(.citation, usage.citationTokens, card, .input, &sum, &recorder)
    }
    input = sum
    if cached > 0 { chargeCached(usage, cached, card, &recorder) }
    if written > 0 { chargeWritten(usage, written, card, &recorder) }
    chargeOutput(usage, card, &recorder)
  }

  @inline(__always)
  private mutating func chargeCached<Recorder: CostRecorder>(
    _ usage: borrowing Usage, _ cached: Int64, _ card: borrowing RateCard, _ recorder: inout Recorder
  ) {
    let audio = Self.clamp(usage.cachedAudio, cached)
    let image = Self.clamp(usage.cachedImage, cached &- audio)
    var sum: UInt128 = 0
    charge(.cacheRead, cached &- audio &- image, card, .cachedInput, &sum, &recorder)
    charge(.cachedAudio, audio, card, .cachedInput, &sum, &recorder)
    charge(.cachedImage, image, card, .cachedInput, &sum, &recorder)
    cachedInput = sum
  }

  @inline(__always)
  private mutating func chargeWritten<Recorder: CostRecorder>(
    _ usage: borrowing Usage, _ written: Int64, _ card: borrowing RateCard, _ recorder: inout Recorder
  ) {
    let halfDay = Self.clamp(usage.cacheWrite12h, written)
    let hour = Self.clamp(usage.cacheWrite1h, written &- halfDay)
    var sum: UInt128 = 0
    charge(.cacheWrite, written &- halfDay &- hour, card, .cacheWrite, &sum, &recorder)
    charge(.cacheWrite1h, hour, card, .cacheWrite, &sum, &recorder)
    charge(.cacheWrite12h, halfDay, card, .cacheWrite, &sum, &recorder)
    cacheWrite = sum
  }

  @inline(__always)
  private mutating func chargeOutput<Recorder: CostRecorder>(
    _ usage: borrowing Usage, _ card: borrowing RateCard, _ recorder: inout Recorder
  ) {
    let total = max(usage.output, 0)
    let thought = Self.clamp(usage.reasoning, total)
    var rest = total &- thought
    var sum: UInt128 = 0
    if usage.audioOutput | usage.imageOutput | usage.videoOutput != 0 {
      let audio = Self.clamp(usage.audioOutput, rest)
      rest &-= audio
      let image = Self.clamp(usage.imageOutput, rest)
      rest &-= image
      let video = Self.clamp(usage.videoOutput, rest)
      rest &-= video
      charge(.audioOutput, audio, card, .output, &sum, &recorder)
      charge(.imageOutput, image, card, .output, &sum, &recorder)
      charge(.videoOutput, video, card, .output, &sum, &recorder)
    }
    charge(.output, rest, card, .output, &sum, &recorder)
    output = sum
    sum = 0
    charge(.reasoning, thought, card, .reasoning, &sum, &recorder)
    reasoning = sum
  }

  @inline(__always)
  private mutating func charge<Recorder: CostRecorder>(
    _ kind: TokenClass, _ count: Int64, _ card: borrowing RateCard, _ component: CostComponent,
    _ sum: inout UInt128, _ recorder: inout Recorder
  ) {
    guard count > 0 else { return }
    let rate = card.rates[Int(kind.rawValue)]
    if rate < 0 {
      isMissingRate = true
      recorder.missing(kind, count)
      return
    }
    recorder.tokens(kind, count, CardRate(value: rate, source: card.sources[Int(kind.rawValue)]), component)
    sum &+= UInt128(truncatingIfNeeded: count) &* UInt128(truncatingIfNeeded: rate)
  }

  @inline(__always)
  private static func clamp(_ value: Int64, _ limit: Int64) -> Int64 { min(max(value, 0), limit) }

  /// Adds the components to a call's cost: multiplied by the factor, then rounded once.
  @inline(__always)
  func add(to cost: inout CallCost, _ factor: CostFactor) {
    add(input, .input, to: &cost, factor)
    add(cachedInput, .cachedInput, to: &cost, factor)
    add(cacheWrite, .cacheWrite, to: &cost, factor)
    add(output, .output, to: &cost, factor)
    add(reasoning, .reasoning, to: &cost, factor)
  }

  @inline(__always)
  private func add(_ sum: UInt128, _ component: CostComponent, to cost: inout CallCost, _ factor: CostFactor) {
    if sum != 0 { cost.components[Int(component.rawValue)] &+= factor.rounded(sum) }
  }
}

/// The product of all multipliers of a request, exact.
struct CostFactor: BitwiseCopyable {
  /// At most four factors of at most 100 each, in 1e-6.
  private var numerator: UInt128 = 1
  private var denominator: UInt128 = 1
  private var isOne = true

  init() {}

  mutating func multiply(by millionths: UInt64) {
    guard millionths != 1_000_000, denominator < 1_000_000_000_000_000_000_000_000 else { return }
    numerator *= UInt128(min(millionths, RateKind.geo.limit))
    denominator *= 1_000_000
    isOne = false
  }

  /// A sum of the card's unit in picodollars, a half going to the even neighbour.
  @inline(__always)
  func rounded(_ sum: UInt128) -> Picodollars {
    if isOne, sum <= UInt128(UInt64.max) {
      // What nearly every call comes to: under 9 dollars, and one division of 64 bits by a constant.
      let (quotient, rest) = UInt64(truncatingIfNeeded: sum)
        .quotientAndRemainder(dividingBy: RateCard.unitsPerPicodollar)
      let half = RateCard.unitsPerPicodollar / 2
      let up: UInt64 = rest > half || (rest == half && quotient & 1 == 1) ? 1 : 0
      return Picodollars(quotient &+ up)
    }
    return roundedWide(sum)
  }

  @inline(never)
  private func roundedWide(_ sum: UInt128) -> Picodollars {
    let product = sum.multipliedFullWidth(by: numerator)
    return Self.halfEven(product, denominator * UInt128(RateCard.unitsPerPicodollar))
  }

  /// Saturates instead of overflowing: no bill comes near.
  static func halfEven(_ product: (high: UInt128, low: UInt128), _ divisor: UInt128) -> Picodollars {
    let limit = UInt128(Picodollars.max >> 8)
    guard product.high < divisor else { return Picodollars(limit) }
    let (quotient, rest) = divisor.dividingFullWidth(product)
    let up = rest > divisor - rest || (rest == divisor - rest && quotient & 1 == 1)
    return Picodollars(min(quotient, limit - 1) + (up ? 1 : 0))
  }
}
