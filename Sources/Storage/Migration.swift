public import GRDB

/// One step of the schema. Steps are applied in order, each in a transaction of its own that also raises
/// `PRAGMA user_version` to its number. A step that was released is never changed: files of every earlier number are
/// kept as test fixtures.
public struct Migration: Sendable {
  public var number: Int
  public var apply: @Sendable (Database) throws -> Void

  public init(_ number: Int, apply: @escaping @Sendable (Database) throws -> Void) {
    self.number = number
    self.apply = apply
  }

  /// All steps, numbered from 1 without gaps.
  public static let all: [Migration] = [
    .state, .callLog, .usersActive, .budgets, .costCorrections, .topUsers, .callLogIndexes,
  ]
}

extension Migration {
  /// Everything that the counters continue from.
  static let state = Migration(1) { db in
    try db.execute(
      sql: """
        -- One row: facts of the file itself.
        CREATE TABLE file (
          identity BLOB NOT NULL,      -- 16 random bytes: the numbers of one file are added to a process once
          id_key_check INTEGER NOT NULL, -- of the key of the hashes in seen_ids, which is not kept here
          created INTEGER NOT NULL     -- nanoseconds since 1970
        );
        -- What the numbers of a record mean, slot by slot, in words that a later version understands.
        CREATE TABLE layouts (
          id INTEGER PRIMARY KEY,
          description TEXT NOT NULL UNIQUE
        );
        -- The numbers of a label set.
        CREATE TABLE series (
          id INTEGER PRIMARY KEY,
          kind TEXT NOT NULL,          -- calls, fallbacks, feedback, scores
          labels TEXT NOT NULL,        -- as exposed: model="…",provider="…",…
          created INTEGER NOT NULL,    -- nanoseconds since 1970, as the next one
          last_event INTEGER NOT NULL,
          layout INTEGER NOT NULL REFERENCES layouts(id),
          numbers BLOB NOT NULL,
          UNIQUE (kind, labels)
        );
        -- Rows of `series` that could not be carried over whole when labels or buckets were configured anew.
        CREATE TABLE superseded (
          id INTEGER PRIMARY KEY,
          superseded INTEGER NOT NULL, -- nanoseconds since 1970
          kind TEXT NOT NULL,
          labels TEXT NOT NULL,
          created INTEGER NOT NULL,
          last_event INTEGER NOT NULL,
          layout INTEGER NOT NULL REFERENCES layouts(id),
          numbers BLOB NOT NULL
        );
        -- Counters that belong to no label set.
        CREATE TABLE tallies (
          name TEXT PRIMARY KEY,
          value INTEGER NOT NULL
        ) WITHOUT ROWID;
        -- Keyed 64-bit hashes of events that were counted: one row for each commit, in the order of arrival.
        CREATE TABLE seen_ids (
          last INTEGER PRIMARY KEY,    -- how many ids had ever been remembered with the last one of this row
          time INTEGER NOT NULL,       -- of the commit, nanoseconds since 1970
          hashes BLOB NOT NULL         -- 8 bytes each, little-endian
        );
        """)
  }
}
