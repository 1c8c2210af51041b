/// What a rate is the price of. Raw values are part of a packed `RateKey`.
enum RateKind: UInt8, CaseIterable {
  // Per token, in this order the classes of a `RateCard`.
  case input, output, cacheRead, cacheWrite, cacheWrite1h, cacheWrite12h, reasoning
  case audioInput, imageInput, videoInput, audioOutput, imageOutput, videoOutput
  case cachedAudio, cachedImage, citation
  // Per something else.
  case second, inputSecond, outputSecond, audioSecond, videoInputSecond, videoOutputSecond
  case character, query, request, inputImage, outputImage, webSearch, page, annotatedPage
  // Factors on the cost of all tokens.
  case upliftEU, upliftUS, upliftEndpoint, geo, fast

  static let tokenClassCount = 16

  /// Decimal digits of the unit that the rate is counted in.
  var scale: Int {
    if rawValue < Self.tokenClassCount { return 18 }
    return rawValue < Self.upliftEU.rawValue ? 15 : 6
  }

  /// The greatest credible value, in that unit: 1 dollar a token (who writes a price per million there learns of it),
  /// 9,000 dollars a piece, a hundredfold. Sums of products stay within 128 bits up to there.
  var limit: UInt64 {
    if rawValue < Self.tokenClassCount { return 1_000_000_000_000_000_000 }
    return rawValue < Self.upliftEU.rawValue ? 9_000_000_000_000_000_000 : 100_000_000
  }

  /// What a value over it is told.
  var limitText: String {
    if isToken { return "at most 1 dollar per token: is it per million?" }
    return isMultiplier ? "a factor of at most 100" : "at most 9000 dollars"
  }

  var isToken: Bool { rawValue < Self.tokenClassCount }
  var isMultiplier: Bool { rawValue >= Self.upliftEU.rawValue }

  /// The key in LiteLLM's table.
  var name: String {
    switch self {
    case .input: "input_cost_per_token"
    case .output: "output_cost_per_token"
    case .cacheRead: "cache_read_input_token_cost"
    case .cacheWrite: "cache_creation_input_token_cost"
    case .cacheWrite1h: "cache_creation_input_token_cost_above_1hr"
    case .cacheWrite12h: "cache_creation_input_token_cost_above_12hr"
    case .reasoning: "output_cost_per_reasoning_token"
    case .audioInput: "input_cost_per_audio_token"
    case .imageInput: "input_cost_per_image_token"
    case .videoInput: "input_cost_per_video_token"
    case .audioOutput: "output_cost_per_audio_token"
    case .imageOutput: "output_cost_per_image_token"
    case .videoOutput: "output_cost_per_video_token"
    case .cachedAudio: "cache_read_input_audio_token_cost"
    case .cachedImage: "cache_read_input_image_token_cost"
    case .citation: "citation_cost_per_token"
    case .second: "cost_per_second"
    case .inputSecond: "input_cost_per_second"
    case .outputSecond: "output_cost_per_second"
    case .audioSecond: "input_cost_per_audio_per_second"
    case .videoInputSecond: "input_cost_per_video_per_second"
    case .videoOutputSecond: "output_cost_per_video_per_second"
    case .character: "input_cost_per_character"
    case .query: "input_cost_per_query"
    case .request: "input_cost_per_request"
    case .inputImage: "input_cost_per_image"
    case .outputImage: "output_cost_per_image"
    case .webSearch: "search_context_cost_per_query"
    case .page: "ocr_cost_per_page"
    case .annotatedPage: "annotation_cost_per_page"
    case .upliftEU: "regional_processing_uplift_multiplier_eu"
    case .upliftUS: "regional_processing_uplift_multiplier_us"
    case .upliftEndpoint: "regional_endpoint_uplift_multiplier"
    case .geo, .fast: "provider_specific_entry"
    }
  }
}

/// Which of a model's price lists a rate belongs to.
enum PriceTier: UInt8, CaseIterable {
  case base, flex, priority, batch, balanced, ultrafast, decisions
  /// `tiered_pricing`; the key's step is the place in that list.
  case ranged
  /// `off_peak_pricing`.
  case offPeak

  /// How the key ends.
  var suffix: String {
    switch self {
    case .base, .ranged, .offPeak: ""
    case .flex: "_flex"
    case .priority: "_priority"
    case .batch: "_batches"
    case .balanced: "_balanced"
    case .ultrafast: "_ultrafast"
    case .decisions: "_decisions"
    }
  }

  static let suffixed: [PriceTier] = [.flex, .priority, .batch, .balanced, .ultrafast, .decisions]
}

/// Which rate: `kind` (6 bits), `tier` (4), and `step` (6): 0, or the place of a threshold, range or geography in its
/// list. One `input_cost_per_token_above_272k_tokens_priority` is one such number.
struct RateKey: Equatable, BitwiseCopyable {
  var packed: UInt16

  static let maxStep = 63
  static let none = RateKey(packed: .max)

  init(packed: UInt16) { self.packed = packed }

  init(_ kind: RateKind, _ tier: PriceTier = .base, step: Int = 0) {
    packed = UInt16(kind.rawValue) << 10 | UInt16(tier.rawValue) << 6 | UInt16(truncatingIfNeeded: step & 63)
  }

  var kind: RateKind? { RateKind(rawValue: UInt8(packed >> 10)) }
  var tier: PriceTier? { PriceTier(rawValue: UInt8(packed >> 6 & 15)) }
  var step: Int { Int(packed & 63) }
}

/// A key of LiteLLM's table, taken apart.
struct RateKeyName: Equatable {
  var kind: RateKind
  var tier: PriceTier
  /// Tokens of input above which the rate holds, or 0.
  var threshold: Int64

  /// - Returns: nil for a key that is no rate of ours.
  init?(_ key: String) {
    var rest = Substring(key)
    tier = Self.dropTier(&rest)
    threshold = Self.dropThreshold(&rest)
    // Both orders of suffixes are in use.
    if tier == .base, threshold > 0 { tier = Self.dropTier(&rest) }
    guard let kind = Self.kinds[String(rest)] else { return nil }
    self.kind = kind
  }

  private static let kinds: [String: RateKind] = {
    var kinds: [String: RateKind] = [:]
    for kind in RateKind.allCases where kind != .geo && kind != .fast && kind != .webSearch { kinds[kind.name] = kind }
    return kinds
  }()

  private static func dropTier(_ key: inout Substring) -> PriceTier {
    for tier in PriceTier.suffixed where key.hasSuffix(tier.suffix) {
      key.removeLast(tier.suffix.count)
      return tier
    }
    return .base
  }

  /// `…_above_200k_tokens` → 200000.
  private static func dropThreshold(_ key: inout Substring) -> Int64 {
    guard key.hasSuffix("_tokens") else { return 0 }
    let marker = "_above_"
    let body = key.dropLast("_tokens".count)
    guard let underscore = body.lastIndex(of: "_") else { return 0 }
    let head = body[...underscore]
    guard head.hasSuffix(marker) else { return 0 }
    var number = body[body.index(after: underscore)...]
    var unit: Int64 = 1
    if number.last == "k" { unit = 1000 } else if number.last == "m" { unit = 1_000_000 }
    if unit > 1 { number.removeLast() }
    guard let value = Int64(number), value > 0, value < 1 << 40 else { return 0 }
    key = head.dropLast(marker.count)
    return value * unit
  }
}
