import Glibc

/// Reads streams into one buffer that all connections of a listener share, and hands on whole lines.
///
/// ```
/// ├ longest line ┤├ read size ──────────┤
///        [partial][what the socket gave ]
/// ```
/// A line that was begun in an earlier turn is copied in front of what was read, so that the handler always sees lines
/// in one piece; whole lines are never copied.
@safe struct StreamReader: ~Copyable {
  enum Outcome {
    /// There may be more: come back after the others had their turn.
    case more
    case empty
    case ended
  }

  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private let headroom: Int
  private let readBytes: Int
  private let handler: any BatchHandler
  private let counters: ListenerCounters
  private var pieces: [BatchPiece] = []
  /// Bytes of unfinished lines over all connections.
  private(set) var partialBytes = 0

  init(maximumLineBytes: Int, readBytes: Int, handler: any BatchHandler, counters: ListenerCounters) {
    headroom = maximumLineBytes
    self.readBytes = readBytes
    self.handler = handler
    self.counters = counters
    // Left as it comes, so that a quiet socket makes no page resident: no piece reaches past what was received.
    unsafe buffer = .allocate(capacity: headroom + readBytes)
  }

  deinit { unsafe buffer.deallocate() }

  /// One turn of one connection: one read.
  mutating func turn(_ connection: StreamConnection) -> Outcome {
    // The read starts at `headroom` and ends within the buffer by the sizes of `init`.
    let target = unsafe buffer.baseAddress.map { unsafe $0 + headroom }
    let count = unsafe recv(connection.descriptor, target, readBytes, Int32(MSG_DONTWAIT))
    if count < 0 {
      switch errno {
      case EAGAIN, EINTR: return .empty
      default:
        // A client that closed with unread answers: what it wrote came before, this is its end.
        finish(connection)
        return .ended
      }
    }
    if count == 0 {
      finish(connection)
      return .ended
    }
    take(count, of: connection)
    return count == readBytes ? .more : .empty
  }

  private mutating func take(_ count: Int, of connection: StreamConnection) {
    let end = headroom + count
    let bytes = unsafe UnsafeBufferPointer(buffer)
    let waiting = connection.partial.count
    if waiting > 0, waiting + count <= connection.splitter.maximumLineBytes,
      !LineSplitter.containsNewline(unsafe bytes.span, headroom..<end)
    {
      // A line that comes in drops is neither copied nor searched again with each of them.
      unsafe connection.partial.append(contentsOf: bytes[headroom..<end])
      partialBytes += count
      counters.note(datagrams: 0, bytes: count, truncated: 0, unixNanoseconds: Clock.unixNanoseconds())
      return
    }
    let start = restorePartial(of: connection)
    let tail = connection.splitter.split(unsafe bytes.span, range: start..<end, atEnd: false, into: &pieces)
    if tail < end {
      unsafe connection.partial.append(contentsOf: bytes[tail..<end])
      partialBytes += end - tail
    }
    deliver(readCount: count, of: connection)
  }

  /// The stream has ended: its last line needs no newline.
  mutating func finish(_ connection: StreamConnection) {
    let start = restorePartial(of: connection)
    guard start < headroom else { return }
    let bytes = unsafe UnsafeBufferPointer(buffer)
    _ = connection.splitter.split(unsafe bytes.span, range: start..<headroom, atEnd: true, into: &pieces)
    deliver(readCount: 0, of: connection)
  }

  /// Gives up the connection's unfinished line: it counts as one that was too long.
  mutating func shedPartial(of connection: StreamConnection) {
    let start = restorePartial(of: connection)
    guard start < headroom else { return }
    connection.splitter.skipLine()
    pieces.append(BatchPiece(offset: start, count: headroom - start, isTruncated: true))
    deliver(readCount: 0, of: connection)
  }

  /// Copies the unfinished line in front of what was read and forgets it in the connection. Returns where it starts.
  private mutating func restorePartial(of connection: StreamConnection) -> Int {
    let count = connection.partial.count
    guard count > 0 else { return headroom }
    // A partial is at most the longest line, which is the headroom.
    let start = headroom - count
    for index in 0..<count { unsafe buffer[start + index] = connection.partial[index] }
    partialBytes -= count
    connection.partial.removeAll(keepingCapacity: connection.partial.capacity <= 1024)
    return start
  }

  private mutating func deliver(readCount: Int, of connection: StreamConnection) {
    let truncated = pieces.count { $0.isTruncated }
    counters.note(
      datagrams: 0, bytes: readCount, truncated: truncated, unixNanoseconds: Clock.unixNanoseconds())
    guard !pieces.isEmpty else { return }
    let bytes = unsafe UnsafeBufferPointer(buffer)
    handler.handle(unsafe bytes.span, pieces: pieces.span, source: .unix, replies: connection.handle)
    pieces.removeAll(keepingCapacity: true)
  }
}
