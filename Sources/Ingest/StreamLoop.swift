import CSockets
import Glibc
import Synchronization

/// The thread of a stream listener: accepts, reads, answers. Everything here is its own; what it shares is in
/// `PendingConnections`, `StreamReplyQueue`, `StreamControl` and the counters.
///
/// Fair: a turn is one read of one connection, and epoll comes back to it after the others that are ready. Never
/// blocked by a client: it reads what is there, and writes what is taken. Back-pressure is that it reads no faster than
/// the handler takes: the kernel's buffer of a faster client fills, and the client waits.
struct StreamLoop: ~Copyable {
  private static let listeningID: UInt64 = 0
  private static let wakeID: UInt64 = 1
  /// Numbers of connections, for all stream listeners of the process.
  private static let nextConnectionID = Atomic<UInt64>(2)
  /// 128 KiB of 250-byte lines are some 500 events: long enough that the price of a turn does not show, short enough
  /// that one client's turn delays the others by a fraction of a millisecond.
  private static let readBytes = 128 << 10
  private static let acceptsPerTurn = 64

  private let listening: Int32
  private let epoll: Int32
  private let configuration: ListenerConfiguration
  private let counters: ListenerCounters
  private let pending: PendingConnections
  private let control: StreamControl
  private var reader: StreamReader
  private var connections: [UInt64: StreamConnection] = [:]
  /// The limit of connections or of open files was met: the listening socket is not watched. Clients queue in the kernel.
  private var isAcceptPaused = false
  /// When to look again: at once after a connection was closed, else after a while.
  private var acceptsAgainNanoseconds: UInt64 = 0
  private static let acceptPauseNanoseconds: UInt64 = 100_000_000
  private var isIntakeEnded = false

  init(
    listening: Int32, epoll: Int32, configuration: ListenerConfiguration, handler: any BatchHandler,
    counters: ListenerCounters, pending: PendingConnections, control: StreamControl
  ) {
    self.listening = listening
    self.epoll = epoll
    self.configuration = configuration
    self.counters = counters
    self.pending = pending
    self.control = control
    reader = StreamReader(
      maximumLineBytes: configuration.maximumLineBytes, readBytes: Self.readBytes, handler: handler,
      counters: counters)
  }

  deinit { Glibc.close(epoll) }

  mutating func run() {
    let failure =
      -min(
        csockets_epoll_add(epoll, listening, CSOCKETS_READABLE, Self.listeningID),
        csockets_epoll_add(epoll, pending.flag.descriptor, CSOCKETS_READABLE, Self.wakeID))
    guard failure == 0 else {
      counters.setProblem("cannot watch the socket: \(describe(errno: failure))")
      control.endIntake(leavingSomething: true)
      return
    }
    let batch = Int(CSOCKETS_EPOLL_BATCH)
    var ids = [UInt64](repeating: 0, count: batch)
    var readiness = [UInt32](repeating: 0, count: batch)
    while true {
      let count = unsafe csockets_epoll_wait(epoll, timeoutMilliseconds, &ids, &readiness)
      if count < 0, -count != EINTR {
        counters.setProblem("cannot wait for events: \(describe(errno: -count))")
        Clock.sleep(nanoseconds: 100_000_000)
      }
      for index in 0..<Int(max(count, 0)) { serve(ids[index], readiness[index]) }
      if isAcceptPaused, !isIntakeEnded { resumeAccepting() }
      while reader.partialBytes > configuration.maximumPartialBytes, shedLongestPartial() {}
      switch control.asked {
      case .receive: break
      case .drain: if !isIntakeEnded { endIntake() }
      case .close:
        if !isIntakeEnded { endIntake() }
        if writeLastReplies() { return }
      }
    }
  }

  private var timeoutMilliseconds: Int32 {
    switch control.asked {
    case .close: 10
    // Somebody else's descriptor may come free without a sign to us.
    case .receive, .drain: isAcceptPaused && !isIntakeEnded ? 100 : -1
    }
  }

  private mutating func serve(_ id: UInt64, _ readiness: UInt32) {
    switch id {
    case Self.listeningID: acceptSome()
    case Self.wakeID: servePending()
    default:
      // It may have been closed earlier in this batch; numbers are never used twice.
      guard let connection = connections[id] else { return }
      if readiness & CSOCKETS_WRITABLE != 0 { write(connection) }
      if connection.hasEnded {
        if readiness & CSOCKETS_HUNG_UP != 0 { close(connection) }
        return
      }
      if readiness & (CSOCKETS_READABLE | CSOCKETS_HUNG_UP) != 0, case .ended = reader.turn(connection) {
        sideEnded(connection, isGone: readiness & CSOCKETS_HUNG_UP != 0)
      }
    }
  }

  // MARK: Connections

  /// Takes clients from the kernel's queue. False when it was left with some in it.
  @discardableResult
  private mutating func acceptSome(limit: Int = acceptsPerTurn) -> Bool {
    for _ in 0..<limit {
      guard connections.count < configuration.maximumConnections else {
        pauseAccepting("all \(configuration.maximumConnections) connections are taken")
        return false
      }
      let descriptor = csockets_accept(listening)
      if descriptor < 0 {
        switch -descriptor {
        case EINTR, ECONNABORTED: continue
        case EAGAIN, EINVAL: return true
        default:
          // No descriptor or no memory left (EMFILE, ENFILE, ENOBUFS, ENOMEM): the client keeps its place.
          pauseAccepting("no connection can be taken: \(describe(errno: -descriptor))")
          return false
        }
      }
      add(descriptor)
    }
    return false
  }

  private mutating func add(_ descriptor: Int32) {
    let id = Self.nextConnectionID.add(1, ordering: .relaxed).oldValue
    let replies = StreamReplyQueue(connectionID: id, limitBytes: configuration.maximumReplyBytes, pending: pending)
    let connection = StreamConnection(
      id: id, descriptor: descriptor, maximumLineBytes: configuration.maximumLineBytes, replies: replies)
    connections[id] = connection
    counters.acceptedConnections.add(1, ordering: .relaxed)
    counters.openConnections.store(connections.count, ordering: .relaxed)
    if csockets_epoll_add(epoll, descriptor, CSOCKETS_READABLE, id) < 0 {
      // Not watched (max_user_watches): read what it wrote so far and let it go.
      while case .more = reader.turn(connection) {}
      reader.finish(connection)
      close(connection)
      counters.shedConnections.add(1, ordering: .relaxed)
    }
  }

  private mutating func pauseAccepting(_ reason: String) {
    guard !isAcceptPaused else { return }
    isAcceptPaused = true
    counters.noteAcceptPause(reason)
    acceptsAgainNanoseconds = Clock.monotonicNanoseconds() + Self.acceptPauseNanoseconds
    _ = csockets_epoll_remove(epoll, listening)
  }

  private mutating func resumeAccepting() {
    guard connections.count < configuration.maximumConnections,
      Clock.monotonicNanoseconds() >= acceptsAgainNanoseconds
    else { return }
    if csockets_epoll_add(epoll, listening, CSOCKETS_READABLE, Self.listeningID) == 0 { isAcceptPaused = false }
  }

  /// All that the client wrote was read. One that closed is gone; one that only ended its side may wait for answers.
  private mutating func sideEnded(_ connection: StreamConnection, isGone: Bool) {
    connection.hasEnded = true
    connection.handle = nil
    if isGone {
      close(connection)
    } else {
      watch(connection)
    }
  }

  private mutating func close(_ connection: StreamConnection) {
    connection.closeReplies()
    // The descriptor is closed with the object, and so leaves epoll: nobody else holds either.
    connections[connection.id] = nil
    acceptsAgainNanoseconds = 0
    counters.openConnections.store(connections.count, ordering: .relaxed)
  }

  private func watch(_ connection: StreamConnection) {
    var interest: UInt32 = 0
    if !connection.hasEnded { interest |= CSOCKETS_READABLE }
    if connection.awaitsWritability { interest |= CSOCKETS_WRITABLE }
    _ = csockets_epoll_change(epoll, connection.descriptor, interest, connection.id)
  }

  /// Gives up the longest unfinished line of all. Each costs a search over the connections and frees at least the mean.
  private mutating func shedLongestPartial() -> Bool {
    guard let longest = connections.values.max(by: { $0.partial.count < $1.partial.count }), !longest.partial.isEmpty
    else { return false }
    reader.shedPartial(of: longest)
    counters.shedLines.add(1, ordering: .relaxed)
    return true
  }

  // MARK: Answers

  private mutating func servePending() {
    for id in pending.take() {
      if let connection = connections[id] { write(connection) }
    }
  }

  private mutating func write(_ connection: StreamConnection) {
    let outcome = connection.writeReplies()
    switch outcome {
    case .done, .finished:
      if connection.awaitsWritability {
        connection.awaitsWritability = false
        watch(connection)
      }
      if connection.hasEnded, outcome == .finished { close(connection) }
    case .blocked:
      if !connection.awaitsWritability {
        connection.awaitsWritability = true
        watch(connection)
      }
    case .dead: abandon(connection)
    }
  }

  /// The client does not read its answers, or can't: it is disconnected, after what it wrote was read.
  private mutating func abandon(_ connection: StreamConnection) {
    if !connection.hasEnded {
      readToEnd(connection)
      if connection.replies.withContent({ $0.hasOverflown }) { counters.shedConnections.add(1, ordering: .relaxed) }
    }
    close(connection)
  }

  // MARK: The end

  /// Takes nothing new from the client, and reads what it had written. Bounded by the kernel's buffer.
  private mutating func readToEnd(_ connection: StreamConnection) {
    // A socket that is shut down never says "nothing yet": it gives what it has, and then its end.
    guard shutdown(connection.descriptor, Int32(SHUT_RD)) == 0 else { return }
    while true {
      if case .ended = reader.turn(connection) { return }
    }
  }

  /// Reads what all clients had written, those in the kernel's queue included.
  private mutating func endIntake() {
    isIntakeEnded = true
    shutdown(listening, Int32(SHUT_RD))
    if !isAcceptPaused { _ = csockets_epoll_remove(epoll, listening) }
    var isQueueEmpty = false
    while true {
      let isLate = Clock.monotonicNanoseconds() > control.deadline
      if isLate {
        control.endIntake(leavingSomething: true)
        return
      }
      for connection in connections.values where !connection.hasEnded {
        readToEnd(connection)
        connection.hasEnded = true
        connection.handle = nil
        watch(connection)
        if Clock.monotonicNanoseconds() > control.deadline { break }
      }
      if isQueueEmpty { break }
      let known = connections.count
      isQueueEmpty = acceptSome()
      if !isQueueEmpty, connections.count == known { makeRoom() }
    }
    control.endIntake(leavingSomething: connections.values.contains { !$0.hasEnded })
  }

  /// Clients still queue and the connections are all taken: those that are owed no answer go first, then any.
  private mutating func makeRoom() {
    // Where we hold no descriptor that could be freed, others may free theirs.
    if connections.isEmpty { Clock.sleep(nanoseconds: 1_000_000) }
    let free = connections.values.filter { $0.replies.isReleased && $0.replies.withContent { $0.unwrittenBytes == 0 } }
    for connection in free.isEmpty ? Array(connections.values) : free { close(connection) }
  }

  /// True when the handler owes no client an answer and every answer is written, or time has run out.
  private mutating func writeLastReplies() -> Bool {
    for connection in Array(connections.values) where connection.replies.withContent({ $0.unwrittenBytes > 0 }) {
      write(connection)
    }
    let isDone = connections.values.allSatisfy { $0.replies.withContent { $0.isReleased && $0.unwrittenBytes == 0 } }
    guard isDone || Clock.monotonicNanoseconds() > control.deadline else { return false }
    for connection in connections.values { connection.closeReplies() }
    connections = [:]
    counters.openConnections.store(0, ordering: .relaxed)
    return true
  }
}
