import Synchronization

/// What can be seen of a listener from any thread, at one moment.
public struct ListenerStatus: Sendable, Equatable {
  public var name: String
  public var source: IngestSource
  /// Where it really listens: the port that a 0 became.
  public var boundAddress: String
  public var isUp: Bool
  /// Why it is down.
  public var problem: String?
  public var datagrams: UInt64 = 0
  public var bytes: UInt64 = 0
  /// Calls of the handler.
  public var batches: UInt64 = 0
  /// Datagrams that the kernel cut and lines over the limit.
  public var truncated: UInt64 = 0
  /// Datagrams that the kernel dropped for want of buffer; only UDP does.
  public var kernelDrops: UInt64 = 0
  /// Seconds since 1970 of the last batch; nil before the first.
  public var lastReceiveUnixSeconds: Double?
  /// Of a stream; 0 for others.
  public var maximumConnections = 0
  public var openConnections = 0
  public var acceptedConnections: UInt64 = 0
  /// Connections that were ended for answers they did not read, and lines given up for memory.
  public var shedConnections: UInt64 = 0
  public var shedLines: UInt64 = 0
  /// How often clients began to wait in the kernel's queue for want of a place, and why they did the last time.
  public var acceptPauses: UInt64 = 0
  public var lastAcceptPause: String?
  public var receiveBuffer: ReceiveBuffer?

  /// What was asked of the kernel and what it gave.
  public struct ReceiveBuffer: Sendable, Equatable {
    public var askedBytes: Int
    /// As the kernel counts: twice what was asked when it gave all.
    public var grantedBytes: Int

    public var isShort: Bool { grantedBytes < 2 * askedBytes }
    /// What helps where it is short.
    public var advice: String? {
      isShort
        ? "asked for \(askedBytes) bytes of receive buffer, granted \(grantedBytes / 2): "
          + "raise it with 'sysctl -w net.core.rmem_max=\(askedBytes)'"
        : nil
    }
  }
}

/// The numbers behind a `ListenerStatus`: written by the listener's thread, read by any.
final class ListenerCounters: Sendable {
  let datagrams = Atomic<UInt64>(0)
  let bytes = Atomic<UInt64>(0)
  let batches = Atomic<UInt64>(0)
  let truncated = Atomic<UInt64>(0)
  let lastReceiveNanoseconds = Atomic<UInt64>(0)
  let openConnections = Atomic<Int>(0)
  let acceptedConnections = Atomic<UInt64>(0)
  let shedConnections = Atomic<UInt64>(0)
  let shedLines = Atomic<UInt64>(0)
  private let problem = Mutex<String?>("not started")
  private let acceptPauses = Mutex<(count: UInt64, reason: String?)>((0, nil))

  func setProblem(_ text: String?) { problem.withLock { $0 = text } }
  func noteAcceptPause(_ reason: String) { acceptPauses.withLock { $0 = ($0.count + 1, reason) } }

  /// One batch was handed on. Only the listener's own thread writes, so a load and a store are enough.
  func note(datagrams count: Int, bytes size: Int, truncated cut: Int, unixNanoseconds: UInt64) {
    Self.add(UInt64(count), to: datagrams)
    Self.add(UInt64(size), to: bytes)
    Self.add(1, to: batches)
    if cut > 0 { Self.add(UInt64(cut), to: truncated) }
    lastReceiveNanoseconds.store(unixNanoseconds, ordering: .relaxed)
  }

  private static func add(_ amount: UInt64, to counter: borrowing Atomic<UInt64>) {
    counter.store(counter.load(ordering: .relaxed) &+ amount, ordering: .relaxed)
  }

  func fill(_ status: inout ListenerStatus) {
    status.problem = problem.withLock { $0 }
    status.isUp = status.problem == nil
    status.datagrams = datagrams.load(ordering: .relaxed)
    status.bytes = bytes.load(ordering: .relaxed)
    status.batches = batches.load(ordering: .relaxed)
    status.truncated = truncated.load(ordering: .relaxed)
    let last = lastReceiveNanoseconds.load(ordering: .relaxed)
    status.lastReceiveUnixSeconds = last == 0 ? nil : Double(last) / 1e9
    status.openConnections = openConnections.load(ordering: .relaxed)
    status.acceptedConnections = acceptedConnections.load(ordering: .relaxed)
    status.shedConnections = shedConnections.load(ordering: .relaxed)
    status.shedLines = shedLines.load(ordering: .relaxed)
    (status.acceptPauses, status.lastAcceptPause) = acceptPauses.withLock { $0 }
  }
}
