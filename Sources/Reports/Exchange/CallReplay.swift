import Storage

/// When the calls of a replay are sent: as far apart as they were, times a speed.
public struct ReplayPace: Sendable {
  private let speed: Double
  private var first: (call: Int64, now: Int64)?

  /// - Parameter speed: 2 is twice as fast; 0 waits for nothing.
  public init(speed: Double) { self.speed = speed }

  /// - Returns: nanoseconds until the call is due; nil where it is.
  public mutating func wait(for time: Int64, now: Int64) -> Int64? {
    guard speed > 0 else { return nil }
    guard let first else {
      first = (time, now)
      return nil
    }
    // A century is as good as never, and within what a number holds.
    let after = min(max(0, Double(time - first.call) / speed), 3e18)
    let wait = first.now + Int64(after) - now
    return wait > 0 ? wait : nil
  }
}

extension CallSource {
  /// Hands over the calls of a time as events, oldest first.
  ///
  /// - Parameter send: a line with its newline, and the call's time.
  public func replay(_ query: ReportQuery, _ send: (String, Int64) throws -> Void) throws {
    for (number, reader) in readers.enumerated() {
      let sets = try reader.sets()
      var grouping = try Grouping(by: [], filters: query.filters, zone: query.zone)
      for _ in 0..<number { grouping.add(sets: [:]) }
      grouping.add(sets: sets)
      try reader.callsApart(in: query.range) { call in
        guard
          grouping.key(reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time) != nil
        else { return }
        var line = ""
        CallRecord.appendEvents(call, sets[call.set] ?? CallSet(), to: &line)
        try send(line, call.time)
      }
    }
  }
}
