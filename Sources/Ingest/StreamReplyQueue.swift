import Synchronization

/// Connections that have something to be written, or whose last answerer has gone: filled by any thread, emptied by the
/// stream's. Raises a flag that wakes it.
final class PendingConnections: Sendable {
  let flag: EventFlag
  private let waiting = Mutex<[UInt64]>([])

  init() throws(ListenerError) { flag = try EventFlag() }

  func add(_ connection: UInt64) {
    let isFirst = waiting.withLock { waiting in
      waiting.append(connection)
      return waiting.count == 1
    }
    if isFirst { flag.raise() }
  }

  func take() -> [UInt64] {
    flag.lower()
    return waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
  }
}

/// Answers on their way to one client. Bounded: a client that lets more pile up has overflown and is disconnected.
final class StreamReplyQueue: Sendable {
  struct Content {
    var bytes: [UInt8] = []
    /// Written already, from the front of `bytes`.
    var writtenBytes = 0
    var hasOverflown = false
    var isClosed = false
    var isAnnounced = false
    /// Nobody holds the handle: no answer will come.
    var isReleased = false

    var unwrittenBytes: Int { bytes.count - writtenBytes }
  }

  let connectionID: UInt64
  private let limitBytes: Int
  private let pending: PendingConnections
  private let content = Mutex(Content())

  init(connectionID: UInt64, limitBytes: Int, pending: PendingConnections) {
    self.connectionID = connectionID
    self.limitBytes = limitBytes
    self.pending = pending
  }

  func append(_ line: [UInt8]) {
    let announces = content.withLock { content in
      guard !content.isClosed, !content.hasOverflown else { return false }
      if content.unwrittenBytes + line.count > limitBytes {
        content.hasOverflown = true
      } else {
        content.bytes += line
      }
      defer { content.isAnnounced = true }
      return !content.isAnnounced
    }
    if announces { pending.add(connectionID) }
  }

  func release() {
    content.withLock { $0.isReleased = true }
    pending.add(connectionID)
  }

  var isReleased: Bool { content.withLock { $0.isReleased } }

  /// For the stream's thread only.
  func withContent<Result>(_ body: (inout Content) -> Result) -> Result { content.withLock { body(&$0) } }
}

/// What the handler holds to answer a client. When the last holder lets go, a client that has ended its side and waits
/// for answers can be closed.
final class StreamReplyHandle: StreamReplies {
  private let queue: StreamReplyQueue

  init(queue: StreamReplyQueue) { self.queue = queue }
  deinit { queue.release() }

  var connectionID: UInt64 { queue.connectionID }
  func send(_ line: [UInt8]) { queue.append(line) }
}
