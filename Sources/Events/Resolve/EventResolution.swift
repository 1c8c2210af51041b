/// From what the scanner found to what it means.
extension Event {
  mutating func reset(labelCount: Int) {
    tape.clear()
    fields = EventFields()
    if !scratch.isEmpty { scratch.removeAll(keepingCapacity: true) }
    if !iterations.isEmpty { iterations.removeAll(keepingCapacity: true) }
    if labels.count != labelCount { labels = Array(repeating: .absent, count: labelCount) }
    for i in labels.indices { labels[i] = .absent }
  }

  /// Forgets what the scan of the line has found so far.
  mutating func forgetScan() {
    tape.clear()
    scratch.removeAll(keepingCapacity: true)
  }

  mutating func resolve(
    _ line: Span<UInt8>, keys: KeyTable, options: DecoderOptions, now: Int64
  ) throws(Reject) {
    fields.kind = try kind(line, keys)
    try storePlainFields(line)
    resolveLabels()
    switch fields.kind {
    case .call:
      try resolveCall(line, keys, now: now)
      if options.captureText { captureText() }
    case .start:
      try resolveCall(line, keys, now: now)
      guard !fields.id.isEmpty else { throw Reject(.missingField, at: 0, "id") }
    case .feedback:
      try resolveTimes(line, now: now)
      resolveOperation(line, keys)
      try resolveFeedback(line, keys)
    case .score:
      try resolveTimes(line, now: now)
      resolveOperation(line, keys)
      try resolveScore(line, keys)
    case .flush:
      guard !fields.id.isEmpty else { throw Reject(.missingField, at: 0, "id") }
    case .gauge:
      try resolveGauge(line, keys)
    }
  }

  @inline(__always)
  private mutating func kind(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) -> EventKind {
    tape.holdsAny(.event, .typeAlias) ? try statedKind(line, keys) : .call
  }

  @inline(never)
  private mutating func statedKind(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) -> EventKind {
    if let value = tape.value(.event) {
      guard value.kind == .string else { throw Reject(.badField, at: value.position, "event") }
      guard let kind = kind(named: value, line, keys) else { throw Reject(.unknownEvent, at: value.position, "event") }
      return kind
    }
    // A provider's answer has a `type` of its own.
    if let value = tape.value(.typeAlias), value.kind == .string { return kind(named: value, line, keys) ?? .call }
    return .call
  }

  private mutating func kind(named value: RawValue, _ line: Span<UInt8>, _ keys: KeyTable) -> EventKind? {
    with(value, line) { keys.word(.eventWord, $0) }.flatMap { EventKind(rawValue: UInt8($0)) }
  }

  /// Texts and numbers that mean what they say; fields come in the order of `EventField`.
  @inline(__always)
  private mutating func storePlainFields(_ line: Span<UInt8>) throws(Reject) {
    var found = tape.bits(from: SlotLayout.event)
    while found != 0 {
      let slot = found.trailingZeroBitCount
      found &= found &- 1
      guard let field = EventField(rawValue: UInt8(slot)), slot <= Int(EventField.responseLength.rawValue) else {
        break
      }
      let value = tape[slot]
      if slot <= Int(EventField.name.rawValue) {
        try storeText(field, value, line)
      } else {
        try storeNumber(field, value, line)
      }
    }
  }

  /// Scalars only.
  private mutating func resolveLabels() {
    guard tape.bits(from: SlotLayout.labels) != 0 else { return }
    for i in labels.indices where tape.holds(SlotLayout.labels + i) {
      let value = tape[SlotLayout.labels + i]
      if !value.isContainer { labels[i] = value.text }
    }
  }

  private mutating func resolveCall(
    _ line: Span<UInt8>, _ keys: KeyTable, now: Int64
  ) throws(Reject) {
    guard !fields.model.isEmpty || !fields.requestModel.isEmpty else {
      throw Reject(.missingField, at: 0, "model")
    }
    if tape.holdsAny(.operation, .retry) {
      resolveOperation(line, keys)
      resolveFlags(line, keys)
      try resolveRetry(line, keys)
    }
    if let searches = tape.value(.toolWebSearches), fields.units.webSearchRequests == 0 {
      fields.units.webSearchRequests = try count(searches, line, EventField.toolWebSearches.label)
    }
    try resolveUsage(line, keys)
    try resolveTimes(line, now: now)
    try resolveOutcome(line, keys)
  }

  private mutating func resolveOperation(_ line: Span<UInt8>, _ keys: KeyTable) {
    guard let value = tape.value(.operation), value.kind == .string else { return }
    fields.operation = value.text
    guard let folded = with(value, line, { keys.word(.operationWord, $0) }), folded < OperationNames.folded.count
    else { return }
    let name = OperationNames.folded[folded]
    fields.operation = Text(offset: scratch.count, count: name.count, inScratch: true)
    scratch.append(contentsOf: name)
  }

  private mutating func resolveFlags(_ line: Span<UInt8>, _ keys: KeyTable) {
    if let value = tape.value(.stream) { fields.stream = boolean(value, line, keys) }
    if let value = tape.value(.batch) { fields.batch = boolean(value, line, keys) ?? false }
    if let value = tape.value(.cache) { fields.cache = cacheResult(value, line, keys) }
    if let value = tape.value(.serviceTier), value.kind == .string { storeServiceTier(value, line, keys) }
  }

  private mutating func cacheResult(_ value: RawValue, _ line: Span<UInt8>, _ keys: KeyTable) -> CacheResult? {
    switch value.kind {
    case .yes: .hit
    case .no: .miss
    default: word(value, line, .cacheWord, keys).flatMap { CacheResult(rawValue: UInt8($0)) }
    }
  }

  mutating func storeServiceTier(_ value: RawValue, _ line: Span<UInt8>, _ keys: KeyTable) {
    fields.serviceTierText = value.text
    fields.serviceTier =
      word(value, line, .tierWord, keys).flatMap { ServiceTier(rawValue: UInt8($0)) } ?? .unspecified
  }

  /// `retry` counts from 0, or says whether this is the second try.
  private mutating func resolveRetry(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    guard let value = tape.value(.retry), !tape.holds(Int(EventField.attempt.rawValue)) else { return }
    // As a flag, "1" and "0" mean what they mean as numbers.
    if let isSecond = boolean(value, line, keys) {
      fields.attempt = isSecond ? 2 : 1
    } else {
      fields.attempt = 1 + Int32(try count(value, line, limit: 1 << 30, EventField.retry.label))
    }
  }

  private mutating func captureText() {
    if let value = tape.value(.promptText) { fields.promptText = value.text }
    if let value = tape.value(.responseText) { fields.responseText = value.text }
  }
}
