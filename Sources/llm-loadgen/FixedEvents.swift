/// Events of one length for benchmarks: OpenAI-shaped calls that differ in label set, tokens and latency.
struct FixedEvents {
  private static let models = [
    ("gpt-4o", "openai"), ("gpt-4o-mini", "openai"), ("gpt-4.1", "openai"), ("gpt-4.1-mini", "openai"),
    ("o3-mini", "openai"), ("claude-3-5-haiku-20241022", "anthropic"), ("mistral-large-latest", "mistral_ai"),
    ("command-r-plus", "cohere"),
  ]

  /// Label sets to tell apart: a model and an application each.
  let series: Int
  /// Bytes of each event; padded in a field that becomes no label. Nil leaves them as they come.
  let bytes: Int?
  private var random: SeededGenerator

  init(series: Int, bytes: Int?, seed: UInt64) {
    self.series = max(series, 1)
    self.bytes = bytes
    random = SeededGenerator(seed: seed)
  }

  /// At least as many as there are label sets, in an order of no pattern.
  mutating func fill(_ buffer: inout PacketBuffer, atLeast count: Int) {
    let total = (max(series, count) + series - 1) / series * series
    for index in (0..<total).shuffled(using: &random) { buffer.append(event(ofSeries: index % series)) }
  }

  private mutating func event(ofSeries index: Int) -> [UInt8] {
    let (model, provider) = Self.models[index % Self.models.count]
    let application = index / Self.models.count
    let input = Int.random(in: 100...9_999, using: &random)
    let output = Int.random(in: 10...2_000, using: &random)
    let cached = Int.random(in: 0...input, using: &random)
    let latency = Int.random(in: 200...20_000, using: &random)
    let head =
      #"{"model":"\#(model)","provider":"\#(provider)","application":"app-\#(application)","#
      + #""latency_ms":\#(latency),"ttft_ms":\#(latency / 5),"#
      + #""usage":{"prompt_tokens":\#(input),"completion_tokens":\#(output),"#
      + #""prompt_tokens_details":{"cached_tokens":\#(cached)}}"#
    let frame = #","session":""}"#.utf8.count
    guard let bytes, head.utf8.count + frame < bytes else { return Array((head + "}").utf8) }
    let session = String(repeating: "s", count: bytes - head.utf8.count - frame)
    return Array((head + #","session":"\#(session)"}"#).utf8)
  }
}
