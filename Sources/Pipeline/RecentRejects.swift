public import CallMetrics
public import Events
import Synchronization

/// The last rejects of each reason: where they broke, never what they said.
public final class RecentRejects: Sendable {
  public struct Entry: Sendable {
    public var reject: Reject
    public var source: EventSource
    /// Nanoseconds since 1970.
    public var time: Int64
  }

  /// Kept of each reason.
  public static let limit = 10
  private struct Ring {
    var entries: [Entry] = []
    var next = 0
  }
  private let rings = Mutex<[Ring]>(RejectReason.allCases.map { _ in Ring() })

  func add(_ reject: Reject, source: EventSource, now: Int64) {
    let entry = Entry(reject: reject, source: source, time: now)
    rings.withLock { rings in
      let reason = Int(reject.reason.rawValue)
      if rings[reason].entries.count < Self.limit {
        rings[reason].entries.append(entry)
      } else {
        rings[reason].entries[rings[reason].next] = entry
        rings[reason].next = (rings[reason].next + 1) % Self.limit
      }
    }
  }

  /// Oldest first.
  public func last(_ reason: RejectReason) -> [Entry] {
    rings.withLock { rings in
      let ring = rings[Int(reason.rawValue)]
      return Array(ring.entries[ring.next...] + ring.entries[..<ring.next])
    }
  }
}
