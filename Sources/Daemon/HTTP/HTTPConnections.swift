import NIOCore
import Synchronization

/// The connections of all HTTP addresses. There is always room for a newcomer: beyond the limit the connection goes that
/// has been silent longest, and only where all are being answered the one whose request is oldest. So peers that connect
/// and say nothing, or write a request without end, keep no scraper out.
final class HTTPConnections: Sendable {
  private struct Connection {
    let channel: any Channel
    /// Requests that are being answered.
    var requests = 0
    var hasAsked = false
    /// When it last came, asked, or got its answer, in the order of all such events.
    var turn: Int
  }

  private struct State {
    var connections: [ObjectIdentifier: Connection] = [:]
    var turns = 0

    mutating func nextTurn() -> Int {
      turns += 1
      return turns
    }
  }

  /// So long a client may take for its first request.
  private static let patience = TimeAmount.seconds(10)

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) { self.limit = limit }

  /// A connection was accepted.
  func add(_ channel: any Channel) {
    let id = ObjectIdentifier(channel)
    let excess = state.withLock { state -> (any Channel)? in
      let excess = state.connections.count < limit ? nil : Self.leastNeeded(of: state.connections)
      if let excess { state.connections[ObjectIdentifier(excess)] = nil }
      state.connections[id] = Connection(channel: channel, turn: state.nextTurn())
      return excess
    }
    excess?.close(mode: .all, promise: nil)
    let end = channel.eventLoop.scheduleTask(in: Self.patience) { [self] in
      let hasAsked = state.withLock { $0.connections[id]?.hasAsked } ?? true
      if !hasAsked { channel.close(mode: .all, promise: nil) }
    }
    channel.closeFuture.whenComplete { [self] _ in
      end.cancel()
      state.withLock { $0.connections[id] = nil }
    }
  }

  private static func leastNeeded(of connections: [ObjectIdentifier: Connection]) -> (any Channel)? {
    connections.values.min { ($0.requests, $0.turn) < ($1.requests, $1.turn) }?.channel
  }

  func beginRequest(_ channel: any Channel) {
    change(channel) {
      $0.requests += 1
      $0.hasAsked = true
    }
  }

  func endRequest(_ channel: any Channel) { change(channel) { $0.requests -= 1 } }

  private func change(_ channel: any Channel, _ change: (inout Connection) -> Void) {
    state.withLock { state in
      let id = ObjectIdentifier(channel)
      guard var connection = state.connections[id] else { return }
      connection.turn = state.nextTurn()
      change(&connection)
      state.connections[id] = connection
    }
  }

  /// Whoever is still there has been given time.
  func closeAll() {
    for connection in state.withLock({ Array($0.connections.values) }) {
      connection.channel.close(mode: .all, promise: nil)
    }
  }
}
