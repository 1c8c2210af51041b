/// A socket that events arrive at.
///
/// Life: `Listeners.open` binds at once or throws; `start` gives it a thread of its own; `drain` ends the intake and
/// loses nothing that the kernel had taken; `close` ends the thread and removes the socket file. Each once, in this
/// order; a listener that was never started is only closed.
///
/// ## Who owns what
/// | what | owner |
/// |---|---|
/// | the descriptor | the listener; its thread reads it, `status` and `drain` ask and shut it down under a lock, `close` closes it after the thread has ended |
/// | receive memory, coalescing state, `ReceiveBatch` | the thread of a `DatagramListener` |
/// | epoll, connections, partial lines | the thread of a `StreamListener` |
/// | answers not yet written, and the list of connections that have some | shared, each under its lock; any thread appends, the stream's thread writes to sockets |
/// | counters | written by the listener's thread, read by any, atomics |
/// | the handler | the caller; it is called from every listener's thread, and no lock of ours is held then |
public protocol Listener: AnyObject, Sendable {
  /// Begins to receive.
  func start(_ handler: any BatchHandler) throws(ListenerError)

  /// Ends the intake: what was sent before the call and the kernel took is handed to the handler, nothing is taken
  /// after it. Blocks. False when time ran out first, with something left unread. Clients of a stream stay connected
  /// for their answers until `close`.
  func drain(within limit: Duration) -> Bool

  /// Ends the thread and frees the address. Before that a stream waits for the answers that the handler owes its clients
  /// (for as long as it holds their `StreamReplies`) and writes them, as far as they come and are read within the limit.
  /// Blocks.
  func close(within limit: Duration)

  func status() -> ListenerStatus
}

public enum Listeners {
  /// Binds the address.
  public static func open(_ configuration: ListenerConfiguration) throws(ListenerError) -> any Listener {
    switch configuration.address {
    case .udp, .unixDatagram: try DatagramListener(configuration)
    case .unixStream: try StreamListener(configuration)
    }
  }
}
