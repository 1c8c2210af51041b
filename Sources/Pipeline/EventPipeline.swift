public import CallMetrics
public import Events
public import Ingest
import Synchronization

/// From a batch of bytes to counted events: cuts it into lines, decodes each, and counts it. Each event is judged alone:
/// one bad event never costs its neighbours.
public final class EventPipeline: BatchHandler {
  private let registry: Registry
  private let decoder: EventDecoder
  private let clock: @Sendable () -> Int64
  private let maxLineBytes: Int
  private let flushes: (any FlushHandler)?
  private let remembersDatagrams: Bool
  private let callLog: CallLogQueue?
  /// Decoded events in use by no thread at the moment: one for each thread that ever handled a batch.
  private let spare = Mutex<[SpareEvent]>([])
  public let rejects = RecentRejects()

  /// - Parameters:
  ///   - maxLineBytes: a longer event is rejected as too long.
  ///   - remembersDatagrams: a resend of a datagram's event is not counted either; of a stream's it never is.
  ///   - flushes: makes safe what stream clients ask for; nil: there is no store, and they are told so.
  ///   - callLog: takes the calls that get a row in the log; nil: there is no log.
  ///   - clock: nanoseconds since 1970.
  public init(
    registry: Registry, decoder: EventDecoder, maxLineBytes: Int = 65_536, remembersDatagrams: Bool = false,
    flushes: (any FlushHandler)? = nil, callLog: CallLogQueue? = nil, clock: @escaping @Sendable () -> Int64
  ) {
    self.registry = registry
    self.decoder = decoder
    self.maxLineBytes = maxLineBytes
    self.flushes = flushes
    self.remembersDatagrams = remembersDatagrams
    self.callLog = callLog
    self.clock = clock
  }

  public func handle(
    _ bytes: Span<UInt8>, pieces: Span<BatchPiece>, source: IngestSource, replies: (any StreamReplies)?
  ) {
    let source = EventSource(rawValue: source.rawValue) ?? .unix
    let now = clock()
    let spare = takeEvent()
    var flushIDs: [[UInt8]] = []
    let wantsCommit = registry.withBatch(remembering: replies != nil || remembersDatagrams) { state in
      count(bytes, pieces, source, now, &spare.event, &state, &flushIDs)
      return state.wantsCommit
    }
    self.spare.withLock { $0.append(spare) }
    if wantsCommit { flushes?.commitSoon() }
    if let replies, !flushIDs.isEmpty { answer(flushIDs, replies) }
  }

  /// Counts the events of a batch.
  private func count(
    _ bytes: Span<UInt8>, _ pieces: Span<BatchPiece>, _ source: EventSource, _ now: Int64, _ event: inout Event,
    _ state: inout RegistryState, _ flushes: inout [[UInt8]]
  ) {
    for i in pieces.indices {
      if pieces[i].isTruncated {
        state.received(from: source, now: now)
        reject(Reject(.tooLong, at: pieces[i].count, "truncated"), source, now, &state)
      } else {
        let piece = bytes.extracting(pieces[i].offset..<pieces[i].offset + pieces[i].count)
        count(piece, source, now, &event, &state, &flushes)
      }
    }
  }

  private func answer(_ ids: [[UInt8]], _ replies: any StreamReplies) {
    let requests = ids.map { FlushRequest(id: $0, replies: replies) }
    guard let flushes else {
      for request in requests { request.fail(.noStorage) }
      return
    }
    flushes.flush(requests)
  }

  private func takeEvent() -> SpareEvent {
    spare.withLock { $0.popLast() } ?? SpareEvent()
  }

  /// Counts the lines of one piece.
  @inline(__always)
  private func count(
    _ piece: Span<UInt8>, _ source: EventSource, _ now: Int64, _ event: inout Event, _ state: inout RegistryState,
    _ flushes: inout [[UInt8]]
  ) {
    var start = 0
    while start < piece.count {
      let end = Lines.end(in: piece, from: start)
      let line = piece.extracting(start..<end)
      start = end &+ 1
      if Lines.isBlank(line) { continue }
      state.received(from: source, now: now)
      guard line.count <= maxLineBytes else {
        reject(Reject(.tooLong, at: maxLineBytes, "line"), source, now, &state)
        continue
      }
      do throws(Reject) {
        try decoder.decode(line, into: &event, now: now)
        let isAccepted = state.record(event, in: line, now: now)
        if let callLog, isAccepted { log(event, in: line, now, state, callLog) }
        if event.fields.kind == .flush { flushes.append(id(of: event, in: line)) }
      } catch {
        reject(error, source, now, &state)
      }
    }
  }

  @inline(__always)
  private func log(
    _ event: borrowing Event, in line: Span<UInt8>, _ now: Int64, _ state: borrowing RegistryState,
    _ callLog: CallLogQueue
  ) {
    switch event.fields.kind {
    case .call, .feedback, .score: callLog.offer(event, in: line, cost: state.lastCost, now: now)
    case .start, .flush, .gauge: break
    }
  }

  private func id(of event: borrowing Event, in line: Span<UInt8>) -> [UInt8] {
    var id: [UInt8] = []
    event.append(event.fields.id, in: line, to: &id)
    return id
  }

  private func reject(_ reject: Reject, _ source: EventSource, _ now: Int64, _ state: inout RegistryState) {
    state.rejected(reject.reason)
    rejects.add(reject, source: source, now: now)
  }
}

/// An event that waits for its next use. Never used by two threads at once: a thread takes it out of the list of spare
/// ones and puts it back when it is done.
private final class SpareEvent: @unchecked Sendable {
  var event = Event()
}
