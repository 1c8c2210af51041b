/// The usage that nearly all calls have: OpenAI's counts, and nothing beside them that needs a thought.
extension Event {
  /// What a plain usage object may hold. Everything else is for the ordered rules of `readShape`.
  private static let plainFields: UInt64 = [
    UsageField.promptTokens, .completionTokens, .totalTokens, .cached, .cacheWrite, .reasoning, .inputDetailsObject,
  ].reduce(0) { $0 | 1 << UInt64($1.rawValue) }

  /// Reads the usage object on the tape by rule 8, where that is all there is to it; false where it is not, or where any
  /// number is odd: nothing has changed then.
  @inline(__always)
  mutating func readPlainUsage() -> Bool {
    let found = tape.bits(from: SlotLayout.usage)
    guard found & ~Event.plainFields | tape.bits(from: SlotLayout.usage &+ 64) == 0,
      found & (1 << UInt64(UsageField.promptTokens.rawValue) | 1 << UInt64(UsageField.completionTokens.rawValue)) != 0
    else { return false }
    var largest: UInt64 = 0
    let input = plainCount(.promptTokens, found, &largest)
    let output = plainCount(.completionTokens, found, &largest)
    let cached = plainCount(.cached, found, &largest)
    let written = plainCount(.cacheWrite, found, &largest)
    let reasoning = plainCount(.reasoning, found, &largest)
    let total = plainCount(.totalTokens, found, &largest)
    // Within the bound none of these sums overflows.
    guard largest <= Bounds.tokens, cached &+ written <= input, reasoning <= output,
      total == 0 || total == input &+ output
    else { return false }
    fields.usage.shape = .known
    fields.usage.input = Int64(truncatingIfNeeded: input)
    fields.usage.output = Int64(truncatingIfNeeded: output)
    fields.usage.cachedInput = Int64(truncatingIfNeeded: cached)
    fields.usage.cacheWrite = Int64(truncatingIfNeeded: written)
    fields.usage.reasoning = Int64(truncatingIfNeeded: reasoning)
    return true
  }

  /// A count of the usage object; 0 where there is none. One that is no plain number makes `largest` exceed every bound.
  @inline(__always)
  private func plainCount(_ field: UsageField, _ found: UInt64, _ largest: inout UInt64) -> UInt64 {
    guard found >> UInt64(field.rawValue) & 1 == 1 else { return 0 }
    let count = tape[SlotLayout.usage &+ Int(field.rawValue)].plainInteger ?? .max
    largest = max(largest, count)
    return count
  }
}
