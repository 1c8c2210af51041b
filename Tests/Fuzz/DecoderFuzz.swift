// libFuzzer's entry: any bytes are decoded, by a decoder with all options on, and what the event claims is checked.
// Built and run by run.sh, together with Sources/Events.

private let plain = EventDecoder()
private let full = EventDecoder(
  options: DecoderOptions(labelKeys: ["tenant", "user_api_key_team_alias"], captureText: true))

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOne(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  // libFuzzer owns `count` bytes at `start` for the time of this call.
  let line = unsafe Array(UnsafeBufferPointer(start: start, count: count))
  let verdict = check(line, plain)
  let again = check(line, full)
  // Options add what is read (so what may be found twice), never change whether a line is accepted otherwise.
  precondition(verdict == again || !verdict || !again)
  return 0
}

/// False if the line is rejected.
private func check(_ line: [UInt8], _ decoder: EventDecoder) -> Bool {
  var event = Event()
  do {
    try decoder.decode(line.span, into: &event, now: 1_795_251_600_000_000_000)
  } catch {
    precondition(error.position >= 0 && error.position <= max(line.count, 1))
    return false
  }
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
  // Texts lie inside the line or the scratch, or reading them traps.
  var bytes: [UInt8] = []
  let fields = event.fields
  for text in [
    fields.model, fields.requestModel, fields.provider, fields.operation, fields.id, fields.traceID, fields.user,
    fields.session, fields.application, fields.serviceTierText, fields.promptText, fields.responseText, fields.comment,
    fields.gaugeLabel, fields.name, fields.inferenceGeo,
  ] + event.labels + event.iterations.map(\.model) {
    event.append(text, in: line.span, to: &bytes)
  }
  return true
}
