import CallMetrics
import GRDB

/// The table `budgets`: what was spent of each budget in its window.
enum BudgetTable {
  static func readAll(_ db: Database) throws -> [StoredBudget] {
    try Row.fetchAll(
      db, sql: "SELECT budget, window, scope, key, started, dollars, picodollars, tokens FROM budgets"
    ).map { row in
      StoredBudget(
        budget: try row.cell(0), window: try row.cell(1), scope: try row.cell(2), started: try row.cell(4),
        key: try row.cell(3), dollars: StoredDollars.value(try row.cell(5), try row.cell(6)), tokens: try row.cell(7))
    }
  }

  static func write(_ budgets: [StoredBudget], to db: Database) throws {
    if budgets.isEmpty { return }
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO budgets VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (budget, window, scope, key) DO UPDATE SET started = excluded.started,
          dollars = excluded.dollars, picodollars = excluded.picodollars, tokens = excluded.tokens
        """)
    for sum in budgets {
      let (dollars, rest) = StoredDollars.parts(sum.dollars)
      statement.setUncheckedArguments([
        sum.budget, sum.window, sum.scope, sum.key, sum.started, dollars, rest, sum.tokens,
      ])
      try statement.execute()
    }
    // The row without a key is written when a window begins: rows of values that another one had go then, be it a later
    // one that a clock ahead of its time began.
    for sum in budgets where sum.key == 0 {
      try db.cachedStatement(
        sql: "DELETE FROM budgets WHERE budget = ? AND window = ? AND scope = ? AND started <> ?"
      ).execute(arguments: [sum.budget, sum.window, sum.scope, sum.started])
    }
  }
}

extension Migration {
  static let budgets = Migration(4) { db in
    try db.execute(
      sql: """
        CREATE TABLE budgets (
          budget TEXT NOT NULL,        -- its name
          window TEXT NOT NULL,        -- day, week or month
          scope TEXT NOT NULL,         -- whose calls: all, team=search, user=*; user ids are hashed
          key INTEGER NOT NULL,        -- keyed hash of the value in a budget for each; else 0
          started INTEGER NOT NULL,    -- when the window began, nanoseconds since 1970
          dollars INTEGER NOT NULL,    -- spent: whole ones
          picodollars INTEGER NOT NULL, -- and the rest, in 1e-12 dollars
          tokens INTEGER NOT NULL,
          PRIMARY KEY (budget, window, scope, key)
        ) WITHOUT ROWID;
        """)
  }
}
