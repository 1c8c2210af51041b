/// What stands in a usage object beside the token counts: money, tiers, waiting times, things billed by number.
extension Event {
  mutating func readUsageExtras(_ line: Span<UInt8>, _ keys: KeyTable, base: Int) throws(Reject) {
    guard tape.holdsAny(.inferenceGeo, .upstreamCost, base) || tape.holdsAny(.pagesProcessed, .annotatedPages, base)
    else { return }
    // The provider's word is of what was served: it counts where the event's own names no tier (`auto`).
    if let value = raw(.serviceTier, base), value.kind == .string, fields.serviceTier == .unspecified {
      storeServiceTier(value, line, keys)
    }
    if let value = raw(.inferenceGeo, base), value.kind == .string { fields.inferenceGeo = value.text }
    if let value = raw(.speed, base), value.kind == .string {
      fields.fastSpeed = with(value, line) { $0.count == 4 && $0.shortWord(0, 4) == 0x7473_6166 }  // "fast"
    }
    try readWaiting(line, base)
    try readBilledThings(line, keys, base)
    try readProviderCost(line, keys, base)
  }

  private mutating func readWaiting(_ line: Span<UInt8>, _ base: Int) throws(Reject) {
    if fields.queueWait < 0, let value = raw(.queueTime, base) {
      fields.queueWait = try measure(value, line, scale: Scale.secondsToNano, limit: Bounds.latency, "queue_time")
    }
    if fields.modelLoad < 0, let value = raw(.loadDuration, base) {
      fields.modelLoad = try measure(value, line, scale: 0, limit: Bounds.latency, "load_duration")
    }
    if fields.latency < 0, let value = raw(.totalDuration, base) {
      fields.latency = try measure(value, line, scale: 0, limit: Bounds.latency, "total_duration")
    }
  }

  private mutating func readBilledThings(
    _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) {
    if fields.units.webSearchRequests == 0 {
      fields.units.webSearchRequests = try tokens(.webSearches, base, line) + grounding(line, keys, base)
    }
    if fields.units.audioSecondsNano == 0 {
      let isByDuration = isByDuration(base, line)
      if let value = raw(isByDuration ? .seconds : .audioSeconds, base) {
        fields.units.audioSecondsNano = try measure(
          value, line, scale: Scale.nano, limit: Bounds.latency, isByDuration ? "seconds" : "audio_seconds")
      }
    }
    if fields.units.videoSecondsNano == 0, let value = raw(.videoSeconds, base) {
      fields.units.videoSecondsNano = try measure(
        value, line, scale: Scale.nano, limit: Bounds.latency, "video_seconds")
    }
    if fields.units.characters == 0 { fields.units.characters = try tokens(.characters, base, line) }
    if fields.units.images == 0 {
      fields.units.images = max(try tokens(.images, base, line), try tokens(.billedImages, base, line))
    }
    if fields.units.pages == 0 {
      fields.units.pages = max(try tokens(.pagesProcessed, base, line), try tokens(.billedPages, base, line))
    }
    if fields.units.annotatedPages == 0 { fields.units.annotatedPages = try tokens(.annotatedPages, base, line) }
    if fields.units.searchUnits == 0 { fields.units.searchUnits = try tokens(.billedSearchUnits, base, line) }
  }

  /// Gemini's list of grounding tools and how often each was used.
  private mutating func grounding(
    _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) -> Int64 {
    guard let list = raw(.grounding, base), list.kind == .array else { return 0 }
    var sum: Int64 = 0
    var elements = ContainerReader(list)
    while let element = try elements.next(line) {
      if let value = try pair(element.value, line, keys, .groundingTool).value {
        sum += try count(value, line, UsageField.grounding.label)
      }
    }
    return min(sum, Int64(Bounds.tokens))
  }

  private mutating func isOpenRouter(_ line: Span<UInt8>) -> Bool {
    withBytes(of: fields.provider, in: line) { $0.isWord(Event.openRouter) }
  }
  private static let openRouter = Array("openrouter".utf8)

  private mutating func readProviderCost(
    _ line: Span<UInt8>, _ keys: KeyTable, _ base: Int
  ) throws(Reject) {
    guard fields.providerCost < 0 else { return }
    if let value = raw(.cost, base) {
      fields.providerCost = try measure(value, line, scale: Scale.pico, limit: Bounds.cost, UsageField.cost.label)
      let isByok = raw(.isByok, base).flatMap { boolean($0, line, keys) }
      fields.providerZeroIsMeant = isByok == false || isByok == nil && isOpenRouter(line)
      if isByok == true, let upstream = raw(.upstreamCost, base) {
        let more = try measure(upstream, line, scale: Scale.pico, limit: Bounds.cost, UsageField.cost.label)
        fields.providerCost += more
        guard fields.providerCost <= Int64(Bounds.cost) else {
          throw Reject(.badField, at: value.position, UsageField.cost.label)
        }
      }
    } else if let value = raw(.costTicks, base) {
      // 1e10 ticks are a dollar.
      let ticks = try count(value, line, limit: Bounds.cost / 100, UsageField.costTicks.label)
      fields.providerCost = ticks * 100
    }
  }
}
