/// Usage that stands in the event itself.
extension Event {
  mutating func readFlatUsage(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) -> Bool {
    let base = SlotLayout.flatUsage
    guard tape.bits(from: base) | tape.bits(from: base &+ 64) != 0 else { return false }
    try readUsageExtras(line, keys, base: base)
    let hasCanonical = has(.inputTokens, base) || has(.outputTokens, base)
    if hasCanonical || has(.promptTokens, base) || has(.completionTokens, base) {
      var usage = Usage()
      try readCanonical(&usage, line, base)
      try finish(&usage)
      fields.usage = usage
      return true
    }
    var usage = Usage()
    guard try readShape(&usage, line, keys, base: base) else { return false }
    fields.usage = usage
    return true
  }

  /// The contract's own names: the first column's name wins over its aliases. Anthropic's cache keys without
  /// `prompt_tokens` mean Anthropic's rule.
  private mutating func readCanonical(_ usage: inout Usage, _ line: Span<UInt8>, _ base: Int) throws(Reject) {
    if has(.cacheReadInput, base) || has(.cacheCreationInput, base), !has(.promptTokens, base) {
      return try readAnthropic(&usage, line, base)
    }
    try readInside(
      &usage, line, base, input: has(.inputTokens, base) ? .inputTokens : .promptTokens,
      output: has(.outputTokens, base) ? .outputTokens : .completionTokens)
  }
}
