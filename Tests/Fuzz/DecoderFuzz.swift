// libFuzzer's entry: any bytes are decoded, by a decoder with and by one without all options, and what the event claims
// is checked. Built and run by run.sh, together with Sources/Events.

/// A decoder with an event that knows the shapes of the lines before, as the threads of the daemon have them.
private final class Fuzzed {
  let decoder: EventDecoder
  var knowing = Event()
  init(_ options: DecoderOptions) { decoder = EventDecoder(options: options) }

  /// Whether a line is the first of its shape, which the scanner reads, or comes after another, which `ShapeMemory`
  /// reads, makes no difference.
  func check(_ line: [UInt8]) {
    var new = Event()
    let expected = reading(line, into: &new)
    for _ in 0..<2 { precondition(reading(line, into: &knowing) == expected) }
  }

  private func reading(_ line: [UInt8], into event: inout Event) -> Reading {
    do {
      try decoder.decode(line.span, into: &event, now: 1_795_251_600_000_000_000)
    } catch {
      precondition(error.position >= 0 && error.position <= max(line.count, 1))
      return Reading(reject: error)
    }
    checkBounds(event)
    return Reading(event, line)
  }
}

/// What a line says, free of the places where its texts lie, or why it is rejected.
private struct Reading: Equatable {
  var reject: Reject?
  var usages: [Usage] = []
  var units = BilledUnits()
  var numbers: [Int64] = []
  var texts: [UInt8] = []

  init(reject: Reject) { self.reject = reject }

  init(_ event: borrowing Event, _ line: [UInt8]) {
    let fields = event.fields
    usages = [fields.usage] + event.iterations.map(\.usage)
    units = fields.units
    numbers = [
      fields.timestamp, fields.latency, fields.timeToFirstToken, fields.queueWait, fields.callerCost,
      fields.providerCost, fields.weight, fields.order, fields.maxOutputTokens, fields.scoreNano,
      Int64(fields.httpStatus), Int64(fields.attempt), Int64(fields.kind.rawValue), Int64(fields.status.rawValue),
      Int64(fields.errorType?.rawValue ?? .max), Int64(fields.finishReason?.rawValue ?? .max),
      Int64(fields.serviceTier.rawValue),
    ]
    // Texts lie inside the line or the scratch, or reading them traps.
    for text in [
      fields.model, fields.requestModel, fields.provider, fields.operation, fields.id, fields.traceID, fields.user,
      fields.session, fields.application, fields.serviceTierText, fields.promptText, fields.responseText,
      fields.comment, fields.gaugeLabel, fields.name, fields.inferenceGeo,
    ] + event.labels + event.iterations.map(\.model) {
      event.append(text, in: line.span, to: &texts)
      texts.append(0)
    }
  }
}

// libFuzzer calls from one thread.
nonisolated(unsafe) private let plain = Fuzzed(DecoderOptions())
nonisolated(unsafe) private let full = Fuzzed(
  DecoderOptions(labelKeys: ["tenant", "user_api_key_team_alias"], captureText: true))

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // libFuzzer owns `count` bytes at `start` for the time of this call.
  let line = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  unsafe plain.check(line)
  unsafe full.check(line)
  return 0
}

private func checkBounds(_ event: borrowing Event) {
  let usage = event.fields.usage
  let limit: Int64 = 1 << 40
  precondition((0...limit).contains(usage.input) && (0...limit).contains(usage.output))
  precondition(usage.cachedInput >= 0 && usage.cacheWrite >= 0 && usage.cachedInput + usage.cacheWrite <= usage.input)
  precondition(usage.cacheWrite1h >= 0 && usage.cacheWrite1h + usage.cacheWrite12h <= usage.cacheWrite)
  precondition(usage.reasoning >= 0 && usage.reasoning <= usage.output)
  precondition((1...10_000).contains(event.fields.weight) && event.fields.attempt >= 1)
  precondition((-1...1_000_000_000_000_000_000).contains(event.fields.callerCost))
  precondition((-1...604_800_000_000_000).contains(event.fields.latency))
  precondition(event.fields.status == .error || event.fields.errorType == nil)
  precondition(event.iterations.count <= 1024)
}
