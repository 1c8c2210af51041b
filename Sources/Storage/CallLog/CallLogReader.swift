import Events
public import GRDB
import Pricing

/// A read that was given a time and did not end in it.
public struct ReadTookTooLong: Error {}

/// Reads the call log. Each stretch of rows is a read transaction of its own, so that a long report never keeps the
/// daemon's write-ahead log from being emptied; what is read is settled all the same, because rows lie in the order of
/// time and old ones never change.
public struct CallLogReader: Sendable {
  /// Texts of a row that a question needs: to make the others into strings takes longer than to read the numbers.
  public struct Texts: OptionSet, Sendable {
    public var rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    public static let user = Texts(rawValue: 1)
    public static let session = Texts(rawValue: 2)
    public static let ids = Texts(rawValue: 4)
    public static let promptHash = Texts(rawValue: 8)
    public static let detail = Texts(rawValue: 16)
    public static let all: Texts = [.user, .session, .ids, .promptHash, .detail]
  }

  /// Rows of one read transaction.
  static let stretch = 20_000

  private let database: any DatabaseReader
  private let deadline: ContinuousClock.Instant?

  public init(_ database: any DatabaseReader) {
    self.database = database
    deadline = nil
  }

  /// Opens a file for reading only: the daemon's own, while it runs, or a copy.
  ///
  /// - Parameter patience: after so long reading throws `ReadTookTooLong`; nil: it takes as long as it takes.
  public init(path: String, patience: Duration? = nil) throws {
    deadline = patience.map { ContinuousClock.now + $0 }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    database = try DatabaseQueue(path: path, configuration: configuration)
    let application = try database.read { try Int.fetchOne($0, sql: "PRAGMA application_id") }
    guard application == Store.applicationID else { throw StoreError.foreign(path) }
    let version = try database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    let known = Migration.all.last?.number ?? 0
    guard version <= known else { throw StoreError.newerSchema(found: version, known: known) }
    guard version >= Migration.callLog.number else {
      throw StoreError.unavailable("\(path) was last written by a version without a call log")
    }
  }

  private func checkTime() throws(ReadTookTooLong) {
    if let deadline, ContinuousClock.now > deadline { throw ReadTookTooLong() }
  }

  public func sets() throws -> [Int64: CallSet] { try database.read { try Self.sets($0) } }

  static func sets(_ db: Database) throws -> [Int64: CallSet] {
    let columns = CallSet.columns
    let names = columns.map(\.name).joined(separator: ", ")
    var sets: [Int64: CallSet] = [:]
    let rows = try Row.fetchCursor(db, sql: "SELECT id, labels, \(names) FROM call_sets")
    while let row = try rows.next() {
      var set = CallSet()
      set.id = try row.cell(0)
      set.labels = CallSetLabels.parse(try row.cell(1))
      for (i, column) in columns.enumerated() { set[keyPath: column.path] = try row.cell(i + 2) }
      sets[set.id] = set
    }
    return sets
  }

  public func priceVersions() throws -> [Int64: String] {
    try database.read { db in
      let rows = try Row.fetchAll(db, sql: "SELECT id, version FROM price_versions")
      return Dictionary(rows.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    }
  }

  /// When the first call was that still has its row, and the first hour that still has sums.
  public func oldest() throws -> (call: Int64?, hour: Int64?) {
    try database.read { db in
      let key = try Int64.fetchOne(db, sql: "SELECT min(key) FROM calls")
      let hour = try Int64.fetchOne(db, sql: "SELECT min(hour) FROM hours")
      return (key.map(CallKey.time(of:)), hour.map { $0 * 3_600_000_000_000 })
    }
  }

  /// When the first call was from a time on that still has its row.
  func firstCall(from time: Int64) throws -> Int64? {
    try database.read { db in
      try Int64.fetchOne(db, sql: "SELECT min(key) FROM calls WHERE key >= ?", arguments: [CallKey.first(at: time)])
        .map(CallKey.time(of:))
    }
  }

  // MARK: Calls

  private static let selectCalls = """
    SELECT key, set_id, weight, outcome, http_status, finish_reason, cache, attempt, price, price_version, latency, ttft,
      input, cached_input, cache_write, output, reasoning, cost, user, session, call_id, trace_id, prompt_hash, detail
    FROM calls
    """

  /// Hands over the calls of a range of time, oldest first. The call handed over is the same variable each time.
  ///
  /// - Parameter range: nanoseconds since 1970.
  public func calls(
    in range: Range<Int64>, texts: Texts = [], _ body: (inout StoredCall) throws -> Void
  ) throws {
    let end = CallKey.first(at: range.upperBound)
    var next = CallKey.first(at: range.lowerBound)
    let sql = "\(Self.selectCalls) WHERE key >= ? AND key < ? ORDER BY key LIMIT \(Self.stretch)"
    var call = StoredCall()
    var count = Self.stretch
    while count == Self.stretch, next < end {
      count = 0
      try checkTime()
      try database.read { db in
        try unsafe forEachRow(db, sql, [next, end]) { row in
          unsafe Self.fill(&call, from: row, texts)
          try body(&call)
          count += 1
          return true
        }
      }
      next = call.key + 1
    }
  }

  /// The same for a body that takes its time, as one does that sends or writes: no transaction is open meanwhile, and the
  /// daemon's write-ahead log can be emptied.
  public func callsApart(in range: Range<Int64>, _ body: (StoredCall) throws -> Void) throws {
    let width = 500
    let end = CallKey.first(at: range.upperBound)
    var next = CallKey.first(at: range.lowerBound)
    var stretch: [StoredCall] = []
    repeat {
      stretch.removeAll(keepingCapacity: true)
      try database.read { db in
        let sql = "\(Self.selectCalls) WHERE key >= ? AND key < ? ORDER BY key LIMIT \(width)"
        try unsafe forEachRow(db, sql, [next, end]) { row in
          var call = StoredCall()
          unsafe Self.fill(&call, from: row, .all)
          stretch.append(call)
          return true
        }
      }
      for call in stretch { try body(call) }
      next = (stretch.last?.key ?? end) + 1
    } while stretch.count == width
  }

  private static func fill(_ call: inout StoredCall, from row: RawRow, _ texts: Texts) {
    unsafe call.key = row.int(0)
    unsafe call.set = row.int(1)
    unsafe call.weight = row.int(2)
    unsafe call.outcome = UInt8(truncatingIfNeeded: row.int(3))
    unsafe call.httpStatus = row.present(4)
    unsafe call.finishReason = closed(row.present(5))
    unsafe call.cache = closed(row.present(6))
    unsafe call.attempt = row.int(7)
    unsafe call.verdict = PriceVerdict.verdict(row.int(8))
    unsafe call.priceVersion = row.int(9)
    unsafe call.latency = nanoseconds(row.present(10))
    unsafe call.timeToFirstToken = nanoseconds(row.present(11))
    call.usage = Usage()
    let input = unsafe row.present(12)
    if input >= 0 {
      call.usage.shape = .known
      call.usage.input = input
      unsafe call.usage.cachedInput = row.int(13)
      unsafe call.usage.cacheWrite = row.int(14)
      unsafe call.usage.output = row.int(15)
      unsafe call.usage.reasoning = row.int(16)
    }
    unsafe call.cost = Picodollars(row.int(17))
    if texts.contains(.user) { unsafe call.user = row.text(18) }
    if texts.contains(.session) { unsafe call.session = row.text(19) }
    if texts.contains(.ids) {
      unsafe call.callID = row.text(20)
      unsafe call.traceID = row.text(21)
    }
    if texts.contains(.promptHash) { unsafe call.promptHash = row.text(22) }
    if texts.contains(.detail) { unsafe call.detail = row.blob(23) }
  }

  private static func closed<Value: ClosedSet>(_ number: Int64) -> Value? {
    UInt8(exactly: number).flatMap(Value.init(rawValue:))
  }

  private static func nanoseconds(_ microseconds: Int64) -> Int64 {
    microseconds < 0 ? -1 : microseconds.times(1000)
  }

  // MARK: Judgements and hours

  public func judgements(in range: Range<Int64>, _ body: (StoredJudgement) throws -> Void) throws {
    let sql = """
      SELECT key, call, set_id, kind, call_id, trace_id, user, session, rating, category, name, evaluator, score, weight
      FROM judgements WHERE key >= ? AND key < ? ORDER BY key LIMIT \(Self.stretch)
      """
    let end = CallKey.first(at: range.upperBound)
    var next = CallKey.first(at: range.lowerBound)
    var count = Self.stretch
    while count == Self.stretch, next < end {
      count = 0
      try checkTime()
      try database.read { db in
        try unsafe forEachRow(db, sql, [next, end]) { row in
          let judgement = unsafe Self.judgement(row)
          try body(judgement)
          next = judgement.key + 1
          count += 1
          return true
        }
      }
    }
  }

  private static func judgement(_ row: RawRow) -> StoredJudgement {
    func optional(_ value: Int64) -> Int64? { value < 0 ? nil : value }
    var judgement = StoredJudgement()
    unsafe judgement.key = row.int(0)
    unsafe judgement.call = optional(row.present(1))
    unsafe judgement.set = optional(row.present(2))
    unsafe judgement.kind = closed(row.int(3)) ?? .feedback
    unsafe judgement.callID = row.text(4)
    unsafe judgement.traceID = row.text(5)
    unsafe judgement.user = row.text(6)
    unsafe judgement.session = row.text(7)
    unsafe judgement.rating = closed(row.present(8))
    unsafe judgement.category = closed(row.present(9)) ?? .none
    unsafe judgement.name = row.text(10)
    unsafe judgement.evaluator = closed(row.present(11))
    unsafe judgement.scoreNano = row.present(12)
    unsafe judgement.weight = row.int(13)
    return judgement
  }

  /// Hands over the sums of whole hours, oldest first.
  ///
  /// - Parameter range: hours since 1970.
  public func hours(in range: Range<Int64>, _ body: (inout StoredHour) throws -> Void) throws {
    let sql = """
      SELECT hour, set_id, user, outcome, calls, unpriced, cache_hits, retries, input, cached_input, cache_write, output,
        reasoning, cost_dollars, cost_rest, latency, timed
      FROM hours WHERE hour >= ? AND hour < ? ORDER BY hour
      """
    // A day of hours is one read transaction.
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 24) {
      try checkTime()
      try database.read { db in
        var sums = StoredHour()
        try unsafe forEachRow(db, sql, [start, min(start + 24, range.upperBound)]) { row in
          unsafe Self.fill(&sums, from: row)
          try body(&sums)
          return true
        }
      }
    }
  }

  private static func fill(_ sums: inout StoredHour, from row: RawRow) {
    unsafe sums.hour = row.int(0)
    unsafe sums.set = row.int(1)
    unsafe sums.user = row.text(2)
    unsafe sums.outcome = UInt8(truncatingIfNeeded: row.int(3))
    unsafe sums.calls = row.int(4)
    unsafe sums.unpriced = row.int(5)
    unsafe sums.cacheHits = row.int(6)
    unsafe sums.retries = row.int(7)
    unsafe sums.input = row.int(8)
    unsafe sums.cachedInput = row.int(9)
    unsafe sums.cacheWrite = row.int(10)
    unsafe sums.output = row.int(11)
    unsafe sums.reasoning = row.int(12)
    unsafe sums.cost = Picodollars(row.int(13)) * 1_000_000_000_000 + Picodollars(row.int(14))
    unsafe sums.latency = nanoseconds(row.int(15))
    unsafe sums.timed = row.int(16)
  }
}
