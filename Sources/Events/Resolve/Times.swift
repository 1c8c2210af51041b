/// When a call ended, how long it took, and when its answer began.
extension Event {
  /// How far ahead of our clock a time may lie.
  private static let aheadLimit: Int64 = 3_600 * 1_000_000_000

  @inline(__always)
  mutating func resolveTimes(_ line: Span<UInt8>, now: Int64) throws(Reject) {
    if tape.holdsAny(.timestamp, .completionStart) { try readTimes(line, now: now) }
  }

  @inline(never)
  private mutating func readTimes(_ line: Span<UInt8>, now: Int64) throws(Reject) {
    let start = time(.start, line)
    let end = time(.end, line)
    if let stated = tape.value(.timestamp) {
      guard let time = time(.timestamp, line)?.time, time <= now &+ Event.aheadLimit else {
        throw Reject(.badField, at: stated.position, EventField.timestamp.label)
      }
      fields.timestamp = time
    } else if let end {
      guard end.time <= now &+ Event.aheadLimit else { throw Reject(.badField, at: end.position, EventField.end.label) }
      fields.timestamp = end.time
    }
    guard let start else { return }
    if fields.latency < 0, let end { fields.latency = try span(from: start.time, to: end.time, end.position, .end) }
    if fields.timeToFirstToken < 0, let first = time(.completionStart, line) {
      // LiteLLM puts the end there where no token was seen to come first: of an answer in one piece, of a failure.
      if let end, first.time >= end.time { return }
      fields.timeToFirstToken = try span(from: start.time, to: first.time, first.position, .completionStart)
    }
  }

  /// A clock that was set back between the two leaves the span unknown.
  private mutating func span(
    from start: Int64, to end: Int64, _ position: Int, _ field: EventField
  ) throws(Reject) -> Int64 {
    guard end >= start else { return -1 }
    guard UInt64(end - start) <= Bounds.latency else { throw Reject(.badField, at: position, field.label) }
    return end - start
  }

  /// Nil also where what stands there is no point in time.
  private mutating func time(_ field: EventField, _ line: Span<UInt8>) -> (time: Int64, position: Int)? {
    guard let value = tape.value(field) else { return nil }
    let time: Int64?
    switch value.kind {
    case .number: time = Timestamp.epoch(value.decimal)
    case .string: time = with(value, line) { Timestamp.parse($0) } ?? decimal(value, line).flatMap(Timestamp.epoch)
    default: time = nil
    }
    return time.map { ($0, value.position) }
  }
}
