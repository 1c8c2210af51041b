import Ingest

/// Finds the stream listeners whose clients had to wait for a place since the last look: each at most once a minute.
struct CrowdedListeners {
  private static let pause: Int64 = 60_000_000_000
  private var reported: [String: (pauses: UInt64, time: Int64)] = [:]

  /// - Parameter now: nanoseconds of a steady clock.
  mutating func newlyCrowded(_ statuses: [ListenerStatus], now: Int64) -> [ListenerStatus] {
    statuses.filter { status in
      let last = reported[status.name]
      guard status.acceptPauses > last?.pauses ?? 0 else { return false }
      if let last, now - last.time < Self.pause { return false }
      reported[status.name] = (status.acceptPauses, now)
      return true
    }
  }
}
