/// Tells the shape of a usage object by its keys, in order, and reads it: the parts end up inside the wholes.
extension Event {
  @inline(__always)
  func has(_ field: UsageField, _ base: Int) -> Bool { tape.holds(base &+ Int(field.rawValue)) }

  @inline(__always)
  func raw(_ field: UsageField, _ base: Int) -> RawValue? {
    let slot = base &+ Int(field.rawValue)
    return tape.holds(slot) ? tape[slot] : nil
  }

  /// A token count; 0 where there is none.
  @inline(__always)
  func tokens(_ field: UsageField, _ base: Int, _ line: Span<UInt8>) throws(Reject) -> Int64 {
    guard let value = raw(field, base) else { return 0 }
    return try count(value, line, field.label)
  }

  /// Nil where no shape fits.
  func readShape(_ line: Span<UInt8>, _ keys: borrowing KeyTable, base: Int) throws(Reject) -> Usage? {
    if has(.promptTokens, base) || has(.completionTokens, base) {
      // Rule 8, by far the most frequent, unless one of the rules before it holds.
      if !hasRareShape(base) {
        return try readInside(line, base, input: .promptTokens, output: .completionTokens)
      }
    }
    if has(.geminiPrompt, base) || has(.geminiCandidates, base) || has(.geminiTotal, base)
      || has(.geminiThoughts, base) || has(.geminiResponse, base)
    {
      return try readGemini(line, keys, base)
    }
    if has(.interactionsInput, base) || has(.interactionsOutput, base), !has(.promptTokens, base),
      !has(.inputTokens, base)
    {
      return try readInteractions(line, keys, base)
    }
    if has(.camelInputTokens, base) || has(.camelOutputTokens, base) { return try readCamel(line, keys, base) }
    if has(.billedUnits, base) { return try readCohere(line, base) }
    if has(.promptEvalCount, base) || has(.evalCount, base) {
      return try readInside(line, base, input: .promptEvalCount, output: .evalCount)
    }
    if isByDuration(base, line) || has(.pagesProcessed, base) || has(.annotatedPages, base) {
      var usage = Usage()
      usage.shape = .known
      return usage
    }
    if has(.promptTokens, base) || has(.completionTokens, base) {
      return try readInside(line, base, input: .promptTokens, output: .completionTokens)
    }
    if has(.inputTokens, base) || has(.outputTokens, base) { return try readInputOutput(line, base) }
    if has(.bareInput, base) || has(.bareOutput, base) { return try readExclusiveParts(line, keys) }
    if has(.cohereInput, base) || has(.cohereOutput, base) {
      return try readInside(line, base, input: .cohereInput, output: .cohereOutput)
    }
    if has(.titanInput, base) { return try readTitan(line, keys, base) }
    if has(.totalTokens, base) { return try readInside(line, base, input: .totalTokens, output: .completionTokens) }
    return nil
  }

  private func hasRareShape(_ base: Int) -> Bool {
    has(.geminiPrompt, base) || has(.geminiCandidates, base) || has(.geminiTotal, base)
      || has(.geminiThoughts, base) || has(.geminiResponse, base) || has(.camelInputTokens, base)
      || has(.camelOutputTokens, base) || has(.billedUnits, base) || has(.promptEvalCount, base)
      || has(.evalCount, base) || has(.pagesProcessed, base)
  }

  /// Transcription that is billed by its duration.
  func isByDuration(_ base: Int, _ line: Span<UInt8>) -> Bool {
    guard has(.seconds, base) else { return false }
    // In the event itself, `type` is also another spelling of `event`.
    let slot = base == SlotLayout.usage ? base + Int(UsageField.type.rawValue) : Int(EventField.typeAlias.rawValue)
    guard tape.holds(slot), tape[slot].kind == .string else { return false }
    return with(tape[slot], line) { bytes in
      bytes.count == 8 && bytes.word(at: 0) == 0x6E6F_6974_6172_7564  // "duration"
    }
  }

  /// Rules 8 to 10: cached tokens lie inside the input, unless the total says that they come on top.
  func readInside(
    _ line: Span<UInt8>, _ base: Int, input: UsageField, output: UsageField
  ) throws(Reject) -> Usage {
    var usage = Usage()
    usage.shape = .known
    usage.input = try tokens(input, base, line)
    usage.output = try tokens(output, base, line)
    usage.cachedInput = max(
      try tokens(.cached, base, line), try tokens(.cacheReadInput, base, line), try tokens(.cacheRead, base, line),
      try tokens(.camelCachedInput, base, line))
    usage.cacheWrite = max(
      try tokens(.cacheWrite, base, line), try tokens(.cacheCreationInput, base, line),
      try tokens(.cacheCreation, base, line))
    usage.reasoning = max(try tokens(.reasoning, base, line), try tokens(.camelReasoning, base, line))
    try readLifetimes(&usage, line, base)
    try readModalities(&usage, line, base)
    let total = try tokens(.totalTokens, base, line)
    guard total > 0, input != .totalTokens else { return usage.clamped() }
    let plain = usage.input + usage.output
    if total != plain {
      if usage.reasoning > 0, total == plain + usage.reasoning {
        usage.output += usage.reasoning
      } else if total == plain + usage.cachedInput + usage.cacheWrite {
        usage.input += usage.cachedInput + usage.cacheWrite
      } else if total != plain + usage.citationTokens {
        usage.suspect(.totalMismatch)
      }
    }
    return usage.clamped()
  }

  /// Rules 8b, 9 and 10.
  private func readInputOutput(_ line: Span<UInt8>, _ base: Int) throws(Reject) -> Usage {
    let isLangChain = has(.cacheRead, base) || has(.cacheCreation, base)
    let isAnthropic =
      has(.cacheReadInput, base) || has(.cacheCreationInput, base) || has(.cacheCreationObject, base)
      || has(.serverToolUse, base) || has(.inferenceGeo, base) || has(.iterations, base)
    if isAnthropic, !isLangChain, !has(.inputDetailsObject, base) { return try readAnthropic(line, base) }
    return try readInside(line, base, input: .inputTokens, output: .outputTokens)
  }

  /// Rule 9: what was read from and written to the cache comes on top of the input.
  func readAnthropic(_ line: Span<UInt8>, _ base: Int) throws(Reject) -> Usage {
    var usage = Usage()
    usage.shape = .known
    usage.cachedInput = try tokens(.cacheReadInput, base, line)
    usage.cacheWrite = try tokens(.cacheCreationInput, base, line)
    try readLifetimes(&usage, line, base)
    usage.input = try tokens(.inputTokens, base, line) + usage.cachedInput + usage.cacheWrite
    usage.output = try tokens(.outputTokens, base, line)
    usage.reasoning = try tokens(.reasoning, base, line)
    return usage.clamped()
  }

  /// How long cached input is to live. The split stands for the sum where that is missing.
  private func readLifetimes(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
    usage.cacheWrite1h = try tokens(.write1h, base, line)
    usage.cacheWrite12h = try tokens(.write12h, base, line)
    guard usage.cacheWrite == 0 else { return }
    usage.cacheWrite =
      usage.cacheWrite1h + usage.cacheWrite12h + (try tokens(.write5m, base, line))
      + (try tokens(.write30m, base, line))
  }

  private func readModalities(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
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
  private func readCohere(_ line: Span<UInt8>, _ base: Int) throws(Reject) -> Usage {
    var usage = Usage()
    usage.shape = .known
    usage.input = try tokens(.billedInput, base, line)
    usage.output = try tokens(.billedOutput, base, line)
    usage.imageInput = try tokens(.imageInput, base, line)
    usage.input = max(usage.input, usage.imageInput)
    return usage.clamped()
  }
}
