import CallMetrics
import Synchronization

/// Looks at the registry and tells those who watch the page.
///
/// Somebody watches: once a second. Nobody does: once in five seconds, so that the page has a past when it is opened.
final class LiveFeed: Sendable {
  static let maxClients = 32

  /// One who watches.
  struct Client: Sendable {
    fileprivate let number: Int
    /// Only the newest: who is slow misses some, and no one waits.
    let frames: AsyncStream<LiveFrame>
  }

  private struct State: ~Copyable {
    var sums: CallSums
    var history: LiveHistory
    var clients: [Int: AsyncStream<LiveFrame>.Continuation] = [:]
    var nextNumber = 0
    var isOver = false
  }
  private let registry: Registry
  private let state: Mutex<State>

  /// - Parameter started: when the daemon did; what was counted earlier does not count as new.
  init(_ registry: Registry, started: Int64) {
    self.registry = registry
    let sums = CallSums(of: registry, since: started)
    let history = LiveHistory(bounds: sums.bounds, at: SteadyClock.now)
    state = Mutex(State(sums: sums, history: history))
  }

  /// Call it once a second.
  func tick(_ report: () -> StatusReport) {
    let isWatched = state.withLock { state in
      if state.clients.isEmpty, !state.history.isDue(at: SteadyClock.now) { return false }
      look(&state)
      return !state.clients.isEmpty
    }
    if isWatched { publish(report()) }
  }

  private func look(_ state: inout State) {
    let now = WallClock.now
    state.history.add(state.sums.look(at: registry, now: now), at: SteadyClock.now, wallClock: now)
  }

  private func publish(_ report: StatusReport) {
    let (frame, clients) = state.withLock { state in
      (LiveFrame(state.history, total: state.sums.total, report), Array(state.clients.values))
    }
    for client in clients { client.yield(frame) }
  }

  /// - Returns: nil where there is no room, or no time any more. Who joins must leave.
  func join(_ report: () -> StatusReport) -> Client? {
    let (frames, continuation) = AsyncStream.makeStream(of: LiveFrame.self, bufferingPolicy: .bufferingNewest(1))
    let report = report()
    return state.withLock { state in
      guard !state.isOver, state.clients.count < Self.maxClients else { return nil }
      let number = state.nextNumber
      state.nextNumber += 1
      look(&state)
      continuation.yield(LiveFrame(state.history, total: state.sums.total, report))
      state.clients[number] = continuation
      return Client(number: number, frames: frames)
    }
  }

  func leave(_ client: Client) {
    state.withLock { state in state.clients[client.number] = nil }
  }

  /// Ends every stream, and lets nobody join any more.
  func end() {
    let clients = state.withLock { state in
      state.isOver = true
      return Array(state.clients.values)
    }
    for client in clients { client.finish() }
  }
}
