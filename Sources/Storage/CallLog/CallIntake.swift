import CallMetrics
import Events
import Foundation
import GRDB
import Pricing

extension CallLogEditor {
  /// Adds rows that are not there yet, so that the same file can be taken in twice.
  ///
  /// - Returns: how many were new.
  public func add(_ calls: [(call: StoredCall, set: CallSet, version: String)]) throws -> Int {
    try queue.write { db in
      var added = 0
      for (call, set, version) in calls where try intake.take(call, set, version, db) { added += 1 }
      return added
    }
  }

  /// The same for judgements; those of a call come after it.
  public func add(_ judgements: [(judgement: StoredJudgement, set: CallSet?)]) throws -> Int {
    try queue.write { db in
      var added = 0
      for (judgement, set) in judgements where try intake.take(judgement, set, db) { added += 1 }
      return added
    }
  }
}

/// Which rows of a table the lines of an import are.
///
/// A line belongs where its key says; where another row is in its place already, behind that, within a second. A row of
/// the same content that lies there is this line, taken in before, unless it is another line's: so ten equal lines are
/// ten rows, and the same ten lines once more are none. A key is in a file once: a line with the key of one before it is
/// that one again, of an archive that overlaps.
struct ClaimedRows {
  /// Rows that are remembered to be a line's, at least those of the last second.
  private static let limit = 1 << 18

  let table: String
  /// The key of the line that a row is, by the row's.
  private var lines: [Int64: Int64] = [:]

  init(table: String) { self.table = table }

  /// - Parameter equal: finds rows of the line's content from a key on and before another one.
  /// - Returns: where the line is to be written; nil: it is there.
  mutating func place(
    for key: Int64, _ db: Database, equal: (_ first: Int64, _ end: Int64) throws -> DatabaseValueCursor<Int64>
  ) throws -> Int64? {
    if lines.count > Self.limit { lines = lines.filter { $0.key >= key } }
    guard try CallLogState.isTaken(key, in: table, db) else {
      lines[key] = key
      return key
    }
    let rows = try equal(key, key.plus(CallKey.second))
    while let row = try rows.next() {
      if let line = lines[row], line != key { continue }
      lines[row] = key
      return nil
    }
    let free = try CallLogState.freeKey(after: key, in: table, db)
    lines[free] = key
    return free
  }
}

/// Takes lines of an export into the tables.
struct CallIntake {
  private var calls = ClaimedRows(table: "calls")
  private var judgements = ClaimedRows(table: "judgements")
  private let sets = CallSetTable(hash: SipHash(key: Array(repeating: 0, count: 16)), labelNames: [])

  /// - Returns: whether it was new.
  mutating func take(_ call: StoredCall, _ set: CallSet, _ version: String, _ db: Database) throws -> Bool {
    var call = call
    call.set = try sets.find(set, db)
    guard let key = try calls.place(for: call.key, db, equal: { try Self.equal(call, from: $0, to: $1, db) }) else {
      return false
    }
    call.key = key
    try db.execute(sql: "INSERT OR IGNORE INTO price_versions (version) VALUES (?)", arguments: [version])
    call.priceVersion =
      try Int64.fetchOne(db, sql: "SELECT id FROM price_versions WHERE version = ?", arguments: [version]) ?? 0
    try Self.insert(call, db)
    return true
  }

  /// What the table made of a call may have been corrected since: it does not tell calls apart.
  private static func equal(
    _ call: StoredCall, from first: Int64, to end: Int64, _ db: Database
  ) throws -> DatabaseValueCursor<Int64> {
    let isKnown = call.usage.shape == .known
    let table = PriceVerdict.number(.priced(.table))
    return try Int64.fetchCursor(
      db.cachedStatement(
        sql: """
          SELECT key FROM calls WHERE key >= ?1 AND key < ?2 AND set_id = ?3 AND outcome = ?4
            AND (cost = ?5 OR price >= \(table)) AND weight = ?6 AND coalesce(latency, -1) = ?7
            AND coalesce(input, -1) = ?8 AND coalesce(output, -1) = ?9 AND coalesce(call_id, '') = ?10
            AND coalesce(trace_id, '') = ?11 AND coalesce(user, '') = ?12 AND attempt = ?13 ORDER BY key
          """),
      arguments: [
        first, end, call.set, Int64(call.outcome), Int64(clamping: call.cost), call.weight,
        call.latency < 0 ? -1 : call.latency / 1000, isKnown ? call.usage.input : -1, isKnown ? call.usage.output : -1,
        call.callID, call.traceID, call.user, call.attempt,
      ])
  }

  // MARK: Judgements

  /// - Returns: whether it was new.
  mutating func take(_ judgement: StoredJudgement, _ set: CallSet?, _ db: Database) throws -> Bool {
    var judgement = judgement
    judgement.set = try set.map { try sets.find($0, db) }
    // Its call may have found another place, or none: then it is found by its id.
    if let call = judgement.call, try !CallLogState.isTaken(call, in: "calls", db) { judgement.call = nil }
    let content = JudgementRow.values(judgement).dropFirst(2)
    guard
      let key = try judgements.place(
        for: judgement.key, db,
        equal: { first, end in
          try Int64.fetchCursor(
            db.cachedStatement(sql: JudgementRow.equal), arguments: StatementArguments([first, end] + content))
        })
    else { return false }
    judgement.key = key
    try db.cachedStatement(sql: JudgementRow.insert).execute(
      arguments: StatementArguments(JudgementRow.values(judgement)))
    return true
  }

  // MARK: Rows of calls

  private static func insert(_ call: StoredCall, _ db: Database) throws {
    let isKnown = call.usage.shape == .known
    func text(_ text: String) -> String? { text.isEmpty ? nil : text }
    func present(_ value: Int64) -> Int64? { value < 0 ? nil : value }
    let values: [(any DatabaseValueConvertible)?] = [
      call.key, call.set, call.weight, Int64(call.outcome), present(call.httpStatus),
      call.finishReason.map { Int64($0.rawValue) }, call.cache.map { Int64($0.rawValue) }, call.attempt,
      PriceVerdict.number(call.verdict), call.priceVersion, call.latency < 0 ? nil : call.latency / 1000,
      call.timeToFirstToken < 0 ? nil : call.timeToFirstToken / 1000, isKnown ? call.usage.input : nil,
      isKnown ? call.usage.cachedInput : nil, isKnown ? call.usage.cacheWrite : nil, isKnown ? call.usage.output : nil,
      isKnown ? call.usage.reasoning : nil, Int64(clamping: call.cost), text(call.user), text(call.session),
      text(call.callID), text(call.traceID), text(call.promptHash), call.detail.isEmpty ? nil : Data(call.detail),
    ]
    try db.cachedStatement(sql: CallRow.insert).execute(arguments: StatementArguments(values))
    try HourSums.add(call, db)
  }
}

extension HourSums {
  /// Adds one stored call to the sums of its hour.
  static func add(_ call: StoredCall, _ db: Database) throws {
    let weight = call.weight
    let counts = call.usage.shape == .known && !call.isCacheHit
    let (dollars, rest) = call.totalCost.quotientAndRemainder(dividingBy: 1_000_000_000_000)
    let isTimed = call.latency >= 0 && !call.isCacheHit
    try db.cachedStatement(sql: upsert).execute(arguments: [
      call.time / 3_600_000_000_000, call.set, call.user, Int64(call.outcome), weight, call.isPriced ? 0 : weight,
      call.isCacheHit ? weight : 0, call.attempt > 1 ? weight : 0, counts ? call.usage.input.times(weight) : 0,
      counts ? call.usage.cachedInput.times(weight) : 0, counts ? call.usage.cacheWrite.times(weight) : 0,
      counts ? call.usage.output.times(weight) : 0, counts ? call.usage.reasoning.times(weight) : 0,
      Int64(clamping: dollars), Int64(clamping: rest), isTimed ? (call.latency / 1000).times(weight) : 0,
      isTimed ? weight : 0,
    ])
  }
}
