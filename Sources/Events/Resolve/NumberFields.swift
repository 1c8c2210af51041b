extension Event {
  @inline(__always)
  mutating func storeNumber(_ field: EventField, _ value: RawValue, _ line: Span<UInt8>) throws(Reject) {
    switch field {
    case .latencyMilliseconds: fields.latency = try milliseconds(field, value, line)
    case .latencySeconds:
      if fields.latency < 0 { fields.latency = try duration(field, value, line, Scale.secondsToNano) }
    case .timeToFirstTokenMilliseconds:
      fields.timeToFirstToken = try milliseconds(field, value, line)
    case .timeToFirstTokenSeconds:
      if fields.timeToFirstToken < 0 {
        fields.timeToFirstToken = try duration(field, value, line, Scale.secondsToNano)
      }
    case .queueMilliseconds: fields.queueWait = try milliseconds(field, value, line)
    case .retryWaitMilliseconds: fields.retryWait = try milliseconds(field, value, line)
    case .loadMilliseconds: fields.modelLoad = try milliseconds(field, value, line)
    case .cost:
      fields.callerCost = try measure(value, line, scale: Scale.pico, limit: Bounds.cost, field.label)
    case .httpStatus: fields.httpStatus = try httpStatus(value, line)
    case .weight: try storeWeight(value, line)
    case .sampleRate: if !tape.holds(Int(EventField.weight.rawValue)) { try storeSampleRate(value, line) }
    case .attempt: fields.attempt = Int32(max(1, try count(value, line, limit: 1 << 30, field.label)))
    case .images: fields.units.images = try units(field, value, line)
    case .characters: fields.units.characters = try units(field, value, line)
    case .pages: fields.units.pages = try units(field, value, line)
    case .annotatedPages: fields.units.annotatedPages = try units(field, value, line)
    case .searchUnits: fields.units.searchUnits = try units(field, value, line)
    case .webSearchRequests: fields.units.webSearchRequests = try units(field, value, line)
    case .audioSeconds: fields.units.audioSecondsNano = try seconds(field, value, line)
    case .videoSeconds: fields.units.videoSecondsNano = try seconds(field, value, line)
    // Columns of the log never reject: whatever else stands there is left out.
    case .order: fields.order = countIfAny(value, line) ?? -1
    case .temperature: fields.temperature = double(value, line) ?? .nan
    case .topP: fields.topP = double(value, line) ?? .nan
    case .maxOutputTokens: fields.maxOutputTokens = countIfAny(value, line) ?? -1
    case .promptLength: fields.promptLength = countIfAny(value, line) ?? -1
    case .responseLength: fields.responseLength = countIfAny(value, line) ?? -1
    default: break
    }
  }

  /// Nearly always a whole number.
  @inline(__always)
  private mutating func milliseconds(
    _ field: EventField, _ value: RawValue, _ line: Span<UInt8>
  ) throws(Reject) -> Int64 {
    if let count = value.plainInteger, count <= Bounds.latency / 1_000_000 { return Int64(count &* 1_000_000) }
    return try duration(field, value, line, Scale.millisecondsToNano)
  }

  @inline(never)
  private mutating func duration(
    _ field: EventField, _ value: RawValue, _ line: Span<UInt8>, _ scale: Int
  ) throws(Reject) -> Int64 {
    try measure(value, line, scale: scale, limit: Bounds.latency, field.label)
  }

  /// What is billed by number. Answers that are sent whole have lists of the things themselves by the same names.
  private mutating func units(_ field: EventField, _ value: RawValue, _ line: Span<UInt8>) throws(Reject) -> Int64 {
    value.isContainer ? 0 : try count(value, line, field.label)
  }

  private mutating func seconds(_ field: EventField, _ value: RawValue, _ line: Span<UInt8>) throws(Reject) -> Int64 {
    value.isContainer ? 0 : try duration(field, value, line, Scale.nano)
  }

  /// Ollama's library says -1 where there was no answer.
  private mutating func httpStatus(_ value: RawValue, _ line: Span<UInt8>) throws(Reject) -> Int32 {
    if let decimal = decimal(value, line), decimal.isNegative { return -1 }
    return Int32(try count(value, line, limit: 999, EventField.httpStatus.label))
  }

  private mutating func storeWeight(_ value: RawValue, _ line: Span<UInt8>) throws(Reject) {
    let weight = try count(value, line, limit: Bounds.weight, EventField.weight.label)
    guard weight >= 1 else { throw Reject(.badField, at: value.position, EventField.weight.label) }
    fields.weight = weight
  }

  /// The weight is the inverse of the rate. A third is not written exactly in decimals, so the product may miss 1
  /// by a thousand-millionth.
  private mutating func storeSampleRate(_ value: RawValue, _ line: Span<UInt8>) throws(Reject) {
    let one: UInt64 = 1_000_000_000_000_000_000
    let rate = try measure(value, line, scale: 18, limit: one, EventField.sampleRate.label)
    guard rate > 0 else { throw Reject(.badField, at: value.position, EventField.sampleRate.label) }
    let weight = (one + UInt64(rate) / 2) / UInt64(rate)
    guard weight <= Bounds.weight else { throw Reject(.badField, at: value.position, EventField.sampleRate.label) }
    let product = weight * UInt64(rate)
    guard max(product, one) - min(product, one) <= 1_000_000_000 else {
      throw Reject(.badField, at: value.position, EventField.sampleRate.label)
    }
    fields.weight = Int64(weight)
  }
}
