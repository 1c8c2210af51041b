/// Finds the usage of a call: in the usage object, else in one of the places where frameworks put theirs, else in
/// the event itself.
extension Event {
  mutating func resolveUsage(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    var sawUnknown = false
    if let object = tape.value(.usage), object.kind == .object {
      if readPlainUsage() { return }
      usagePlace = object.text
      if try readUsageObject(line, keys) { return }
      sawUnknown = sawUnknown || usageSaysSomething
    }
    for field in [EventField.usageMetadata, .usageMetadataCamel, .usageDetails, .usageInfo, .usageObject]
    where tape.holdsAny(.usageMetadata, .usageObject) {
      guard let object = tape.value(field), object.kind == .object else { continue }
      try scanUsage(object, line, keys)
      if try readUsageObject(line, keys) { return }
      sawUnknown = sawUnknown || usageSaysSomething
    }
    if try readUsage(.groqUsage, with: .innerUsage, line, keys) { return }
    if try readUsage(.meta, with: .billedUnits, line, keys) { return }
    if try readFlatUsage(line, keys) { return }
    if sawUnknown { fields.usage.shape = .unknown }
  }

  /// Reads an object that says other things as well; it is about usage only where it holds a certain key.
  private mutating func readUsage(
    _ field: EventField, with mark: UsageField, _ line: Span<UInt8>, _ keys: KeyTable
  ) throws(Reject) -> Bool {
    guard let object = tape.value(field), object.kind == .object else { return false }
    try scanUsage(object, line, keys)
    return usage(mark) == nil ? false : try readUsageObject(line, keys)
  }

  private var usageSaysSomething: Bool {
    tape.usageHasUnknownKeys || tape.bits(from: SlotLayout.usage) | tape.bits(from: SlotLayout.usage + 64) != 0
  }

  /// Puts an object that the scan passed over in the place of the usage object.
  mutating func scanUsage(_ object: RawValue, _ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    tape.clearUsage()
    usagePlace = object.text
    _ = try tape.scanObject(
      line, object.text.offset, keys: keys, Tape.Scope(context: .usage, base: SlotLayout.usage, rank: 0, depth: 2),
      scratch: &scratch)
  }

  @inline(__always)
  private mutating func usage(_ field: UsageField) -> RawValue? {
    let slot = SlotLayout.usage + Int(field.rawValue)
    return tape.holds(slot) ? tape[slot] : nil
  }

  /// Reads the usage object on the tape; false where its shape is unknown.
  private mutating func readUsageObject(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) -> Bool {
    try unwrap(line, keys)
    try readUsageExtras(line, keys, base: SlotLayout.usage)
    if let list = usage(.iterations), list.kind == .array, try readIterations(list, line, keys) { return true }
    var usage = Usage()
    guard try readShape(&usage, line, keys, base: SlotLayout.usage) else { return false }
    fields.usage = usage
    return true
  }

  /// An object that only wraps the real one gives way to it, up to the depth that is read at all.
  private mutating func unwrap(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    guard tape.holdsAny(.innerUsage, .innerGroq, SlotLayout.usage) else { return }
    for depth in 2... {
      var inner: RawValue?
      for field in [UsageField.innerUsageMetadataCamel, .innerUsageMetadata, .innerUsage] where inner == nil {
        if let value = usage(field), value.kind == .object { inner = value }
      }
      if inner == nil, let groq = usage(.innerGroq), try holds(.innerUsage, in: groq, line, keys) { inner = groq }
      if let inner {
        guard depth < Tape.depthLimit else {
          throw Reject(.invalidJSON, at: inner.position, "nested too deep")
        }
        try scanUsage(inner, line, keys)
        continue
      }
      // Only Cohere's `meta` holds what is billed.
      guard let meta = usage(.innerMeta), try holds(.billedUnits, in: meta, line, keys) else { return }
      try scanUsage(meta, line, keys)
      return
    }
  }

  /// Whether an object holds an object that means `field`.
  private mutating func holds(
    _ field: UsageField, in object: RawValue, _ line: Span<UInt8>, _ keys: KeyTable
  ) throws(Reject) -> Bool {
    guard object.kind == .object else { return false }
    var members = ContainerReader(object)
    while let member = try members.next(line) {
      guard member.value.kind == .object,
        let found = keys.find(.usage, line, member.key.offset, member.key.count)
      else { continue }
      if Int(keys[found].slot) == Int(field.rawValue) { return true }
    }
    return false
  }
}
