/// Usage that stands in the event itself.
extension Event {
  mutating func readFlatUsage(_ line: Span<UInt8>, _ keys: borrowing KeyTable) throws(Reject) -> Bool {
    let base = SlotLayout.flatUsage
    guard tape.present[base >> 6] | tape.present[base >> 6 &+ 1] != 0 else { return false }
    try readUsageExtras(line, keys, base: base)
    let hasCanonical = has(.inputTokens, base) || has(.outputTokens, base)
    if hasCanonical || has(.promptTokens, base) || has(.completionTokens, base) {
      fields.usage = try readCanonical(line, base)
      return true
    }
    if let usage = try readShape(line, keys, base: base) {
      fields.usage = usage
      return true
    }
    return false
  }

  /// The contract's own names: the first column's name wins over its aliases. Anthropic's cache keys without
  /// `prompt_tokens` mean Anthropic's rule.
  private func readCanonical(_ line: Span<UInt8>, _ base: Int) throws(Reject) -> Usage {
    if has(.cacheReadInput, base) || has(.cacheCreationInput, base), !has(.promptTokens, base) {
      return try readAnthropic(line, base)
    }
    return try readInside(
      line, base, input: has(.inputTokens, base) ? .inputTokens : .promptTokens,
      output: has(.outputTokens, base) ? .outputTokens : .completionTokens)
  }
}
