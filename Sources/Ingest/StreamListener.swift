import CSockets
import Glibc
import Synchronization

/// Receives lines from the clients of a Unix stream socket, thousands of them, on one thread.
final class StreamListener: Listener {
  private struct Handle: ~Copyable {
    var descriptor: SocketDescriptor?
    var thread: PlainThread?
  }

  private let configuration: ListenerConfiguration
  private let socketFile: UnixSocketFile
  private let counters = ListenerCounters()
  private let handle: Mutex<Handle>
  private let pending: PendingConnections
  private let control: StreamControl

  init(_ configuration: ListenerConfiguration) throws(ListenerError) {
    guard case .unixStream(let path) = configuration.address else {
      throw ListenerError(.badAddress, "\(configuration.name): is no Unix stream address")
    }
    self.configuration = configuration
    let type = __socket_type(rawValue: SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = try SocketDescriptor(domain: AF_UNIX, type: type, name: configuration.name)
    pending = try PendingConnections()
    control = try StreamControl()
    socketFile = try UnixSocketFile.bind(descriptor, path: path, configuration: configuration)
    // As long a queue as the system allows (net.core.somaxconn cuts it): clients in it lose nothing.
    if listen(descriptor.number, 65_535) < 0 {
      let failure = errno
      socketFile.remove()
      throw ListenerError(.system, "\(configuration.name): cannot listen: \(describe(errno: failure))")
    }
    handle = Mutex(Handle(descriptor: descriptor))
  }

  func start(_ handler: any BatchHandler) throws(ListenerError) {
    guard let number = handle.withLock({ $0.descriptor?.number }) else {
      throw ListenerError(.system, "\(configuration.name): closed")
    }
    let epoll = csockets_epoll_make()
    guard epoll >= 0 else {
      throw ListenerError(.system, "\(configuration.name): cannot make an epoll: \(describe(errno: -epoll))")
    }
    counters.setProblem(nil)
    let thread = try PlainThread(name: "in-unix") { [self] in
      var loop = StreamLoop(
        listening: number, epoll: epoll, configuration: configuration, handler: handler, counters: counters,
        pending: pending, control: control)
      loop.run()
    }
    handle.withLock { $0.thread = thread }
  }

  func drain(within limit: Duration) -> Bool {
    socketFile.remove()
    let thread = handle.withLock { $0.thread }
    guard thread != nil else { return true }
    control.ask(.drain, within: limit)
    pending.flag.raise()
    return control.intakeEnded.wait(within: limit + .milliseconds(100)) && !control.leftSomething
  }

  func close(within limit: Duration) {
    socketFile.remove()
    control.ask(.close, within: limit)
    pending.flag.raise()
    let thread = handle.withLock { $0.thread }
    guard thread?.join(within: limit + .milliseconds(100)) ?? true else { return }
    counters.setProblem("closed")
    handle.withLock { $0.descriptor = nil }
  }

  func status() -> ListenerStatus {
    var status = ListenerStatus(
      name: configuration.name, source: .unix, boundAddress: socketFile.path, isUp: false)
    status.maximumConnections = configuration.maximumConnections
    counters.fill(&status)
    if status.isUp, !socketFile.isInPlace {
      status.isUp = false
      status.problem = "the socket file \(socketFile.path) was removed or replaced"
    }
    return status
  }
}

/// What other threads ask of a stream's thread, and what it answers.
final class StreamControl: Sendable {
  enum Phase: UInt8 { case receive, drain, close }

  let intakeEnded: EventFlag
  private let phase = Atomic<UInt8>(Phase.receive.rawValue)
  private let deadlineNanoseconds = Atomic<UInt64>(.max)
  private let hasLeftSomething = Atomic<Bool>(false)

  init() throws(ListenerError) { intakeEnded = try EventFlag() }

  func ask(_ next: Phase, within limit: Duration) {
    deadlineNanoseconds.store(Clock.monotonicNanoseconds() &+ limit.nanosecondsClamped, ordering: .relaxed)
    phase.store(next.rawValue, ordering: .releasing)
  }

  var asked: Phase { Phase(rawValue: phase.load(ordering: .acquiring)) ?? .close }
  var deadline: UInt64 { deadlineNanoseconds.load(ordering: .relaxed) }

  var leftSomething: Bool { hasLeftSomething.load(ordering: .acquiring) }
  func endIntake(leavingSomething: Bool) {
    hasLeftSomething.store(leavingSomething, ordering: .releasing)
    intakeEnded.raise()
  }
}
