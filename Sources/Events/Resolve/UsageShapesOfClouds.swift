/// The shapes of Gemini, Bedrock, the Vercel AI SDK, Langfuse and Titan.
extension Event {
  /// Rule 1: thoughts and the prompts of tools come on top.
  mutating func readGemini(
    _ usage: inout Usage, _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) {
    let prompt = try tokens(.geminiPrompt, base, line)
    let toolUse = try tokens(.geminiToolUse, base, line)
    let answer = try tokens(has(.geminiCandidates, base) ? .geminiCandidates : .geminiResponse, base, line)
    let thoughts = try tokens(.geminiThoughts, base, line)
    let total = try tokens(.geminiTotal, base, line)
    usage.cachedInput = try tokens(.geminiCached, base, line)
    try addOnTop(&usage, prompt: prompt, toolUse: toolUse, answer: answer, thoughts: thoughts, total: total)
    try readModalityLists(&usage, line, keys, base)
  }

  /// Rule 2: the same by other names.
  mutating func readInteractions(
    _ usage: inout Usage, _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) {
    usage.cachedInput = try tokens(.interactionsCached, base, line)
    try addOnTop(
      &usage, prompt: try tokens(.interactionsInput, base, line),
      toolUse: try tokens(.interactionsToolUse, base, line), answer: try tokens(.interactionsOutput, base, line),
      thoughts: try tokens(.interactionsThought, base, line), total: try tokens(.totalTokens, base, line))
    try readModalityLists(&usage, line, keys, base)
  }

  private mutating func addOnTop(
    _ usage: inout Usage, prompt: Int64, toolUse: Int64, answer: Int64, thoughts: Int64, total: Int64
  ) throws(Reject) {
    usage.reasoning = thoughts
    usage.input = prompt + toolUse
    usage.output = answer + thoughts
    guard total > 0 else { return }
    if prompt == 0, answer == 0, thoughts == 0, toolUse == 0 {
      usage.input = total
    } else if thoughts > 0, total == prompt + toolUse + answer {
      // Already inside.
      usage.output = answer
    } else if total != usage.input + usage.output, total != prompt + answer + thoughts {
      usage.suspect(.totalMismatch)
    }
  }

  private mutating func readModalityLists(
    _ usage: inout Usage, _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) {
    for field in [UsageField.promptModalities, .toolUseModalities] {
      let found = try modalities(field, line, keys, base)
      usage.audioInput += found.audio
      usage.imageInput += found.image
      usage.videoInput += found.video
    }
    let cached = try modalities(.cachedModalities, line, keys, base)
    (usage.cachedAudio, usage.cachedImage) = (cached.audio, cached.image)
    let output = try modalities(.outputModalities, line, keys, base)
    (usage.audioOutput, usage.imageOutput, usage.videoOutput) = (output.audio, output.image, output.video)
  }

  /// A name and a number out of a small object; nulls are absent.
  mutating func pair(
    _ element: RawValue, _ line: Span<UInt8>, _ keys: KeyTable, _ context: KeyContext
  ) throws(Reject) -> (name: RawValue?, value: RawValue?) {
    var pair: (name: RawValue?, value: RawValue?) = (nil, nil)
    guard element.kind == .object else { return pair }
    var members = ContainerReader(element)
    while let member = try members.next(line) {
      guard member.value.kind != .null,
        let found = keys.find(context, line, member.key.offset, member.key.count)
      else { continue }
      if Int(keys[found].slot) == PairNames.name { pair.name = member.value } else { pair.value = member.value }
    }
    return pair
  }

  private struct ByModality {
    var audio: Int64 = 0
    var image: Int64 = 0
    var video: Int64 = 0
  }

  /// Sums a list of `{modality, tokenCount}`.
  private mutating func modalities(
    _ field: UsageField, _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) -> ByModality {
    var sums = ByModality()
    guard let list = raw(field, base), list.kind == .array else { return sums }
    var elements = ContainerReader(list)
    while let element = try elements.next(line) {
      let pair = try pair(element.value, line, keys, .modality)
      guard let name = pair.name, let meaning = word(name, line, .modalityWord, keys), let value = pair.value else {
        continue
      }
      let tokens = try count(value, line, field.label)
      switch Modality(rawValue: UInt8(meaning)) {
      case .audio: sums.audio += tokens
      case .image: sums.image += tokens
      case .video: sums.video += tokens
      default: break
      }
    }
    return sums
  }

  /// Rule 3.
  mutating func readCamel(
    _ usage: inout Usage, _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) {
    if raw(.camelInputTokens, base)?.kind == .object || raw(.camelOutputTokens, base)?.kind == .object {
      return try readInside(&usage, line, base, input: .v3InputTotal, output: .v3OutputTotal)
    }
    if has(.camelInputDetails, base) || has(.camelOutputDetails, base) || has(.camelCachedInput, base)
      || has(.camelReasoning, base)
    {
      return try readInside(&usage, line, base, input: .camelInputTokens, output: .camelOutputTokens)
    }
    // Bedrock Converse: on top. Whether its total counts the cache is unknown, so it settles nothing.
    usage.cachedInput = try tokens(.bedrockCacheRead, base, line)
    usage.cacheWrite = try tokens(.bedrockCacheWrite, base, line)
    usage.input = try tokens(.camelInputTokens, base, line) + usage.cachedInput + usage.cacheWrite
    usage.output = try tokens(.camelOutputTokens, base, line)
    if let list = raw(.bedrockCacheDetails, base), list.kind == .array {
      var elements = ContainerReader(list)
      while let element = try elements.next(line) {
        let pair = try pair(element.value, line, keys, .cacheDetail)
        guard let name = pair.name, let value = pair.value else { continue }
        let isHour = with(name, line) { $0.count == 2 && $0[0] == UInt8(ascii: "1") && $0[1] == UInt8(ascii: "h") }
        if isHour { usage.cacheWrite1h += try count(value, line, UsageField.bedrockCacheDetails.label) }
      }
    }
  }

  /// Rule 11: Langfuse. Every key that begins with `input` or `output` is a part of its own, none overlaps.
  mutating func readExclusiveParts(_ usage: inout Usage, _ line: Span<UInt8>) throws(Reject) {
    var members = ContainerReader(RawValue(.object, usagePlace))
    while let member = try members.next(line) {
      guard let part = withBytes(of: member.key, in: line, { ExclusivePart(key: $0) }),
        member.value.kind == .number || member.value.kind == .string
      else { continue }
      let tokens = try count(member.value, line, UsageField.bareInput.label)
      switch part {
      case .input: usage.input += tokens
      case .cached: (usage.input, usage.cachedInput) = (usage.input + tokens, usage.cachedInput + tokens)
      case .cacheWrite: (usage.input, usage.cacheWrite) = (usage.input + tokens, usage.cacheWrite + tokens)
      case .audioInput: (usage.input, usage.audioInput) = (usage.input + tokens, usage.audioInput + tokens)
      case .imageInput: (usage.input, usage.imageInput) = (usage.input + tokens, usage.imageInput + tokens)
      case .output: usage.output += tokens
      case .reasoning: (usage.output, usage.reasoning) = (usage.output + tokens, usage.reasoning + tokens)
      case .audioOutput: (usage.output, usage.audioOutput) = (usage.output + tokens, usage.audioOutput + tokens)
      case .imageOutput: (usage.output, usage.imageOutput) = (usage.output + tokens, usage.imageOutput + tokens)
      }
    }
  }

  /// Bedrock Titan: one result per answer.
  mutating func readTitan(
    _ usage: inout Usage, _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) {
    usage.input = try tokens(.titanInput, base, line)
    if let list = raw(.titanResults, base), list.kind == .array {
      var elements = ContainerReader(list)
      while let element = try elements.next(line) {
        if let value = try pair(element.value, line, keys, .tokenResult).value {
          usage.output += try count(value, line, UsageField.titanResults.label)
        }
      }
    }
  }
}
