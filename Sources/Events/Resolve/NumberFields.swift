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
    case .httpStatus: fields.httpStatus = Int32(try count(value, line, limit: 999, field.label))
    case .weight: try storeWeight(value, line)
    case .sampleRate: if !tape.holds(Int(EventField.weight.rawValue)) { try storeSampleRate(value, line) }
    case .attempt: fields.attempt = Int32(max(1, try count(value, line, limit: 1 << 30, field.label)))
    case .order: fields.order = try count(value, line, field.label)
    case .images: fields.units.images = try count(value, line, field.label)
    case .characters: fields.units.characters = try count(value, line, field.label)
    case .pages: fields.units.pages = try count(value, line, field.label)
    case .annotatedPages: fields.units.annotatedPages = try count(value, line, field.label)
    case .searchUnits: fields.units.searchUnits = try count(value, line, field.label)
    case .webSearchRequests: fields.units.webSearchRequests = try count(value, line, field.label)
    case .audioSeconds: fields.units.audioSecondsNano = try duration(field, value, line, Scale.nano)
    case .videoSeconds: fields.units.videoSecondsNano = try duration(field, value, line, Scale.nano)
    case .temperature: fields.temperature = try double(value, line, field.label)
    case .topP: fields.topP = try double(value, line, field.label)
    case .maxOutputTokens: fields.maxOutputTokens = try count(value, line, field.label)
    case .promptLength: fields.promptLength = try count(value, line, field.label)
    case .responseLength: fields.responseLength = try count(value, line, field.label)
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
