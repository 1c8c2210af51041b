/// The counts of the last minute, a sample a second.
struct RateWindow {
  static let seconds = 60
  private var samples: [(time: Int64, counts: StatusReport.Counts)] = []

  /// - Parameter time: of a clock that never jumps, in nanoseconds.
  mutating func add(_ counts: StatusReport.Counts, at time: Int64) {
    samples.append((time, counts))
    if samples.count > Self.seconds { samples.removeFirst() }
  }

  /// What was added since the oldest sample, and over how many seconds.
  func difference(to counts: StatusReport.Counts, at time: Int64) -> (counts: StatusReport.Counts, seconds: Double) {
    guard let oldest = samples.first else { return (counts, 0) }
    return (counts - oldest.counts, Double(time - oldest.time) / 1e9)
  }
}

extension StatusReport.Counts {
  static func - (a: Self, b: Self) -> Self {
    Self(
      received: a.received - b.received, accepted: a.accepted - b.accepted, rejected: a.rejected - b.rejected,
      duplicate: a.duplicate - b.duplicate, dropped: a.dropped - b.dropped)
  }
}
