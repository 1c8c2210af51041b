/// Tells the shape of a usage object by its keys, in order, and reads it: the parts end up inside the wholes.
extension Event {
  @inline(__always)
  mutating func has(_ field: UsageField, _ base: Int) -> Bool { tape.holds(base &+ Int(field.rawValue)) }

  @inline(__always)
  mutating func raw(_ field: UsageField, _ base: Int) -> RawValue? {
    let slot = base &+ Int(field.rawValue)
    return tape.holds(slot) ? tape[slot] : nil
  }

  /// A token count; 0 where there is none.
  @inline(__always)
  mutating func tokens(_ field: UsageField, _ base: Int, _ line: Span<UInt8>) throws(Reject) -> Int64 {
    guard let value = raw(field, base) else { return 0 }
    return try count(value, line, field.label)
  }

  /// False where no shape fits. `usage` comes in empty.
  mutating func readShape(
    _ usage: inout Usage, _ line: Span<UInt8>, _ keys: KeyTable, base: Int
  ) throws(Reject) -> Bool {
    guard try readKnownShape(&usage, line, keys, base) else { return false }
    try finish(&usage)
    return true
  }

  /// What was added up keeps the bound of what was stated.
  mutating func finish(_ usage: inout Usage) throws(Reject) {
    guard max(usage.input, usage.output) <= Int64(Bounds.tokens) else { throw Reject(.badField, at: 0, "usage") }
    usage.shape = .known
    usage.clamp()
  }

  private mutating func readKnownShape(
    _ usage: inout Usage, _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) -> Bool {
    // Rule 8 is by far the most frequent: it comes first where no key of the rules before it is there.
    if has(.promptTokens, base) || has(.completionTokens, base), !hasEarlierShape(base) {
      try readInside(&usage, line, base, input: .promptTokens, output: .completionTokens)
    } else if hasGemini(base) {
      try readGemini(&usage, line, keys, base)
    } else if has(.interactionsInput, base) || has(.interactionsOutput, base), !has(.promptTokens, base),
      !has(.inputTokens, base)
    {
      try readInteractions(&usage, line, keys, base)
    } else if has(.camelInputTokens, base) || has(.camelOutputTokens, base) {
      try readCamel(&usage, line, keys, base)
    } else if has(.billedUnits, base) {
      try readCohere(&usage, line, base)
    } else if has(.promptEvalCount, base) || has(.evalCount, base) {
      try readInside(&usage, line, base, input: .promptEvalCount, output: .evalCount)
    } else if isByDuration(base, line) || has(.pagesProcessed, base) || has(.annotatedPages, base) {
      // Billed by other units than tokens.
    } else if has(.promptTokens, base) || has(.completionTokens, base) {
      try readInside(&usage, line, base, input: .promptTokens, output: .completionTokens)
    } else if has(.inputTokens, base) || has(.outputTokens, base) {
      try readInputOutput(&usage, line, base)
    } else {
      return try readLateShape(&usage, line, keys, base)
    }
    return true
  }

  private mutating func readLateShape(
    _ usage: inout Usage, _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) -> Bool {
    if has(.bareInput, base) || has(.bareOutput, base) {
      try readExclusiveParts(&usage, line)
    } else if has(.cohereInput, base) || has(.cohereOutput, base) {
      try readInside(&usage, line, base, input: .cohereInput, output: .cohereOutput)
    } else if has(.titanInput, base) {
      try readTitan(&usage, line, keys, base)
    } else if has(.totalTokens, base) {
      try readInside(&usage, line, base, input: .totalTokens, output: .completionTokens)
    } else {
      return false
    }
    return true
  }

  @inline(__always)
  private mutating func hasGemini(_ base: Int) -> Bool {
    tape.holdsAny(.geminiPrompt, .geminiTotal, base)
  }

  @inline(__always)
  private mutating func hasEarlierShape(_ base: Int) -> Bool {
    tape.holdsAny(.geminiPrompt, .evalCount, base)
  }

  /// Transcription that is billed by its duration.
  mutating func isByDuration(_ base: Int, _ line: Span<UInt8>) -> Bool {
    guard has(.seconds, base) else { return false }
    // In the event itself, `type` is also another spelling of `event`.
    let slot = base == SlotLayout.usage ? base + Int(UsageField.type.rawValue) : Int(EventField.typeAlias.rawValue)
    guard tape.holds(slot), tape[slot].kind == .string else { return false }
    return with(tape[slot], line) { bytes in
      bytes.count == 8 && bytes.word(at: 0) == 0x6E6F_6974_6172_7564  // "duration"
    }
  }

  /// Rules 8 to 10: cached tokens lie inside the input, unless the total says that they come on top.
  mutating func readInside(
    _ usage: inout Usage, _ line: Span<UInt8>, _ base: Int, input: UsageField, output: UsageField
  ) throws(Reject) {
    usage.input = try tokens(input, base, line)
    usage.output = try tokens(output, base, line)
    usage.cachedInput = try tokens(.cached, base, line)
    usage.cacheWrite = try tokens(.cacheWrite, base, line)
    usage.reasoning = try tokens(.reasoning, base, line)
    if tape.holdsAny(.cacheReadInput, .camelReasoning, base) { try readOtherPlaces(&usage, line, base) }
    try readLifetimes(&usage, line, base)
    try readModalities(&usage, line, base)
    try settleByTotal(&usage, line, base, input: input)
  }

  /// The same parts where others put them; a dump may say them twice.
  private mutating func readOtherPlaces(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
    usage.cachedInput = max(
      usage.cachedInput, try tokens(.cacheReadInput, base, line), try tokens(.cacheRead, base, line),
      try tokens(.camelCachedInput, base, line), try tokens(.cacheHit, base, line))
    usage.cacheWrite = max(
      usage.cacheWrite, try tokens(.cacheCreationInput, base, line), try tokens(.cacheCreation, base, line))
    usage.reasoning = max(usage.reasoning, try tokens(.camelReasoning, base, line))
  }

  private mutating func settleByTotal(
    _ usage: inout Usage, _ line: Span<UInt8>, _ base: Int, input: UsageField
  ) throws(Reject) {
    let total = try tokens(.totalTokens, base, line)
    let plain = usage.input + usage.output
    guard total > 0, total != plain, input != .totalTokens else { return }
    if usage.reasoning > 0, total == plain + usage.reasoning {
      usage.output += usage.reasoning
    } else if total == plain + usage.cachedInput + usage.cacheWrite {
      usage.input += usage.cachedInput + usage.cacheWrite
    } else if total != plain + usage.citationTokens {
      usage.suspect(.totalMismatch)
    }
  }

  /// Rules 8b, 9 and 10.
  private mutating func readInputOutput(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
    let isLangChain = has(.cacheRead, base) || has(.cacheCreation, base)
    let isAnthropic =
      has(.cacheReadInput, base) || has(.cacheCreationInput, base) || has(.cacheCreationObject, base)
      || has(.serverToolUse, base) || has(.inferenceGeo, base) || has(.iterations, base)
    if isAnthropic, !isLangChain, !has(.inputDetailsObject, base) {
      try readAnthropic(&usage, line, base)
    } else {
      try readInside(&usage, line, base, input: .inputTokens, output: .outputTokens)
    }
  }

  /// Rule 9: what was read from and written to the cache comes on top of the input.
  mutating func readAnthropic(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
    usage.cachedInput = try tokens(.cacheReadInput, base, line)
    usage.cacheWrite = try tokens(.cacheCreationInput, base, line)
    try readLifetimes(&usage, line, base)
    usage.input = try tokens(.inputTokens, base, line) + usage.cachedInput + usage.cacheWrite
    usage.output = try tokens(.outputTokens, base, line)
    usage.reasoning = try tokens(.reasoning, base, line)
  }

  /// How long cached input is to live. The split stands for the sum where that is missing.
  private mutating func readLifetimes(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
    guard tape.holdsAny(.write5m, .write12h, base) else { return }
    usage.cacheWrite1h = try tokens(.write1h, base, line)
    usage.cacheWrite12h = try tokens(.write12h, base, line)
    guard usage.cacheWrite == 0 else { return }
    usage.cacheWrite =
      usage.cacheWrite1h + usage.cacheWrite12h + (try tokens(.write5m, base, line))
      + (try tokens(.write30m, base, line))
  }

  private mutating func readModalities(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
    guard tape.holdsAny(.audioInput, .citationTokens, base) else { return }
    usage.audioInput = try tokens(.audioInput, base, line)
    usage.imageInput = try tokens(.imageInput, base, line)
    usage.videoInput = try tokens(.videoInput, base, line)
    usage.cachedAudio = try tokens(.cachedAudio, base, line)
    usage.cachedImage = try tokens(.cachedImage, base, line)
    usage.audioOutput = try tokens(.audioOutput, base, line)
    usage.imageOutput = try tokens(.imageOutput, base, line)
    usage.videoOutput = try tokens(.videoOutput, base, line)
    usage.citationTokens = try tokens(.citationTokens, base, line)
  }

  /// Rule 4: what is billed, not what went through the model.
  private mutating func readCohere(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
    usage.input = try tokens(.billedInput, base, line)
    usage.output = try tokens(.billedOutput, base, line)
    usage.imageInput = try tokens(.imageInput, base, line)
    usage.input = max(usage.input, usage.imageInput)
  }
}
