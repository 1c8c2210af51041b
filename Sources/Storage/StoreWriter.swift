import Dispatch
import Foundation
import GRDB
public import Pipeline
import Synchronization

/// The store's one writer: a thread that opens the file, commits what its participants have, and answers the clients
/// that wait for it. When the file can't be used it goes on trying, and everything stays in memory meanwhile.
public final class StoreWriter: FlushHandler {
  /// Flushes that wait at once; clients beyond it are told no.
  static let maxWaiting = 65_536

  public struct Options: Sendable {
    /// The file.
    public var path: String
    /// Nanoseconds between commits.
    public var interval: Int64 = 1_000_000_000
    /// Nanoseconds for which a start waits for a store that can't be opened, and for which a stop waits for one that
    /// can't be written.
    public var startPatience: Int64 = 5_000_000_000
    public var stopPatience: Int64 = 10_000_000_000
    /// Called before the file is opened; what it throws keeps the store closed.
    public var prepare: @Sendable () throws(StoreError) -> Void = {}
    public init(path: String) { self.path = path }
  }

  public let status: StorageStatus
  private let options: Options
  private let participants: [any CommitParticipant]
  private let log: @Sendable (String) -> Void

  private struct Requests {
    var waiting: [FlushRequest] = []
    var isUrgent = false
    var isStopping = false
    var hasStarted = false
  }
  private let requests = Mutex(Requests())
  private let wake = DispatchSemaphore(value: 0)
  private let settled = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)
  private let opened = Mutex<Store?>(nil)

  /// - Parameter log: what an operator should know, one line each; called on the writer's thread.
  public init(
    options: Options, participants: [any CommitParticipant], log: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.options = options
    self.participants = participants
    self.log = log
    status = StorageStatus(interval: options.interval)
  }

  /// The open store, for readers; nil while there is none.
  public var store: Store? { opened.withLock { $0 } }

  public func start() {
    requests.withLock { $0.hasStarted = true }
    let thread = Thread { [self] in
      var session = StoreWriterSession(writer: self)
      session.run()
      ended.signal()
    }
    thread.name = "storage"
    thread.start()
  }

  /// Waits until stored numbers are restored or it is no use to wait for them any longer.
  ///
  /// - Returns: false when neither was so in time.
  @discardableResult
  public func waitUntilSettled(milliseconds: Int) -> Bool {
    if status.isSettled { return true }
    guard settled.wait(timeout: .now() + .milliseconds(milliseconds)) == .success else { return false }
    settled.signal()
    return true
  }

  /// Commits what there is, closes the store and ends the thread. Nothing may be counted any more.
  ///
  /// - Returns: how many events are counted and not stored, because the store could not be written in time.
  @discardableResult
  public func stop() -> Int64 {
    guard requests.withLock({ $0.hasStarted }) else { return 0 }
    requests.withLock { $0.isStopping = true }
    wake.signal()
    ended.wait()
    ended.signal()
    return uncommittedEvents
  }

  fileprivate var uncommittedEvents: Int64 { participants.reduce(0) { $0 + $1.uncommittedEvents } }

  public func flush(_ new: [FlushRequest]) {
    if new.isEmpty { return }
    let refused = requests.withLock { requests -> ArraySlice<FlushRequest> in
      let room = requests.isStopping ? 0 : max(0, Self.maxWaiting - requests.waiting.count)
      requests.waiting.append(contentsOf: new.prefix(room))
      return new.dropFirst(room)
    }
    for request in refused { request.fail(.storage) }
    wake.signal()
  }

  /// Asks for a timer's commit now: something that waits for it has grown large.
  public func commitSoon() {
    requests.withLock { $0.isUrgent = true }
    wake.signal()
  }

  // MARK: For the session

  fileprivate func openStore() throws(StoreError) -> Store {
    try options.prepare()
    return try Store(path: options.path)
  }

  fileprivate var path: String { options.path }
  fileprivate var interval: Int64 { options.interval }
  fileprivate var startPatience: Int64 { options.startPatience }
  fileprivate var stopPatience: Int64 { options.stopPatience }

  fileprivate func pending() -> (clientsWait: Bool, urgent: Bool, stopping: Bool) {
    requests.withLock { (!$0.waiting.isEmpty, $0.isUrgent, $0.isStopping) }
  }

  fileprivate func takeWaiting() -> [FlushRequest] {
    requests.withLock { requests in
      requests.isUrgent = false
      return exchange(&requests.waiting, with: [])
    }
  }

  fileprivate func sleep(_ nanoseconds: Int64) {
    _ = wake.wait(timeout: .now() + .nanoseconds(Int(clamping: nanoseconds)))
  }

  fileprivate func settle() {
    let first = !status.isSettled
    status.change { $0.isSettled = true }
    if first { settled.signal() }
  }

  fileprivate func publish(_ store: Store?) { opened.withLock { $0 = store } }
  fileprivate func say(_ line: String) { log(line) }
  fileprivate var all: [any CommitParticipant] { participants }
}

private func exchange<T>(_ value: inout T, with new: T) -> T {
  let old = value
  value = new
  return old
}

/// What the writer's thread owns.
private struct StoreWriterSession {
  let writer: StoreWriter
  var store: Store?
  var schedule: CommitSchedule
  /// Why the store does not work; nil while it does.
  var fault: StoreError?
  var writeAheadLog = WriteAheadLog()
  /// Until then a start waits for the store.
  let restoreBy: Int64

  init(writer: StoreWriter) {
    self.writer = writer
    schedule = CommitSchedule(interval: writer.interval, now: Self.now())
    restoreBy = Self.now() + writer.startPatience
  }

  static func now() -> Int64 { Int64(clamping: DispatchTime.now().uptimeNanoseconds) }

  mutating func run() {
    restore()
    while true {
      let pending = writer.pending()
      let step = schedule.step(
        now: Self.now(), clientsWait: pending.clientsWait, urgent: pending.urgent, stopping: pending.stopping)
      switch step {
      case .wait(let time): writer.sleep(time)
      case .waitAfterFailure(let time):
        for request in writer.takeWaiting() { request.fail(.storage) }
        writer.sleep(time)
      case .commit(.stop): return finish()
      case .commit(let reason): openAndCommit(reason)
      }
    }
  }

  /// Tries to open the store for as long as a start waits for it: an earlier process may still be writing its last
  /// commit. Who shows counters before they are restored shows a reset.
  private mutating func restore() {
    repeat {
      open()
      if store != nil || fault?.passesWithTime == false { break }
      writer.sleep(CommitSchedule.hastyRetry)
    } while Self.now() < restoreBy && !writer.pending().stopping
    writer.settle()
  }

  private mutating func openAndCommit(_ reason: CommitReason) {
    if let store, !store.isInPlace { close() }
    if store == nil { open() }
    commit(reason)
  }

  /// The last commit. Where the store can't take it, it is tried again for as long as a stop may wait.
  private mutating func finish() {
    let end = Self.now() + writer.stopPatience
    while true {
      openAndCommit(.stop)
      guard let fault, fault.passesWithTime, writer.uncommittedEvents > 0, Self.now() < end else { break }
      writer.sleep(CommitSchedule.hastyRetry)
    }
    for request in writer.takeWaiting() { request.fail(.storage) }
    close()
  }

  // MARK: Opening

  /// Twice at most: a file that is no good is set aside, and a new one is begun.
  private mutating func open() {
    for _ in 0..<2 {
      var operation = StorageOperation.open
      do {
        let store = try writer.openStore()
        self.store = store
        operation = .restore
        for participant in writer.all { try participant.opened(store) }
        writer.publish(store)
        schedule.opened()
        recovered()
        return
      } catch {
        let error = StoreError(error)
        fail(operation, error)
        guard error.isFileAtFault, setAside(error) else { return }
      }
    }
  }

  private mutating func setAside(_ error: StoreError) -> Bool {
    do {
      let name = try SetAside.move(writer.path, now: Date())
      writer.say("set the file aside as \(name), and begin a new one: \(error)")
      writer.status.change { $0.setAside.append(name) }
      return true
    } catch {
      writer.say("can't set the file aside: \(error)")
      return false
    }
  }

  /// The store is unusable for now: it is closed, and opened again later.
  private mutating func fail(_ operation: StorageOperation, _ error: StoreError) {
    writer.status.count(operation)
    if operation != .commit || !error.keepsConnection { close() }
    schedule.failed(now: Self.now())
    let text = "\(error)"
    if text != fault.map({ "\($0)" }) { writer.say(text) }
    fault = error
    writer.status.change {
      $0.isUp = false
      $0.fault = text
    }
  }

  private mutating func recovered() {
    if fault != nil { writer.say("the store works again") }
    fault = nil
    writer.status.change {
      $0.isUp = true
      $0.fault = nil
    }
  }

  private mutating func close() {
    writer.publish(nil)
    store?.close()
    store = nil
  }

  // MARK: Committing

  private mutating func commit(_ reason: CommitReason) {
    let began = Self.now()
    // Taken before anything is copied: whatever these clients sent before is counted, so this commit holds it.
    let waiting = writer.takeWaiting()
    guard let store else {
      // Why it can't be opened was counted and said by then.
      for request in waiting { request.fail(.storage) }
      return
    }
    do {
      try write(store, reason, synced: !waiting.isEmpty)
    } catch {
      for participant in writer.all { participant.rolledBack() }
      for request in waiting { request.fail(.storage) }
      let error = StoreError(error)
      fail(.commit, error)
      if error.isFileAtFault, setAside(error) { open() }
      return
    }
    for participant in writer.all { participant.committed() }
    for request in waiting { request.succeed() }
    writer.status.committed(nanoseconds: Self.now() - began)
    recovered()
    let bytes = afterCommit(store, reason)
    schedule.committed(reason, bytes: bytes, began: began)
    let interval = schedule.interval
    writer.status.change { $0.interval = interval }
    if reason != .flush { writer.status.change { $0.size = store.sizeOnDisk } }
  }

  /// Without the sync of FULL a commit survives the end of the process, but not always that of the machine.
  private func write(_ store: Store, _ reason: CommitReason, synced: Bool) throws {
    try store.withWriter { db in
      try db.execute(sql: synced || reason == .stop ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
      try db.inTransaction(.immediate) {
        for participant in writer.all { try participant.write(db, reason: reason) }
        return .commit
      }
    }
  }

  /// What can wait until the clients have their answers.
  ///
  /// - Returns: bytes written by the commit and by this.
  private mutating func afterCommit(_ store: Store, _ reason: CommitReason) -> Int64 {
    if reason == .timer {
      for participant in writer.all {
        attempt(participant.maintenance) { try store.withWriter { try participant.maintain($0) } }
      }
    }
    var bytes: Int64 = 0
    var log = writeAheadLog
    attempt(.checkpoint) { bytes = try log.tend(store, checkpointAlways: reason == .stop) }
    writeAheadLog = log
    return bytes
  }

  private func attempt(_ operation: StorageOperation, _ body: () throws -> Void) {
    do {
      try body()
    } catch {
      writer.status.count(operation)
      writer.say("\(operation.rawValue): \(error)")
    }
  }
}
