import Logging
import Synchronization

/// The last good table that was fetched: on disk, so that it stays over restarts; in memory where there is no disk.
///
/// `prices-fetched.json` is the table as it came. `prices-fetched.meta` has a line each for the URL, the time of the
/// last successful check in nanoseconds since 1970, and the ETag; only its owner may read it, since URLs hold passwords.
final class FetchedTableKeeper: Sendable {
  struct Kept: Equatable, Sendable {
    var url: String
    /// Nanoseconds since 1970.
    var checked: Int64
    var etag: String

    func isOfSameTable(_ other: Kept) -> Bool { url == other.url && etag == other.etag }
  }

  private static let tableName = "prices-fetched.json"
  private static let factsName = "prices-fetched.meta"

  private let directory: StateDirectory?
  /// Only where the disk can't take it.
  private let inMemory = Mutex<(bytes: [UInt8], facts: Kept)?>(nil)

  init(directory: StateDirectory?) { self.directory = directory }

  private var facts: Kept? {
    guard let directory, let bytes = try? FileContent.read(directory.file(Self.factsName), limit: 8192) else {
      return nil
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 3, let checked = Int64(lines[1]) else { return nil }
    return Kept(url: String(lines[0]), checked: checked, etag: String(lines[2]))
  }

  /// nil where there is none, or it is damaged. It may have come from another URL than the one that is set now.
  func load(logger: Logger) -> (bytes: [UInt8], facts: Kept)? {
    if let kept = inMemory.withLock({ $0 }) { return kept }
    guard let directory, let facts else { return nil }
    do throws(FileProblem) {
      let bytes = try FileContent.read(directory.file(Self.tableName), limit: PriceRefresh.maxBytes)
      try PriceRefresh.judge(bytes, name: directory.file(Self.tableName))
      return (bytes, facts)
    } catch {
      logger.warning("the kept price table can't be used", metadata: ["problem": "\(error)"])
      return nil
    }
  }

  func remember(_ bytes: [UInt8], _ facts: Kept, logger: Logger) {
    if let directory {
      do throws(FileProblem) {
        // The table first: facts that tell of another table would keep us from asking for the new one.
        try FileContent.replace(directory.file(Self.tableName), with: bytes, mode: 0o644)
        try write(facts, to: directory)
        inMemory.withLock { $0 = nil }
        return
      } catch {
        logger.error("the fetched price table can't be kept over a restart", metadata: ["problem": "\(error)"])
      }
    }
    inMemory.withLock { $0 = (bytes, facts) }
  }

  /// The table in use was still current at a time; it is the one that is kept, unless a newer one could not be used.
  func confirm(_ inUse: Kept, at time: Int64, logger: Logger) {
    var confirmed = inUse
    confirmed.checked = time
    let isInMemory = inMemory.withLock { kept in
      if kept?.facts.isOfSameTable(inUse) == true { kept?.facts = confirmed }
      return kept != nil
    }
    guard !isInMemory, let directory, facts?.isOfSameTable(inUse) == true else { return }
    do throws(FileProblem) {
      try write(confirmed, to: directory)
    } catch {
      logger.warning("the time of the last price check can't be kept", metadata: ["problem": "\(error)"])
    }
  }

  private func write(_ facts: Kept, to directory: StateDirectory) throws(FileProblem) {
    let text = "\(facts.url)\n\(facts.checked)\n\(facts.etag)\n"
    try FileContent.replace(directory.file(Self.factsName), with: Array(text.utf8), mode: 0o600)
  }
}
