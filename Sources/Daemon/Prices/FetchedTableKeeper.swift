import Logging
import Synchronization

/// The last good table that was fetched: on disk, so that it stays over restarts; in memory where there is no disk.
///
/// `prices-fetched.json` is the table as it came. `prices-fetched.meta` has a line each for the URL, the time of the
/// last successful check in nanoseconds since 1970, and the ETag.
final class FetchedTableKeeper: Sendable {
  struct Kept: Equatable, Sendable {
    var url: String
    /// Nanoseconds since 1970.
    var checked: Int64
    var etag: String
  }

  private static let tableName = "prices-fetched.json"
  private static let factsName = "prices-fetched.meta"

  private let directory: StateDirectory?
  /// Only where the disk can't take it.
  private let inMemory = Mutex<(bytes: [UInt8], facts: Kept)?>(nil)

  init(directory: StateDirectory?) { self.directory = directory }

  /// nil where there is none, or it came from another URL.
  func facts(url: String) -> Kept? {
    if let facts = inMemory.withLock({ $0?.facts }), facts.url == url { return facts }
    guard let directory, let bytes = try? FileContent.read(directory.file(Self.factsName), limit: 8192) else {
      return nil
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count >= 3, lines[0] == url, let checked = Int64(lines[1]) else { return nil }
    return Kept(url: url, checked: checked, etag: String(lines[2]))
  }

  func load(url: String, logger: Logger) -> (bytes: [UInt8], checked: Int64)? {
    if let kept = inMemory.withLock({ $0 }), kept.facts.url == url { return (kept.bytes, kept.facts.checked) }
    guard let directory, let facts = facts(url: url) else { return nil }
    do throws(FileProblem) {
      let bytes = try FileContent.read(directory.file(Self.tableName), limit: PriceRefresh.maxBytes)
      try PriceRefresh.judge(bytes, url: url)
      return (bytes, facts.checked)
    } catch {
      logger.warning("the kept price table can't be used", metadata: ["problem": "\(error)"])
      return nil
    }
  }

  func remember(_ bytes: [UInt8], _ facts: Kept, logger: Logger) {
    if let directory {
      do throws(FileProblem) {
        // The table first: facts that tell of a table which is not there would keep us from asking for it.
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

  /// The table that is kept is still current.
  func confirm(_ facts: Kept, logger: Logger) {
    let isInMemory = inMemory.withLock { kept in
      kept?.facts = facts
      return kept != nil
    }
    guard !isInMemory, let directory else { return }
    do throws(FileProblem) {
      try write(facts, to: directory)
    } catch {
      logger.warning("the time of the last price check can't be kept", metadata: ["problem": "\(error)"])
    }
  }

  private func write(_ facts: Kept, to directory: StateDirectory) throws(FileProblem) {
    let text = "\(facts.url)\n\(facts.checked)\n\(facts.etag)\n"
    try FileContent.replace(directory.file(Self.factsName), with: Array(text.utf8), mode: 0o644)
  }
}
