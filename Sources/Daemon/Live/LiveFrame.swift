import CallMetrics
import Events

/// All that the page shows at one moment, made once for all who look at it.
struct LiveFrame: Sendable {
  /// The event `now`, rendered.
  let now: String
  /// The event `facts`, rendered.
  private let facts: String
  private let points: [LiveHistory.Point]
  /// Number of the point after the last one, counted from the start.
  private let end: Int

  /// What a client has been sent.
  struct Seen {
    /// Number of the first point that it does not have: a slow one gets several at once.
    fileprivate var end = 0
    fileprivate var facts = ""
  }

  init(_ history: LiveHistory, total: CallSum, _ report: StatusReport) {
    points = history.points
    end = history.forgotten + history.points.count
    facts = EventStream.event("facts", LiveJSON.facts(PageFacts(report)))
    now = EventStream.event("now", LiveJSON.now(history, total: total, report))
  }

  /// What a client has to be sent: what is new to it, and the numbers of now.
  func text(after seen: inout Seen) -> String {
    let new = points.suffix(max(0, end - seen.end))
    let isTold = facts == seen.facts
    seen = Seen(end: end, facts: facts)
    return (isTold ? "" : facts) + (new.isEmpty ? "" : EventStream.event("points", LiveJSON.points(Array(new)))) + now
  }
}
