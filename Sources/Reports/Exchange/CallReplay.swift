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
    let due = first.now + Int64(Double(time - first.call) / speed)
    return due > now ? due - now : nil
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
      try reader.calls(in: query.range, texts: .all) { call in
        guard
          grouping.key(reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time) != nil
        else { return }
        var line = ""
        CallRecord.append(call, sets[call.set] ?? CallSet(), priceVersion: "", isEvent: true, to: &line)
        try send(line, call.time)
      }
    }
  }
}
