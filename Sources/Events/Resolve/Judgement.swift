/// Feedback, scores and gauges.
extension Event {
  mutating func resolveFeedback(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    try resolveCategory(line, keys)
    if let rating = tape.value(.rating), let meaning = word(rating, line, .ratingWord, keys) {
      fields.rating = Rating(rawValue: UInt8(meaning))
    }
    let hasMaximum = tape.value(.scoreMaximum) != nil
    if hasMaximum, tape.value(.score) != nil { fields.scoreNano = try scaledScore(line) }
    guard fields.rating == nil else { return }
    guard tape.value(.score) != nil else { throw Reject(.missingField, at: 0, "rating") }
    guard hasMaximum else { throw Reject(.missingField, at: 0, "max") }
    // Exact: 0.4 and 0.8 in 1e-9.
    fields.rating =
      fields.scoreNano <= 400_000_000 ? .negative : fields.scoreNano >= 800_000_000 ? .positive : .neutral
  }

  mutating func resolveScore(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    try resolveCategory(line, keys)
    guard !fields.name.isEmpty else { throw Reject(.missingField, at: 0, "name") }
    guard tape.value(.score) != nil else { throw Reject(.missingField, at: 0, "score") }
    fields.scoreNano = try scaledScore(line)
    if let evaluator = tape.value(.evaluator), let meaning = word(evaluator, line, .evaluatorWord, keys) {
      fields.evaluator = Evaluator(rawValue: UInt8(meaning))
    }
    guard fields.evaluator != nil else { throw Reject(.missingField, at: 0, "evaluator") }
  }

  private mutating func resolveCategory(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    guard let category = tape.value(.category), category.kind == .string else { return }
    fields.category =
      word(category, line, .categoryWord, keys).flatMap { FaultCategory(rawValue: UInt8($0)) } ?? .other
  }

  /// The score from its scale (0…1 without one) to 0…1, in 1e-9, rounded half-even.
  private mutating func scaledScore(_ line: Span<UInt8>) throws(Reject) -> Int64 {
    let one: Int64 = 1_000_000_000
    guard let value = tape.value(.score) else { throw Reject(.missingField, at: 0, "score") }
    let score = try signedNano(value, line, .score)
    var highest = one
    if let maximum = tape.value(.scoreMaximum) { highest = try signedNano(maximum, line, .scoreMaximum) }
    // Stars begin at one.
    var lowest: Int64 = highest == 5 * one ? one : 0
    if let minimum = tape.value(.scoreMinimum) { lowest = try signedNano(minimum, line, .scoreMinimum) }
    guard highest > lowest else { throw Reject(.badField, at: value.position, EventField.scoreMaximum.label) }
    guard score >= lowest, score <= highest else { throw Reject(.badField, at: value.position, EventField.score.label) }
    let (quotient, remainder) = (Int128(score - lowest) * Int128(one)).quotientAndRemainder(
      dividingBy: Int128(highest - lowest))
    let twice = remainder * 2
    let up = twice > Int128(highest - lowest) || twice == Int128(highest - lowest) && quotient & 1 == 1
    return Int64(quotient) + (up ? 1 : 0)
  }

  mutating func resolveGauge(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    guard let name = tape.value(.name) else { throw Reject(.missingField, at: 0, "name") }
    guard let value = tape.value(.score) else { throw Reject(.missingField, at: 0, "value") }
    guard let meaning = word(name, line, .gaugeWord, keys), let gauge = GaugeName(rawValue: UInt8(meaning)) else {
      throw Reject(.badField, at: name.position, "name")
    }
    fields.gauge = gauge
    guard let level = double(value, line), level >= 0 else { throw Reject(.badField, at: value.position, "value") }
    fields.gaugeValue = level
    let label: EventField? =
      switch gauge {
      case .queueDepth: .gaugeQueue
      case .ratelimitRemaining: .gaugeKind
      case .gpuUtilizationRatio, .gpuMemoryUsedBytes: .gaugeDevice
      case .memoryUsedBytes: .gaugeProcess
      }
    if let label, let text = tape.value(label), !text.isContainer { fields.gaugeLabel = text.text }
  }
}
