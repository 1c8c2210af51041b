import CSockets
import Glibc
import Synchronization

/// Receives datagrams, from UDP or a Unix socket, on one thread.
final class DatagramListener: Listener {
  /// What other threads reach for; the receiving thread holds the descriptor's number only.
  private struct Handle: ~Copyable {
    var descriptor: SocketDescriptor?
    var thread: PlainThread?
    var drops = DropCount()

    var number: Int32? {
      switch descriptor {
      case .some(let descriptor): descriptor.number
      case nil: nil
      }
    }

    mutating func readDrops() {
      var reading: UInt32 = 0
      guard let number, unsafe csockets_drops(number, &reading) == 0 else { return }
      drops.note(reading)
    }
  }

  private let configuration: ListenerConfiguration
  private let boundAddress: String
  private let socketFile: UnixSocketFile?
  private let receiveBuffer: ListenerStatus.ReceiveBuffer
  private let counters = ListenerCounters()
  private let handle: Mutex<Handle>
  private let stop: EventFlag
  private let isStopping = Atomic<Bool>(false)
  /// When the drain gives up, in monotonic nanoseconds. Written before `isStopping`.
  private let drainDeadline = Atomic<UInt64>(.max)
  private let leftSomething = Atomic<Bool>(false)

  init(_ configuration: ListenerConfiguration) throws(ListenerError) {
    self.configuration = configuration
    stop = try EventFlag()
    let descriptor: SocketDescriptor
    switch configuration.address {
    case .udp(let text):
      descriptor = try UDPSocket.open(text)
      boundAddress = UDPSocket.boundAddress(descriptor.number) ?? text
      socketFile = nil
    case .unixDatagram(let path), .unixStream(let path):
      descriptor = try SocketDescriptor(domain: AF_UNIX, type: SOCK_DGRAM, name: configuration.name)
      socketFile = try UnixSocketFile.bind(descriptor, path: path, configuration: configuration)
      boundAddress = path
    }
    let granted = csockets_set_receive_buffer(descriptor.number, Int32(clamping: configuration.receiveBufferBytes))
    receiveBuffer = .init(askedBytes: configuration.receiveBufferBytes, grantedBytes: Int(max(granted, 0)))
    handle = Mutex(Handle(descriptor: descriptor))
  }

  func start(_ handler: any BatchHandler) throws(ListenerError) {
    guard let number = handle.withLock({ $0.number }) else {
      throw ListenerError(.system, "\(configuration.name): closed")
    }
    counters.setProblem(nil)
    let thread = try PlainThread(name: "in-\(configuration.source.label)") { [self] in
      receive(from: number, handler: handler)
    }
    handle.withLock { $0.thread = thread }
  }

  func drain(within limit: Duration) -> Bool {
    drainDeadline.store(Clock.monotonicNanoseconds() &+ limit.nanosecondsClamped, ordering: .relaxed)
    socketFile?.remove()
    let thread = handle.withLock { handle -> PlainThread? in
      guard let number = handle.number else { return nil }
      if configuration.source == .udp { UDPSocket.refuseNewcomers(number) }
      isStopping.store(true, ordering: .releasing)
      // Wakes a reader that waits for a datagram: it finds the queue, and after it the end.
      shutdown(number, Int32(SHUT_RD))
      return handle.thread
    }
    stop.raise()
    guard let thread else { return true }
    // A batch that was begun in time may end after it.
    return thread.join(within: limit + .milliseconds(100)) && !leftSomething.load(ordering: .acquiring)
  }

  func close(within limit: Duration) {
    if !isStopping.load(ordering: .acquiring) { _ = drain(within: .zero) }
    let thread = handle.withLock { $0.thread }
    // A handler that never returns keeps its thread and with it the descriptor: better than closing it under it.
    guard thread?.join(within: limit) ?? true else { return }
    counters.setProblem("closed")
    handle.withLock { handle in
      handle.readDrops()
      handle.descriptor = nil
    }
  }

  func status() -> ListenerStatus {
    var status = ListenerStatus(
      name: configuration.name, source: configuration.source, boundAddress: boundAddress, isUp: false)
    counters.fill(&status)
    status.receiveBuffer = receiveBuffer
    status.kernelDrops = handle.withLock { handle in
      handle.readDrops()
      return handle.drops.total
    }
    if status.isUp, let socketFile, !socketFile.isInPlace {
      status.isUp = false
      status.problem = "the socket file \(socketFile.path) was removed or replaced"
    }
    return status
  }

  // MARK: The receiving thread

  private func receive(from descriptor: Int32, handler: any BatchHandler) {
    // The kernel queues eleven datagrams on a Unix socket. On UDP more slots are no faster and take more memory.
    let slots = configuration.source == .udp ? 64 : 16
    guard var batch = ReceiveBatch(slots: slots, slotBytes: max(configuration.maximumLineBytes, 64 << 10)) else {
      counters.setProblem("not enough memory for the receive buffers")
      return
    }
    var policy = CoalescingPolicy(
      isEnabled: configuration.source == .udp && configuration.coalesces, grantedBufferBytes: receiveBuffer.grantedBytes
    )
    var received = ReceiveBatch.Received()
    var waits = true
    var hasFailed = false
    while true {
      if isStopping.load(ordering: .acquiring) {
        waits = false
        if Clock.monotonicNanoseconds() > drainDeadline.load(ordering: .relaxed) {
          leftSomething.store(true, ordering: .releasing)
          return
        }
      }
      let count = batch.receive(from: descriptor, waits: waits, into: &received)
      if hasFailed, count >= 0 || -count == EAGAIN {
        counters.setProblem(nil)
        hasFailed = false
      }
      if count < 0 {
        guard -count == EAGAIN else {
          hasFailed = waitOut(-count) || hasFailed
          continue
        }
        if isStopping.load(ordering: .acquiring) { return }
        received = ReceiveBatch.Received()
      } else if received.bytes > 0 || !isStopping.load(ordering: .acquiring) {
        // (What a shut-down socket returns looks like an empty datagram.)
        counters.note(
          datagrams: received.datagrams, bytes: received.bytes, truncated: received.truncated,
          unixNanoseconds: Clock.unixNanoseconds())
        batch.deliver(received, to: handler, source: configuration.source)
      }
      switch policy.action(
        taken: received.datagrams, bytes: received.bytes, slots: slots, now: Clock.monotonicNanoseconds())
      {
      case .block:
        batch.releaseLargePages()
        waits = true
      case .takeMore:
        waits = false
      case .sleep(let nanoseconds):
        Clock.sleep(nanoseconds: nanoseconds)
        waits = false
      }
    }
  }

  /// A read failed: nothing that happens to a bound datagram socket is for good, so it is tried again after a while.
  /// The listener is down until one succeeds. False when it was no failure.
  private func waitOut(_ failure: Int32) -> Bool {
    guard failure != EINTR else { return false }
    counters.setProblem("cannot read: \(describe(errno: failure))")
    _ = stop.wait(within: .milliseconds(100))
    return true
  }
}
