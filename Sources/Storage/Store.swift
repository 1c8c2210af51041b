import Foundation
public import GRDB

/// The SQLite file, opened and brought to the newest schema: one writing connection, and readers that never wait for it.
///
/// Who writes: the thread of `StoreWriter`, and nobody else. Who reads: anybody, through `read`.
public final class Store: Sendable {
  /// "LLMX": tells our files from other SQLite files.
  public static let applicationID = 0x4c4c_4d58
  /// The file's name in the storage directory.
  public static let fileName = "llm-exporter.db"
  /// So long a statement waits for another process's lock, in seconds.
  static let busyTimeout = 1.0

  public let path: String
  private let pool: DatabasePool
  private let holder: FileLock
  private let fileNumber: Int

  /// Opens or makes the file, and applies the migrations that it lacks. Touches nothing of a file that it refuses.
  public init(path: String, migrations: [Migration] = Migration.all) throws(StoreError) {
    self.path = path
    holder = try FileLock(path: path + ".lock")
    do {
      try Self.makeFile(path)
      let known = migrations.last?.number ?? 0
      try Self.examine(path, known: known)
      pool = try DatabasePool(path: path, configuration: Self.configuration(busyTimeout: Self.busyTimeout))
      try pool.writeWithoutTransaction { db in
        for migration in migrations { try Self.apply(migration, to: db) }
      }
      fileNumber = Self.fileNumber(path) ?? 0
    } catch {
      throw StoreError(error)
    }
  }

  /// A consistent view of the file at this moment; never blocks the writer.
  public func read<T>(_ value: (Database) throws -> T) throws -> T { try pool.read(value) }

  /// The writing connection. On the writer's thread only.
  func withWriter<T>(_ body: (Database) throws -> T) throws -> T {
    try pool.writeWithoutTransaction(body)
  }

  public func close() {
    // Fails only while a statement is in use elsewhere: then the connection goes with the last reference to it.
    try? pool.close()
    holder.release()
  }

  /// Whether the path still leads to the file that is open: somebody may have moved or deleted it.
  var isInPlace: Bool { Self.fileNumber(path) == fileNumber }

  private static func fileNumber(_ path: String) -> Int? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.systemFileNumber] as? NSNumber)?.intValue
  }

  /// Bytes of the file and its write-ahead log.
  public var sizeOnDisk: Int64 {
    [path, path + "-wal"].reduce(0) { size, path in
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return size + ((attributes?[.size] as? NSNumber)?.int64Value ?? 0)
    }
  }

  // MARK: Opening

  private static func configuration(busyTimeout: Double) -> Configuration {
    var configuration = Configuration()
    configuration.busyMode = .timeout(busyTimeout)
    configuration.maximumReaderCount = 3
    configuration.prepareDatabase { db in
      // The writer checkpoints by itself, after the clients that wait for a commit have their answers.
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
      try db.execute(sql: "PRAGMA journal_size_limit = 4194304")
      try db.execute(sql: "PRAGMA cache_size = -1024")
    }
    return configuration
  }

  /// Who pays whom for which calls is nobody else's business: SQLite gives its other files the mode of the first.
  private static func makeFile(_ path: String) throws(StoreError) {
    if FileManager.default.fileExists(atPath: path) { return }
    guard FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600]) else {
      throw .unavailable("can't make \(path): \(StoreError.describe(errno: errno))")
    }
  }

  /// Looks at a file without changing it: is it ours, and do we understand it?
  private static func examine(_ path: String, known: Int) throws {
    let queue = try DatabaseQueue(path: path, configuration: configuration(busyTimeout: busyTimeout))
    defer { try? queue.close() }
    try queue.inDatabase { db in
      let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
      let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
      let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
      if application == 0, version == 0, tables == 0 { return }
      guard application == applicationID else {
        throw StoreError.foreign("\(path) is a SQLite file of another application (application_id \(application))")
      }
      guard version <= known else { throw StoreError.newerSchema(found: version, known: known) }
    }
  }

  private static func apply(_ migration: Migration, to db: Database) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard version < migration.number else { return }
    try db.inTransaction(.immediate) {
      try migration.apply(db)
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: "PRAGMA user_version = \(migration.number)")
      return .commit
    }
  }
}
