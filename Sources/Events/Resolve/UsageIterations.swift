/// Anthropic's `iterations`: separate requests inside one answer. They stand for the top level, which leaves some
/// of them out.
extension Event {
  static let iterationLimit = 1024

  /// False where the list names no request.
  mutating func readIterations(
    _ list: RawValue, _ line: Span<UInt8>, _ keys: KeyTable
  ) throws(Reject) -> Bool {
    let whole = usagePlace
    var sum = Usage()
    sum.shape = .known
    var elements = ContainerReader(list)
    while let element = try elements.next(line) {
      guard element.value.kind == .object else { continue }
      try scanUsage(element.value, line, keys)
      guard has(.inputTokens, SlotLayout.usage) || has(.outputTokens, SlotLayout.usage) else { continue }
      guard iterations.count < Event.iterationLimit else {
        throw Reject(.badField, at: element.value.position, UsageField.iterations.label)
      }
      var usage = Usage()
      try readAnthropic(&usage, line, SlotLayout.usage)
      try finish(&usage)
      var model = Text.absent
      if let value = raw(.iterationModel, SlotLayout.usage), value.kind == .string { model = value.text }
      iterations.append(Iteration(model: model, usage: usage))
      sum.add(usage)
      guard max(sum.input, sum.output) <= Int64(Bounds.tokens) else {
        throw Reject(.badField, at: element.value.position, UsageField.iterations.label)
      }
    }
    guard !iterations.isEmpty else {
      // Nothing was read over the top level but what the list held: read it again.
      try scanUsage(RawValue(.object, whole), line, keys)
      return false
    }
    fields.usage = sum
    return true
  }
}
