import CallMetrics
import Events

/// All that the page shows at one moment, made once for all who look at it.
struct LiveFrame: Sendable {
  /// The event `now`, rendered.
  let now: String
  private let points: [LiveHistory.Point]
  /// Number of the point after the last one, counted from the start.
  private let end: Int

  init(_ history: LiveHistory, total: CallSum, _ report: StatusReport) {
    points = history.points
    end = history.forgotten + history.points.count
    now = EventStream.event("now", LiveJSON.now(history, total: total, report))
  }

  /// What a client has to be sent.
  ///
  /// - Parameter seen: number of the first point that the client does not have: a slow one gets several at once.
  func text(after seen: inout Int) -> String {
    let new = points.suffix(max(0, end - seen))
    seen = end
    return new.isEmpty ? now : EventStream.event("points", LiveJSON.points(Array(new))) + now
  }
}
