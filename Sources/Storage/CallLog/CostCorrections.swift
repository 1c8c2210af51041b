import CallMetrics
import Foundation
import GRDB
import Pricing

extension Migration {
  static let costCorrections = Migration(5) { db in
    try db.execute(
      sql: """
        -- What calls turned out to cost more or less, until the counters carry it. Rows of a run add up while its calls
        -- are priced again, and are applied together when it is done: a counter that goes down goes down once.
        CREATE TABLE cost_corrections (
          run INTEGER NOT NULL,            -- when it began, nanoseconds since 1970
          is_done INTEGER NOT NULL,
          set_id INTEGER NOT NULL,
          user TEXT NOT NULL,
          amount INTEGER NOT NULL,         -- 0…7 the part of the cost, 8 cost of retries, 9 saved by caches
          dollars INTEGER NOT NULL,        -- whole dollars, rounded down, and the rest in 1e-12 dollars
          rest INTEGER NOT NULL,
          PRIMARY KEY (run, set_id, user, amount)
        ) WITHOUT ROWID;
        """)
  }
}

/// The table `cost_corrections`.
enum CostCorrections {
  private static let unit: Picodollars = 1_000_000_000_000

  /// Whole dollars, rounded down, and the rest.
  static func split(_ amount: Picodollars) -> (dollars: Int64, rest: Int64) {
    let dollars = amount >= 0 ? amount / unit : (amount - unit + 1) / unit
    return (Int64(clamping: dollars), Int64(clamping: amount - dollars * unit))
  }

  // MARK: Writing

  struct Place: Hashable {
    var set: Int64
    var user: String
    var amount: CorrectedAmount
  }

  /// The run that goes on where a process died in it, else a new one.
  static func run(_ db: Database, now: Int64) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT run FROM cost_corrections WHERE is_done = 0 LIMIT 1") ?? now
  }

  static func add(_ differences: [Place: Picodollars], run: Int64, _ db: Database) throws {
    for (place, difference) in differences where difference != 0 {
      let (dollars, rest) = split(difference)
      try db.cachedStatement(
        sql: """
          INSERT INTO cost_corrections VALUES (?1, 0, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO UPDATE SET
            dollars = dollars + ?5 + (rest + ?6) / \(unit), rest = (rest + ?6) % \(unit)
          """
      ).execute(arguments: [run, place.set, place.user, place.amount.rawValue, dollars, rest])
    }
  }

  static func finish(run: Int64, _ db: Database) throws {
    try db.execute(sql: "UPDATE cost_corrections SET is_done = 1 WHERE run = ?", arguments: [run])
  }

  // MARK: Reading

  /// What runs that are done found, by run.
  static func done(_ db: Database) throws -> [Int64: [CostCorrection]] {
    let rows = try Row.fetchAll(
      db.cachedStatement(sql: "SELECT run, set_id, user, amount, dollars, rest FROM cost_corrections WHERE is_done = 1")
    )
    if rows.isEmpty { return [:] }
    let sets = try CallLogReader.sets(db)
    var found: [Int64: [Place: [CorrectedAmount: Picodollars]]] = [:]
    for row in rows {
      guard let amount = CorrectedAmount(rawValue: try row.cell(3)) else { continue }
      // One entry for all amounts of a set and user.
      let place = Place(set: try row.cell(1), user: try row.cell(2), amount: .input)
      found[try row.cell(0), default: [:]][place, default: [:]][amount] =
        Picodollars(try row.cell(4) as Int64) * unit + Picodollars(try row.cell(5) as Int64)
    }
    return found.mapValues { places in
      places.map { CostCorrection(labels: labels(of: sets[$0.set] ?? CallSet(), user: $0.user), amounts: $1) }
    }
  }

  static func delete(runs: some Collection<Int64>, _ db: Database) throws {
    for run in runs {
      try db.execute(sql: "DELETE FROM cost_corrections WHERE run = ? AND is_done = 1", arguments: [run])
    }
  }

  /// The labels under which the calls of a combination were counted.
  static func labels(of set: CallSet, user: String) -> [String: String] {
    var labels = Dictionary(
      CallSet.columns.map { ($0.name, set[keyPath: $0.path]) }, uniquingKeysWith: { first, _ in first })
    for label in set.labels { labels[CallLabel.custom(label.key).name] = label.value }
    labels["user"] = user
    return labels
  }
}
