import Glibc

/// Believable traffic: calls of several models by several applications, with their errors, retries, fallbacks, cache
/// hits, feedback and scores. The same seed and times give the same events.
struct TrafficModel {
  private var random: SeededGenerator
  private let population: Population
  private var queue = EventQueue()
  private var nextNumber = 0
  private let models = ModelProfile.all

  init(seed: UInt64, users: Int) {
    random = SeededGenerator(seed: seed)
    population = Population(users: max(users, 1))
  }

  /// The requests that arrive at `rate` per second from `start` to `end`, and what is due of earlier ones.
  mutating func advance(
    fromSeconds start: Double, toSeconds end: Double, rate: Double, incident: Incident?, into buffer: inout PacketBuffer
  ) {
    var arrivals = poisson(rate * (end - start))
    while arrivals > 0 {
      arrivals -= 1
      request(atSeconds: start + random.unit() * (end - start), incident: incident)
    }
    if incident == .costSpike {
      for _ in 0..<poisson(0.3 * rate * (end - start)) { runaway(atSeconds: end) }
    }
    if Int(start / Self.secondsBetweenLevels) < Int(end / Self.secondsBetweenLevels) {
      levels(rate: rate, atSeconds: end)
    }
    var due: [[UInt8]] = []
    queue.take(untilSeconds: end) { due.append($0) }
    for event in due { buffer.append(event) }
  }

  // MARK: Levels

  private static let secondsBetweenLevels = 5.0

  /// What applications and their machines measure themselves.
  private mutating func levels(rate: Double, atSeconds time: Double) {
    func add(_ name: String, _ value: Double, _ labels: String) {
      self.add(#""event":"gauge","name":"\#(name)","value":\#(rounded(value))\#(labels)"#, atSeconds: time)
    }
    let waiting = Double(poisson(rate / 10))
    let busy = min(1, max(0, 0.35 + rate / 100 + 0.05 * normal()))
    add("queue_depth", waiting, #","queue":"invoices","application":"\#(Population.invoiceExtractor)""#)
    for (kind, limit, each) in [("requests", 10_000.0, 1.0), ("tokens", 2_000_000, 2_000)] {
      let used = Double(poisson(rate * 60 * 0.2)) * each
      add("ratelimit_remaining", max(0, limit - used), #","model":"gpt-4o","kind":"\#(kind)""#)
    }
    add("gpu_utilization_ratio", busy, #","device":"0""#)
    add("gpu_memory_used_bytes", 2e10 + 4e9 * busy, #","device":"0""#)
    add("memory_used_bytes", 6e8 + 1e6 * waiting, #","process":"vllm""#)
  }

  // MARK: One request

  private struct Caller {
    var application: Population.Application
    var function: String
    var user: Int
    var session: String
    var trace: String
  }

  private mutating func caller(_ application: Population.Application) -> Caller {
    let user = population.user(&random)
    return Caller(
      application: application, function: application.functions.randomElement(using: &random) ?? "",
      user: user, session: "s\(user)-\(nextNumber / 400)", trace: hexadecimal(2))
  }

  private mutating func request(atSeconds start: Double, incident: Incident?) {
    let caller = caller(population.application(&random))
    var model = pick(from: models, share: \.share, using: &random)
    var time = start
    var attempt = 1
    var failedBefore: String?
    while true {
      let errorRate = incident?.errorRate(model) ?? model.errorRate
      // What made one attempt fail is often still there for the next.
      let failure = random.unit() < (attempt == 1 ? errorRate : max(errorRate, 0.4)) ? failure(incident) : nil
      time = call(
        model, caller, atSeconds: time, attempt: attempt, fallbackFrom: failedBefore, failure: failure,
        slowness: incident?.slowness(model) ?? 1)
      guard let failure, failure.isTransient else { return }
      // Who knows another model asks it sooner, or at once.
      let attempts = model.fallback == nil ? 3 : random.unit() < 0.5 ? 1 : 2
      if attempt < attempts {
        time += Double(attempt) * (0.5 + random.unit())
        attempt += 1
      } else if failedBefore == nil, let other = models.first(where: { $0.requested == model.fallback }) {
        failedBefore = model.requested
        model = other
        attempt = 1
      } else {
        return
      }
    }
  }

  private mutating func failure(_ incident: Incident?) -> CallFailure {
    if incident == .errorBurst, random.unit() < 0.8 { return CallFailure.all[2] }
    return pick(from: CallFailure.all, share: \.share, using: &random)
  }

  /// One attempt. Returns when it ended.
  private mutating func call(
    _ model: ModelProfile, _ caller: Caller, atSeconds start: Double, attempt: Int, fallbackFrom: String?,
    failure: CallFailure?, slowness: Double, inputFactor: Double = 1
  ) -> Double {
    nextNumber += 1
    let id = "r\(nextNumber)-\(caller.trace.prefix(8))"
    let isCached = failure == nil && random.unit() < caller.application.cacheHits
    let labels = labels(model, caller, id: id)
    var fields = labels
    var seconds: Double
    if let failure {
      seconds = logNormal(median: failure.medianSeconds, spread: 0.4)
      fields += failure.fields
    } else {
      let tokens = tokens(model, inputFactor: inputFactor)
      let firstToken = logNormal(median: model.medianFirstTokenSeconds, spread: 0.45) * slowness
      seconds =
        firstToken + Double(tokens.output) / model.tokensPerSecond * slowness * logNormal(median: 1, spread: 0.2)
      if isCached { seconds = 0.002 + random.unit() * 0.01 }
      let streams = !isCached && random.unit() < model.streams
      if streams { fields += #","stream":true,"ttft_ms":\#(milliseconds(firstToken))"# }
      if let answering = model.answering { fields += #","response_model":"\#(answering)""# }
      fields += model.shape.fields(tokens, seconds: seconds)
      if let stated = model.stated {
        let microdollars = Double(tokens.input) * stated.input + Double(tokens.output) * stated.output
        fields += #","cost_usd":\#(microdollars / 1e6)"#
      }
      if model.operation == "chat", model.shape != .ollama { fields += #","finish_reason":"\#(finishReason(model))""# }
    }
    fields += #","latency_ms":\#(milliseconds(seconds))"#
    if caller.application.cacheHits > 0, failure == nil { fields += #","cache":"\#(isCached ? "hit" : "miss")""# }
    if let queue = caller.application.medianQueueSeconds {
      fields += #","queue_ms":\#(milliseconds(logNormal(median: queue, spread: 0.5)))"#
    }
    if attempt > 1 { fields += #","attempt":\#(attempt)"# }
    if let fallbackFrom { fields += #","fallback_from":"\#(fallbackFrom)""# }
    if caller.application.announces, !isCached {
      add(#""event":"start""# + labels, atSeconds: start)
    }
    let end = start + seconds
    add(#""event":"call""# + fields, atSeconds: end)
    if failure == nil { judge(id, caller, slowness: slowness, atSeconds: end) }
    return end
  }

  /// The research agent in a loop.
  private mutating func runaway(atSeconds time: Double) {
    guard let agent = population.applications.first(where: { $0.name == Population.researchAgent }),
      let model = models.first(where: { $0.requested.hasPrefix("claude-sonnet-4") })
    else { return }
    _ = call(
      model, caller(agent), atSeconds: time, attempt: 1, fallbackFrom: nil, failure: nil, slowness: 1, inputFactor: 20)
  }

  /// What people and judges say of the answer.
  private mutating func judge(_ id: String, _ caller: Caller, slowness: Double, atSeconds end: Double) {
    if random.unit() < caller.application.feedback {
      let unhappy = slowness > 1 ? 0.6 : 0.08
      let rating = random.unit() < unhappy ? #""negative","category":"factual""# : #""positive""#
      add(#""event":"feedback","id":"\#(id)","rating":\#(rating)"#, atSeconds: end + logNormal(median: 8, spread: 0.8))
    }
    if random.unit() < 0.03 {
      let score = min(1, max(0, 0.86 + 0.12 * normal()))
      add(
        #""event":"score","id":"\#(id)","name":"faithfulness","evaluator":"model","score":\#(rounded(score))"#,
        atSeconds: end + 1.5)
    }
  }

  private mutating func labels(_ model: ModelProfile, _ caller: Caller, id: String) -> String {
    let application = caller.application
    return #","id":"\#(id)","request_model":"\#(model.requested)","provider":"\#(model.provider)","#
      + #""operation":"\#(model.operation)","application":"\#(application.name)","team":"\#(application.team)","#
      + #""function":"\#(caller.function)","environment":"production","user":"user-\#(caller.user)","#
      + #""session":"\#(caller.session)","trace_id":"\#(caller.trace)""#
  }

  private mutating func tokens(_ model: ModelProfile, inputFactor: Double) -> CallTokens {
    var tokens = CallTokens()
    tokens.input = max(1, Int(logNormal(median: model.medianInput * inputFactor, spread: 0.7)))
    if model.medianOutput > 0 {
      tokens.output = max(1, Int(logNormal(median: model.medianOutput, spread: 0.45)))
      tokens.reasoning = Int(Double(tokens.output) * model.reasoning * random.unit())
    }
    if tokens.input > 1_024, random.unit() < model.cachedCalls {
      tokens.cached = Int(Double(tokens.input) * (0.4 + 0.5 * random.unit())) / 128 * 128
    } else if model.shape == .anthropic, tokens.input > 1_024, random.unit() < 0.2 {
      tokens.written = tokens.input / 2
    }
    return tokens
  }

  private mutating func finishReason(_ model: ModelProfile) -> String {
    let kind: UsageShape.Finish =
      switch random.unit() {
      case ..<0.88: .stop
      case ..<0.975: .toolCalls
      case ..<0.995: .length
      default: .filtered
      }
    return model.shape.finishReason(kind)
  }

  private mutating func add(_ fields: String, atSeconds due: Double) {
    queue.add(Array(("{" + fields + "}").utf8), atSeconds: due)
  }
}

// MARK: Chance

extension TrafficModel {
  private mutating func normal() -> Double {
    let radius = sqrt(-2 * log(max(random.unit(), 1e-300)))
    return radius * cos(2 * .pi * random.unit())
  }

  private mutating func logNormal(median: Double, spread: Double) -> Double { median * exp(spread * normal()) }

  /// How many arrive where `mean` are expected.
  private mutating func poisson(_ mean: Double) -> Int {
    guard mean > 0 else { return 0 }
    // Large means are normal enough.
    if mean > 50 { return max(0, Int((mean + sqrt(mean) * normal()).rounded())) }
    let limit = exp(-mean)
    var product = random.unit()
    var count = 0
    while product > limit {
      product *= random.unit()
      count += 1
    }
    return count
  }

  private mutating func hexadecimal(_ words: Int) -> String {
    (0..<words).map { _ in
      let digits = String(random.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  private func milliseconds(_ seconds: Double) -> Double { (seconds * 10_000).rounded() / 10 }
  private func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }
}
