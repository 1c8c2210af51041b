import GRDB

extension Migration {
  /// The log of single calls, what was judged about them, and the sums of each hour.
  ///
  /// A row's key is its time: microseconds since 1970, times 1024, plus a number that tells calls of the same
  /// microsecond apart. So the table lies in the order of time without an index, a range of time is a range of keys,
  /// and the oldest rows are the first ones.
  static let callLog = Migration(2) { db in
    try db.execute(
      sql: """
        -- What calls have in common: a row for each combination that occurred.
        CREATE TABLE call_sets (
          id INTEGER PRIMARY KEY,
          model TEXT NOT NULL,             -- the one asked for, as in the label
          response_model TEXT NOT NULL,    -- the one that answered, as it was named
          request_model TEXT NOT NULL,     -- the one asked for, as it was named
          provider TEXT NOT NULL,
          operation TEXT NOT NULL,
          application TEXT NOT NULL,
          team TEXT NOT NULL,
          environment TEXT NOT NULL,
          function TEXT NOT NULL,
          prompt_name TEXT NOT NULL,
          prompt_version TEXT NOT NULL,
          version TEXT NOT NULL,
          service_tier TEXT NOT NULL,
          region TEXT NOT NULL,
          fallback_from TEXT NOT NULL,
          labels TEXT NOT NULL             -- free labels: a JSON object, its keys in order
        );
        CREATE INDEX call_sets_by_model ON call_sets (model, application);
        -- Versions of the price table that priced calls.
        CREATE TABLE price_versions (
          id INTEGER PRIMARY KEY,
          version TEXT NOT NULL UNIQUE
        );
        CREATE TABLE calls (
          key INTEGER PRIMARY KEY,
          set_id INTEGER NOT NULL,
          weight INTEGER NOT NULL,         -- calls that this row stands for
          outcome INTEGER NOT NULL,        -- 0 success, else 1 + the number of the error type
          http_status INTEGER,
          finish_reason INTEGER,
          cache INTEGER,                   -- the application's own cache: 0 hit, 1 miss
          attempt INTEGER NOT NULL,
          price INTEGER NOT NULL,          -- 0… the source of the cost, 16… why there is none
          price_version INTEGER NOT NULL,
          latency INTEGER,                 -- microseconds, as the next one
          ttft INTEGER,
          input INTEGER,                   -- all input tokens; null where no usage was understood
          cached_input INTEGER,            -- of input
          cache_write INTEGER,             -- of input
          output INTEGER,                  -- all output tokens
          reasoning INTEGER,               -- of output
          cost INTEGER NOT NULL,           -- of one call, 1e-12 dollars
          user TEXT,
          session TEXT,
          call_id TEXT,
          trace_id TEXT,
          prompt_hash TEXT,
          detail BLOB                      -- what few calls have: see CallDetail
        );
        -- Feedback and scores.
        CREATE TABLE judgements (
          key INTEGER PRIMARY KEY,
          call INTEGER,                    -- key of the call, where it was known when the judgement came
          set_id INTEGER,
          kind INTEGER NOT NULL,           -- 2 feedback, 3 score
          call_id TEXT,
          trace_id TEXT,
          user TEXT,
          session TEXT,
          rating INTEGER,
          category INTEGER,
          name TEXT,
          evaluator INTEGER,
          score INTEGER,                   -- 0…1 in 1e-9
          weight INTEGER NOT NULL
        );
        -- Sums of an hour: kept much longer than the calls.
        CREATE TABLE hours (
          hour INTEGER NOT NULL,           -- since 1970
          set_id INTEGER NOT NULL,
          user TEXT NOT NULL,
          outcome INTEGER NOT NULL,
          calls INTEGER NOT NULL,
          unpriced INTEGER NOT NULL,
          cache_hits INTEGER NOT NULL,
          retries INTEGER NOT NULL,
          input INTEGER NOT NULL,
          cached_input INTEGER NOT NULL,
          cache_write INTEGER NOT NULL,
          output INTEGER NOT NULL,
          reasoning INTEGER NOT NULL,
          cost_dollars INTEGER NOT NULL,   -- whole dollars, and the rest in 1e-12 dollars
          cost_rest INTEGER NOT NULL,
          latency INTEGER NOT NULL,        -- microseconds of all calls that say it
          timed INTEGER NOT NULL,          -- calls that say it
          PRIMARY KEY (hour, set_id, user, outcome)
        ) WITHOUT ROWID;
        -- Captured text, redacted; kept for a shorter time.
        CREATE TABLE texts (
          key INTEGER PRIMARY KEY,         -- of the call or the judgement
          prompt TEXT,
          response TEXT,
          comment TEXT
        );
        """)
  }
}

extension Migration {
  /// What each new combination, and each row that goes, looks for: without these a client that names a new version with
  /// every call, or a log that is full, would have the writer read whole tables.
  static let callLogIndexes = Migration(7) { db in
    try db.execute(
      sql: """
        DROP INDEX call_sets_by_model;
        CREATE INDEX call_sets_by_columns ON call_sets (model, application, prompt_version, labels, response_model,
          request_model, provider, operation, team, environment, function, prompt_name, version, service_tier, region,
          fallback_from);
        CREATE INDEX judgements_by_call ON judgements (call);
        """)
  }
}

/// Keys of rows in the order of time.
public enum CallKey {
  /// Numbers within one microsecond.
  static let width: Int64 = 1024
  /// Keys of a second.
  static let second = width * 1_000_000

  /// - Parameter time: nanoseconds since 1970.
  public static func first(at time: Int64) -> Int64 { max(0, time / 1000).times(width) }

  public static func time(of key: Int64) -> Int64 { key / width &* 1000 }
}
