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
  var intake = CallIntake()

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

  /// Deletes everything that is kept under a user's id: rows, captured text, sums by hour, and judgements: the user's own
  /// and what others said of the user's calls; and the id, where it is not hashed, from the ranking of those who spent
  /// most.
  ///
  /// - Parameter users: the id, and its hash where ids are hashed.
  public func forget(users: [String]) throws -> Forgotten {
    var forgotten = Forgotten()
    for user in users {
      let calls = try calls(of: user)
      let judgements = try delete("judgements", try judgements(of: user, calls))
      let rows = try delete("calls", Array(calls.keys))
      forgotten.calls += rows.rows
      forgotten.judgements += judgements.rows
      forgotten.texts += rows.texts + judgements.texts
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

  /// What judgements call a user's calls.
  private struct UsersCalls {
    var keys: Set<Int64> = []
    var ids: Set<String> = []
  }

  private func calls(of user: String) throws -> UsersCalls {
    try queue.read { db in
      var calls = UsersCalls()
      let rows = try Row.fetchCursor(
        db, sql: "SELECT key, call_id, trace_id FROM calls WHERE user = ?", arguments: [user])
      while let row = try rows.next() {
        calls.keys.insert(row[0])
        for id in [row[1], row[2]] as [String?] { if let id { calls.ids.insert(id) } }
      }
      return calls
    }
  }

  private func judgements(of user: String, _ calls: UsersCalls) throws -> [Int64] {
    var keys: [Int64] = []
    try reader.judgements(in: 0..<Int64.max) { judgement in
      let isOfCall =
        judgement.call.map(calls.keys.contains) ?? (!judgement.subject.isEmpty && calls.ids.contains(judgement.subject))
      if judgement.user == user || isOfCall { keys.append(judgement.key) }
    }
    return keys
  }

  /// Deletes rows and their text step by step.
  private func delete(_ table: String, _ keys: [Int64]) throws -> (rows: Int, texts: Int) {
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
}
