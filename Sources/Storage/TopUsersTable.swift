import CallMetrics
import GRDB

/// The table `top_users`: who spent most in a day and a month; a row for each counter, which may change hands.
enum TopUsersTable {
  static func readAll(_ db: Database) throws -> [StoredSpender] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT window, counter, started, user, name, dollars, picodollars, error_dollars, error_picodollars
        FROM top_users
        """
    ).map { row in
      StoredSpender(
        window: try row.cell(0), counter: try row.cell(1), started: try row.cell(2), user: try row.cell(3),
        name: try row.cell(4), dollars: StoredDollars.value(try row.cell(5), try row.cell(6)),
        error: StoredDollars.value(try row.cell(7), try row.cell(8)))
    }
  }

  static func write(_ spenders: [StoredSpender], to db: Database) throws {
    if spenders.isEmpty { return }
    let statement = try db.cachedStatement(sql: "INSERT OR REPLACE INTO top_users VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    for spender in spenders {
      let (dollars, rest) = StoredDollars.parts(spender.dollars)
      let (errorDollars, errorRest) = StoredDollars.parts(spender.error)
      statement.setUncheckedArguments([
        spender.window, spender.counter, spender.started, spender.user, spender.name, dollars, rest, errorDollars,
        errorRest,
      ])
      try statement.execute()
    }
    // A window's first counter is the first that it fills: rows that another window left go then, a later one's too,
    // which a clock ahead of its time began.
    for spender in spenders where spender.counter == 0 {
      try db.cachedStatement(sql: "DELETE FROM top_users WHERE window = ? AND started <> ?")
        .execute(arguments: [spender.window, spender.started])
    }
  }
}

/// Sums of money in two columns: whole dollars, and the rest in 1e-12 dollars.
enum StoredDollars {
  private static let whole: Int128 = 1_000_000_000_000

  static func value(_ dollars: Int64, _ picodollars: Int64) -> Int128 { Int128(dollars) * whole + Int128(picodollars) }

  static func parts(_ value: Int128) -> (dollars: Int64, picodollars: Int64) {
    let (dollars, rest) = value.quotientAndRemainder(dividingBy: whole)
    return (Int64(clamping: dollars), Int64(rest))
  }
}

extension Migration {
  static let topUsers = Migration(6) { db in
    try db.execute(
      sql: """
        CREATE TABLE top_users (
          window TEXT NOT NULL,        -- day or month, of UTC
          counter INTEGER NOT NULL,    -- 0 to 1023
          started INTEGER NOT NULL,    -- when the window began, nanoseconds since 1970
          user INTEGER NOT NULL,       -- keyed hash of the id
          name TEXT NOT NULL,          -- the id where ids are not hashed, else empty
          dollars INTEGER NOT NULL,    -- spent: whole ones
          picodollars INTEGER NOT NULL, -- and the rest, in 1e-12 dollars
          error_dollars INTEGER NOT NULL, -- the sum may be too large by so much
          error_picodollars INTEGER NOT NULL,
          PRIMARY KEY (window, counter)
        ) WITHOUT ROWID;
        """)
  }
}
