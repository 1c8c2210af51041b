public import GRDB

/// What a commit is made for.
public enum CommitReason: Sendable {
  /// The interval is over: everything that changed is written.
  case timer
  /// Stream clients wait for it: only what an acknowledgement promises is written.
  case flush
  /// The daemon ends: everything that changed is written.
  case stop
}

/// What the store's errors are counted by.
public enum StorageOperation: String, CaseIterable, Sendable {
  case open, restore, commit, log, prune, checkpoint
}

/// Takes part in the store's commits. All of it is called on the writer's thread.
///
/// For each commit: `write`, then exactly one of `committed` and `rolledBack`; the latter comes without `write` where
/// the commit failed before.
public protocol CommitParticipant: AnyObject, Sendable {
  /// The store was opened, for the first time or again. Called before anything else.
  ///
  /// Throwing closes the store; a store that is corrupt is set aside, and any other attempt is repeated later.
  func opened(_ store: Store) throws

  /// Writes what came up since the last commit; inside the commit's transaction. A throw rolls all of it back, the
  /// other participants' part too: who can do without what it writes catches its errors itself, inside a savepoint.
  func write(_ db: Database, reason: CommitReason) throws

  /// What was written is on disk.
  func committed()

  /// Nothing of it is: it has to be written again.
  func rolledBack()

  /// Events that are counted and that no commit holds yet. A stop waits for the store as long as there are some.
  var uncommittedEvents: Int64 { get }

  /// After a timer's commit: one small step of what is not urgent, in a transaction of its own (retention, roll-ups).
  /// Clients that flush wait for as long as it takes: a few milliseconds at most.
  func maintain(_ db: Database) throws

  /// What an error of `maintain` is counted as.
  var maintenance: StorageOperation { get }
}

extension CommitParticipant {
  public func opened(_ store: Store) throws {}
  public func committed() {}
  public func rolledBack() {}
  public var uncommittedEvents: Int64 { 0 }
  public func maintain(_ db: Database) throws {}
  public var maintenance: StorageOperation { .prune }
}
