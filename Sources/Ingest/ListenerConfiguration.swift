/// One address to receive events at, and how.
public struct ListenerConfiguration: Sendable, Equatable {
  public enum Address: Sendable, Equatable {
    /// `host:port`: an IPv4 address, an IPv6 one in brackets, or a name. An empty host is every address of this
    /// machine, IPv4 and IPv6. Port 0 takes a free one.
    case udp(String)
    /// The path of a Unix datagram socket.
    case unixDatagram(path: String)
    /// The path of a Unix stream socket.
    case unixStream(path: String)
  }

  public var address: Address
  /// Who may send, for Unix sockets: writing is what the kernel asks for. 0o660 by default: the owner and the group.
  public var socketMode: UInt32
  /// Name or number of the socket file's owner and group; nil leaves what the process has.
  public var socketOwner: String?
  public var socketGroup: String?
  /// Receive buffer to ask for, in bytes. The kernel grants twice that for its bookkeeping, or twice
  /// net.core.rmem_max where that is less and we are not root. 4 MiB hold some 6,500 datagrams of 250 bytes.
  /// A Unix datagram socket queues eleven datagrams whatever its buffer.
  public var receiveBufferBytes: Int
  /// Longest line of a stream, and longest datagram of a Unix socket; what is longer counts as one rejected event.
  public var maximumLineBytes: Int
  /// Lets UDP datagrams gather for up to a millisecond when many arrive: half the processor time (see
  /// `CoalescingPolicy`). Streams and Unix datagrams never wait.
  public var coalesces: Bool
  /// Most connections at once, each of which is an open file; further clients wait in the kernel's queue, with what they
  /// wrote.
  public var maximumConnections: Int
  /// Most bytes of unfinished lines over all connections: above it, the longest one is given up.
  public var maximumPartialBytes: Int
  /// Most bytes of unread answers on a connection; a client that lets more pile up is disconnected.
  public var maximumReplyBytes: Int

  public init(
    _ address: Address, socketMode: UInt32 = 0o660, socketOwner: String? = nil, socketGroup: String? = nil,
    receiveBufferBytes: Int = 4 << 20, maximumLineBytes: Int = 64 << 10, coalesces: Bool = true,
    maximumConnections: Int = 512, maximumPartialBytes: Int = 64 << 20, maximumReplyBytes: Int = 256 << 10
  ) {
    self.address = address
    self.socketMode = socketMode
    self.socketOwner = socketOwner
    self.socketGroup = socketGroup
    self.receiveBufferBytes = receiveBufferBytes
    self.maximumLineBytes = maximumLineBytes
    self.coalesces = coalesces
    self.maximumConnections = maximumConnections
    self.maximumPartialBytes = maximumPartialBytes
    self.maximumReplyBytes = maximumReplyBytes
  }

  public var source: IngestSource {
    switch address {
    case .udp: .udp
    case .unixDatagram: .unixgram
    case .unixStream: .unix
    }
  }

  /// The listener's name in metrics and logs, as it was configured.
  public var name: String {
    switch address {
    case .udp(let text): "udp:\(text)"
    case .unixDatagram(let path): "unixgram:\(path)"
    case .unixStream(let path): "unix:\(path)"
    }
  }
}
