/// Where bytes came from. Raw values index counters.
public enum IngestSource: UInt8, CaseIterable, Sendable {
  case udp, unixgram, unix

  public var label: String {
    switch self {
    case .udp: "udp"
    case .unixgram: "unixgram"
    case .unix: "unix"
    }
  }
}

/// A piece of a batch that is judged by itself: a datagram (one event or more, separated by newlines), or a run of
/// whole lines of a stream.
@frozen public struct BatchPiece: Sendable, BitwiseCopyable {
  public var offset: Int
  public var count: Int
  /// The kernel cut the datagram, or a stream's line grew over the limit: one event that is rejected as too long.
  public var isTruncated: Bool

  @inlinable public init(offset: Int, count: Int, isTruncated: Bool = false) {
    self.offset = offset
    self.count = count
    self.isTruncated = isTruncated
  }
}

/// The way back to a stream's client.
public protocol StreamReplies: AnyObject, Sendable {
  /// A number of this connection that no other connection of this process ever had.
  var connectionID: UInt64 { get }
  /// Queues a line (ending in a newline) for the client. Never blocks; may be called from any thread. A client that
  /// does not read its answers loses its connection, never the daemon its memory.
  func send(_ line: [UInt8])
}

/// Takes what the sockets received.
///
/// Called from many threads, one batch a call. `bytes` and `pieces` are borrowed for the length of the call: the
/// receive buffer is overwritten after it. Must not block on I/O.
public protocol BatchHandler: AnyObject, Sendable {
  func handle(_ bytes: Span<UInt8>, pieces: Span<BatchPiece>, source: IngestSource, replies: (any StreamReplies)?)
}
