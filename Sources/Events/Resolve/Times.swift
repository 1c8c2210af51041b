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
    let start = try time(.start, line)
    let end = try time(.end, line)
    if let stated = try time(.timestamp, line) {
      guard stated.time <= now &+ Event.aheadLimit else { throw Reject(.badField, at: stated.position, "ts") }
      fields.timestamp = stated.time
    } else if let end {
      guard end.time <= now &+ Event.aheadLimit else { throw Reject(.badField, at: end.position, "end") }
      fields.timestamp = end.time
    }
    guard let start else { return }
    if fields.latency < 0, let end { fields.latency = try span(from: start.time, to: end.time, end.position, "end") }
    if fields.timeToFirstToken < 0, let first = try time(.completionStart, line) {
      fields.timeToFirstToken = try span(
        from: start.time, to: first.time, first.position, EventField.completionStart.label)
    }
  }

  /// A clock that was set back between the two leaves the span unknown.
  private mutating func span(
    from start: Int64, to end: Int64, _ position: Int, _ label: StaticString
  ) throws(Reject) -> Int64 {
    guard end >= start else { return -1 }
    guard UInt64(end - start) <= Bounds.latency else { throw Reject(.badField, at: position, label) }
    return end - start
  }

  private mutating func time(_ field: EventField, _ line: Span<UInt8>) throws(Reject) -> (time: Int64, position: Int)? {
    guard let value = tape.value(field) else { return nil }
    let time: Int64?
    switch value.kind {
    case .number: time = Timestamp.epoch(value.decimal)
    case .string: time = with(value, line) { Timestamp.parse($0) } ?? decimal(value, line).flatMap(Timestamp.epoch)
    default: time = nil
    }
    guard let time else { throw Reject(.badField, at: value.position, field.label) }
    return (time, value.position)
  }
}
