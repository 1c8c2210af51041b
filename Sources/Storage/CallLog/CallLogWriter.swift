import CallMetrics
import Events
public import GRDB
public import Pipeline
public import Pricing
import Synchronization

/// Writes what the queue holds into the file: the rows of calls and judgements, and the sums of their hours, in the
/// commit that holds the counts of the same moment, which `collect` names. The writer's thread calls it; prices may be
/// replaced from any.
public final class CallLogWriter: CommitParticipant {
  private let queue: CallLogQueue
  let configuration: CallLogConfiguration
  private let state: Mutex<CallLogState>
  private let newBook = Mutex<PriceBook?>(nil)
  private let now: @Sendable () -> Int64
  private let failed: @Sendable (any Error) -> Void
  /// Apart from the state: a scrape asks for it and must not wait for a commit.
  private let lost = Atomic<Int64>(0)

  /// - Parameters:
  ///   - seed: 16 random bytes: key of hashes in memory.
  ///   - now: nanoseconds since 1970.
  ///   - failed: told of an error that cost rows of the log, on the writer's thread.
  public init(
    queue: CallLogQueue, configuration: CallLogConfiguration, prices: PriceBook, seed: [UInt8],
    now: @escaping @Sendable () -> Int64, failed: @escaping @Sendable (any Error) -> Void = { _ in }
  ) {
    self.queue = queue
    self.configuration = configuration
    self.now = now
    self.failed = failed
    state = Mutex(CallLogState(configuration: configuration, prices: prices, seed: seed))
  }

  /// Rows that never reached the file.
  public var dropped: Int64 { queue.dropped + lost.load(ordering: .relaxed) }

  /// Calls that come from now on were priced by this table.
  public func replacePrices(_ book: PriceBook) { newBook.withLock { $0 = book } }

  /// Takes what waits in the queue: the next commit's rows. Called under the registry's lock, where a commit's counts are
  /// taken, so that an event has its row in the commit that counts it; a commit without such a call takes what there is,
  /// and the last one what the queue held back.
  public func collect() { state.withLock { $0.collect(from: queue, now: now(), isLast: false) } }

  /// The log never costs the counters their commit: what fails here is undone alone. A batch that SQLite refuses twice
  /// is given up, so that one row that it will not have does not stop the log for good; a full disk refuses nothing.
  public func write(_ db: Database, reason: CommitReason) throws {
    let book = newBook.withLock { book in
      defer { book = nil }
      return book
    }
    try state.withLock { state in
      if let book { state.replacePrices(book) }
      defer { lost.store(state.lost, ordering: .relaxed) }
      let isLast = reason == .stop
      if !state.isCollected || isLast { state.collect(from: queue, now: now(), isLast: isLast) }
      try state.write(db, failed: failed)
    }
  }

  public func committed() { state.withLock { $0.committed() } }
  public func rolledBack() { state.withLock { $0.rolledBack() } }

  public func maintain(_ db: Database) throws {
    try CallLogRetention(configuration: configuration).step(db, now: now())
  }
}

/// What the writer's thread owns.
struct CallLogState: ~Copyable {
  private let userHash: SipHash?
  private let idHash: SipHash
  private let redaction: Redaction
  private var pricer: Pricer
  private var priceVersions: [String: Int64] = [:]
  /// What no commit holds yet, oldest first: more than one batch only where commits failed.
  private var pending: [Pending] = []
  /// Empty, with room: the queue's next one.
  private var spare = CallLogBatch()
  private(set) var isCollected = false
  private(set) var lost: Int64 = 0
  private var sets: CallSetTable
  private var recent = RecentCalls()
  private var held = HeldTexts()
  private var hours = HourSums()
  private var detail = CallDetailWriter()
  private var user: [UInt8] = []
  /// Tells keys of the same microsecond apart.
  private var sequence: Int64 = 0

  private struct Pending {
    var batch: CallLogBatch
    /// Times that it was refused for what is in it.
    var refusals = 0
    var isWritten = false
  }

  init(configuration: CallLogConfiguration, prices: PriceBook, seed: [UInt8]) {
    userHash = configuration.userHashKey.map(SipHash.init(key:))
    idHash = SipHash(key: seed)
    redaction = configuration.redaction
    pricer = Pricer(book: prices)
    sets = CallSetTable(hash: idHash, labelNames: configuration.labelNames)
  }

  mutating func replacePrices(_ book: PriceBook) {
    pricer.replace(book)
    // What a name means may have changed with the book.
    sets.forget()
  }

  mutating func collect(from queue: CallLogQueue, now: Int64, isLast: Bool) {
    isCollected = true
    queue.drain(into: &spare, now: now, isLast: isLast)
    if spare.isEmpty { return }
    if pending.reduce(0, { $0 + $1.batch.events.count }) >= CallLogQueue.maxRows {
      // Commits fail: what waits here is as bounded as what waits in the queue.
      lost += Int64(spare.events.count)
    } else {
      pending.append(Pending(batch: spare))
      spare = CallLogBatch()
    }
  }

  mutating func committed() {
    isCollected = false
    if let last = pending.last, last.isWritten {
      pending.removeLast()
      spare = last.batch
    }
    pending.removeAll { $0.isWritten }
  }

  mutating func rolledBack() {
    isCollected = false
    for index in pending.indices { pending[index].isWritten = false }
    forgetRows()
  }

  /// What was made in a transaction is gone with it.
  private mutating func forgetRows() {
    sets.forget()
    recent.forget()
    priceVersions.removeAll()
  }

  // MARK: Writing

  mutating func write(_ db: Database, failed: (any Error) -> Void) throws {
    for index in pending.indices {
      do {
        try db.inSavepoint {
          try write(pending[index].batch, to: db)
          return .commit
        }
        pending[index].isWritten = true
      } catch {
        // SQLite may have undone the whole transaction: then there is no commit to be part of.
        guard db.isInsideTransaction else { throw error }
        forgetRows()
        if !StoreError(error).keepsConnection { pending[index].refusals += 1 }
        failed(error)
      }
    }
    lost += pending.reduce(0) { $0 + ($1.refusals > 1 ? Int64($1.batch.events.count) : 0) }
    pending.removeAll { $0.refusals > 1 }
  }

  private mutating func write(_ batch: CallLogBatch, to db: Database) throws {
    hours.removeAll()
    let version = try priceVersion(db)
    try unsafe batch.bytes.withUnsafeBytes { base in
      let insert = try unsafe CallInsert(db, base: base, priceVersion: version)
      for event in batch.events {
        if event.fields.kind == .call {
          try unsafe write(call: event, in: batch, insert, db)
        } else {
          try write(judgement: event, in: batch, db)
        }
      }
      unsafe insert.statement.clear()
    }
    try hours.write(db)
  }

  private mutating func priceVersion(_ db: Database) throws -> Int64 {
    let version = pricer.book.version
    if let id = priceVersions[version] { return id }
    try db.execute(sql: "INSERT OR IGNORE INTO price_versions (version) VALUES (?)", arguments: [version])
    let id = try Int64.fetchOne(db, sql: "SELECT id FROM price_versions WHERE version = ?", arguments: [version]) ?? 0
    priceVersions[version] = id
    return id
  }

  private mutating func write(
    call event: LoggedEvent, in batch: CallLogBatch, _ insert: CallInsert, _ db: Database
  ) throws {
    let set = try sets.id(of: event, in: batch, pricer: &pricer, db)
    detail.describe(event, in: batch)
    let userNumber = prepareUser(event.fields.user, in: batch)
    let time = event.fields.timestamp >= 0 ? event.fields.timestamp : event.received
    var key = CallKey.first(at: time) + sequence
    sequence = (sequence + 1) % CallKey.width
    try unsafe user.withUnsafeBytes { user in
      try unsafe detail.bytes.withUnsafeBytes { detail in
        var attempts = 0
        while try unsafe !insert.write(event, key: key, set: set, user: user, detail: detail) {
          attempts += 1
          key = attempts < 4 ? key + 1 : try CallLogState.freeKey(after: key, in: "calls", db)
        }
      }
    }
    remember(event, in: batch, RecentCalls.Place(key: key, set: set))
    let hour = Int32(clamping: time / 3_600_000_000_000)
    hours.add(
      HourSums.Key(hour: hour, outcome: CallOutcome.number(event.fields), set: set, user: userNumber), event)
    if !event.fields.promptText.isEmpty || !event.fields.responseText.isEmpty {
      if event.isNotable {
        try write(text: event, key: key, in: batch, db)
      } else {
        held.keep(
          key,
          HeldTexts.Held(
            prompt: batch.bytes(of: event.fields.promptText), response: batch.bytes(of: event.fields.responseText)))
      }
    }
  }

  /// Fills `user` with the id as it is written.
  ///
  /// - Returns: a number for it, 0 for none.
  private mutating func prepareUser(_ text: Text, in batch: CallLogBatch) -> UInt64 {
    user.removeAll(keepingCapacity: true)
    if text.isEmpty { return 0 }
    let number: UInt64
    if let userHash {
      number = userHash.hash(batch.bytes.span.extracting(text.offset..<text.offset + text.count))
      Hexadecimal.append(number, to: &user)
    } else {
      user.append(contentsOf: batch.cut(text))
      number = idHash.hash(user.span)
    }
    if !hours.knows(user: number) { hours.name(user: number, String(decoding: user, as: UTF8.self)) }
    return number
  }

  private mutating func remember(_ event: LoggedEvent, in batch: CallLogBatch, _ place: RecentCalls.Place) {
    for text in [event.fields.id, event.fields.traceID] where !text.isEmpty {
      recent.remember(hash(text, batch), place)
    }
  }

  private func hash(_ text: Text, _ batch: CallLogBatch) -> UInt64 {
    idHash.hash(batch.bytes.span.extracting(text.offset..<text.offset + text.count))
  }

  private mutating func write(judgement event: LoggedEvent, in batch: CallLogBatch, _ db: Database) throws {
    let fields = event.fields
    let namesModel = !fields.model.isEmpty || !fields.requestModel.isEmpty
    var place: RecentCalls.Place?
    for text in [fields.id, fields.traceID] where !text.isEmpty && place == nil {
      place = recent.place(of: hash(text, batch))
    }
    let set = namesModel ? try sets.id(of: event, in: batch, pricer: &pricer, db) : place?.set
    _ = prepareUser(fields.user, in: batch)
    func text(_ text: Text) -> String { String(decoding: batch.cut(text), as: UTF8.self) }
    var key = CallKey.first(at: fields.timestamp >= 0 ? fields.timestamp : event.received) + sequence
    sequence = (sequence + 1) % CallKey.width
    if try CallLogState.isTaken(key, in: "judgements", db) {
      key = try CallLogState.freeKey(after: key, in: "judgements", db)
    }
    var judgement = StoredJudgement()
    judgement.key = key
    judgement.call = place?.key
    judgement.set = set
    judgement.kind = fields.kind
    judgement.callID = text(fields.id)
    judgement.traceID = text(fields.traceID)
    judgement.user = String(decoding: user, as: UTF8.self)
    judgement.session = text(fields.session)
    judgement.rating = fields.rating
    judgement.category = fields.category
    judgement.name = text(fields.name)
    judgement.evaluator = fields.evaluator
    judgement.scoreNano = fields.scoreNano
    judgement.weight = event.weight
    try db.cachedStatement(sql: JudgementRow.insert).execute(
      arguments: StatementArguments(JudgementRow.values(judgement)))
    if !fields.comment.isEmpty { try write(text: event, key: key, in: batch, db) }
    if let place, Self.isBad(fields), let text = held.take(place.key) { try write(text, key: place.key, db) }
  }

  /// Half of what a score can be is the least that is not bad.
  private static func isBad(_ fields: EventFields) -> Bool {
    fields.rating == .negative || (0..<500_000_000).contains(fields.scoreNano)
  }

  private func write(_ text: HeldTexts.Held, key: Int64, _ db: Database) throws {
    func kept(_ bytes: [UInt8]) -> String? {
      bytes.isEmpty ? nil : redaction.redact(String(decoding: bytes, as: UTF8.self))
    }
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO texts (key, prompt, response) VALUES (?, ?, ?)")
      .execute(arguments: [key, kept(text.prompt), kept(text.response)])
  }

  private func write(text event: LoggedEvent, key: Int64, in batch: CallLogBatch, _ db: Database) throws {
    func kept(_ text: Text) -> String? {
      text.isEmpty ? nil : redaction.redact(String(decoding: batch.bytes(of: text), as: UTF8.self))
    }
    let fields = event.fields
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO texts (key, prompt, response, comment) VALUES (?, ?, ?, ?)")
      .execute(arguments: [key, kept(fields.promptText), kept(fields.responseText), kept(fields.comment)])
  }
}

extension CallLogState {
  static func isTaken(_ key: Int64, in table: String, _ db: Database) throws -> Bool {
    let sql = "SELECT EXISTS (SELECT 1 FROM \(table) WHERE key = ?)"
    return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [key]) ?? false
  }

  /// A key that is free, within a second of a moment that very many rows name: behind the last of them, so that it takes
  /// two looks into the table, however many there are.
  static func freeKey(after key: Int64, in table: String, _ db: Database) throws -> Int64 {
    var free = key
    repeat {
      let end = free.plus(CallKey.second)
      let sql = "SELECT max(key) FROM \(table) WHERE key >= ? AND key < ?"
      free = (try Int64.fetchOne(db.cachedStatement(sql: sql), arguments: [free, end]) ?? free).plus(1)
    } while try isTaken(free, in: table, db) && free < .max
    return free
  }
}

enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  static func append(_ value: UInt64, to bytes: inout [UInt8]) {
    for shift in stride(from: UInt64(60), through: 0, by: -4) { bytes.append(digits[Int(value >> shift & 15)]) }
  }
}
