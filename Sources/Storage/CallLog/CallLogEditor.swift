import CallMetrics
import Events
import Foundation
import GRDB
import Pricing

/// Changes what is logged: forgets a user, writes corrected costs, takes in rows of another file. Works beside a
/// running daemon: each step is a short transaction that its commits wait for.
public final class CallLogEditor {
  /// Rows of one transaction.
  static let rowsPerStep = 500

  let path: String
  let queue: DatabaseQueue
  let reader: CallLogReader

  public init(path: String) throws {
    self.path = path
    // Opened for reading first: that refuses files that are not ours before anything could be written to them.
    _ = try CallLogReader(path: path)
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
      // What is deleted is overwritten, and not only marked as free.
      try db.execute(sql: "PRAGMA secure_delete = ON")
    }
    queue = try DatabaseQueue(path: path, configuration: configuration)
    reader = CallLogReader(queue)
  }

  // MARK: Forgetting

  public struct Forgotten: Equatable, Sendable {
    public var calls = 0
    public var judgements = 0
    public var texts = 0
    public var hours = 0

    public init(calls: Int = 0, judgements: Int = 0, texts: Int = 0, hours: Int = 0) {
      self.calls = calls
      self.judgements = judgements
      self.texts = texts
      self.hours = hours
    }
  }

  /// Deletes everything that is kept under a user's id: rows, judgements, captured text, sums by hour; and the id, where
  /// it is not hashed, from the ranking of those who spent most.
  ///
  /// - Parameter users: the id, and its hash where ids are hashed.
  public func forget(users: [String]) throws -> Forgotten {
    var forgotten = Forgotten()
    for user in users {
      let calls = try delete("calls", of: user)
      let judgements = try delete("judgements", of: user)
      forgotten.calls += calls.rows
      forgotten.judgements += judgements.rows
      forgotten.texts += calls.texts + judgements.texts
      forgotten.hours += try queue.write { db in
        if try db.tableExists("top_users") {
          try db.execute(sql: "UPDATE top_users SET name = '' WHERE name = ?", arguments: [user])
        }
        try db.execute(sql: "DELETE FROM hours WHERE user = ?", arguments: [user])
        return db.changesCount
      }
    }
    // The write-ahead log holds pages from before. Where readers keep it, the next checkpoint empties it.
    try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
    return forgotten
  }

  /// Looks for the rows once, and deletes them and their text step by step.
  private func delete(_ table: String, of user: String) throws -> (rows: Int, texts: Int) {
    let keys = try queue.read { db in
      try Int64.fetchAll(db, sql: "SELECT key FROM \(table) WHERE user = ?", arguments: [user])
    }
    var texts = 0
    for start in stride(from: 0, to: keys.count, by: Self.rowsPerStep) {
      try queue.write { db in
        for key in keys[start..<min(start + Self.rowsPerStep, keys.count)] {
          try db.cachedStatement(sql: "DELETE FROM texts WHERE key = ?").execute(arguments: [key])
          texts += db.changesCount
          try db.cachedStatement(sql: "DELETE FROM \(table) WHERE key = ?").execute(arguments: [key])
        }
      }
    }
    return (keys.count, texts)
  }

  // MARK: Taking in

  /// Adds rows that are not there yet: a row is there when one of the same moment, combination, ids, outcome and
  /// numbers is. So the same file can be taken in twice.
  ///
  /// - Returns: how many were new.
  public func add(_ calls: [(call: StoredCall, set: CallSet, version: String)]) throws -> Int {
    let table = CallSetTable(hash: SipHash(key: Array(repeating: 0, count: 16)), labelNames: [])
    var added = 0
    try queue.write { db in
      for (call, set, version) in calls {
        var call = call
        call.set = try table.find(set, db)
        guard let key = try Self.freeKey(for: call, db) else { continue }
        call.key = key
        try db.execute(sql: "INSERT OR IGNORE INTO price_versions (version) VALUES (?)", arguments: [version])
        call.priceVersion =
          try Int64.fetchOne(db, sql: "SELECT id FROM price_versions WHERE version = ?", arguments: [version]) ?? 0
        try Self.insert(call, db)
        added += 1
      }
    }
    return added
  }

  /// - Returns: nil where the same row is there.
  private static func freeKey(for call: StoredCall, _ db: Database) throws -> Int64? {
    let first = call.key / CallKey.width * CallKey.width
    let isThere = try Bool.fetchOne(
      db.cachedStatement(
        sql: """
          SELECT EXISTS (SELECT 1 FROM calls WHERE key >= ?1 AND key < ?2 AND set_id = ?3 AND outcome = ?4
            AND cost = ?5 AND weight = ?6 AND coalesce(latency, -1) = ?7 AND coalesce(input, -1) = ?8
            AND coalesce(output, -1) = ?9 AND coalesce(call_id, '') = ?10 AND coalesce(trace_id, '') = ?11
            AND coalesce(user, '') = ?12 AND attempt = ?13)
          """),
      arguments: [
        first, first + CallKey.width * 1000, call.set, Int64(call.outcome), Int64(clamping: call.cost), call.weight,
        call.latency < 0 ? -1 : call.latency / 1000, call.usage.shape == .known ? call.usage.input : -1,
        call.usage.shape == .known ? call.usage.output : -1, call.callID, call.traceID, call.user, call.attempt,
      ])
    if isThere == true { return nil }
    let isTaken = try Bool.fetchOne(
      db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM calls WHERE key = ?)"), arguments: [call.key])
    return isTaken == true ? try CallLogState.freeKey(after: call.key, db) : call.key
  }

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

extension CallDetailWriter {
  /// The same detail with the parts of another cost.
  mutating func replaceCost(in detail: [UInt8], with cost: CallCost) {
    let first = CallDetail.Number.component.rawValue
    var reader = CallDetailReader(detail)
    while let item = reader.next() {
      switch item {
      case .number(let tag, let value):
        if tag >= first && tag < first + 8 || tag == CallDetail.Number.saved.rawValue { continue }
        addRaw(tag, value)
      case .bytes(let tag, let range): addRaw(tag, detail[range])
      }
    }
    if cost.total != 0 {
      for i in cost.components.indices { add(component: i, cost.components[i]) }
    }
    add(.saved, Int64(clamping: cost.saved))
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
      call.isCacheHit ? weight : 0, call.attempt > 1 ? weight : 0, counts ? call.usage.input &* weight : 0,
      counts ? call.usage.cachedInput &* weight : 0, counts ? call.usage.cacheWrite &* weight : 0,
      counts ? call.usage.output &* weight : 0, counts ? call.usage.reasoning &* weight : 0,
      Int64(clamping: dollars), Int64(clamping: rest), isTimed ? call.latency / 1000 &* weight : 0,
      isTimed ? weight : 0,
    ])
  }
}
