import Events
import Logging
import Pricing
import Synchronization

/// Makes price tables of their layers — shipped, fetched, files, overrides — and knows which one is in use. Each layer
/// is read again for every new table, so that none stays in memory beside the table itself.
final class PriceShelf: Sendable {
  struct Facts: Sendable {
    var version = ""
    var modelCount = 0
    /// The layers, weakest first.
    var source = ""
    /// The fetched one among them. Its URL is not for showing.
    var fetched: FetchedTableKeeper.Kept?
    /// Of the layers' content: another one means that another table is in use. Of this process only.
    var fingerprint = 0
    /// When the table was made, or last found to be current; nanoseconds since 1970, 0: unknown.
    var updated: Int64 = 0
    /// Why the last attempt to get a newer one failed.
    var lastProblem: String?
    var failures: Int64 = 0
  }

  /// For commands, which say themselves what is to be said.
  static let silent = Logger(label: "prices") { _ in SwiftLogNoOpLogHandler() }

  private let facts = Mutex(Facts())
  let keeper: FetchedTableKeeper

  init(directory: StateDirectory?) { keeper = FetchedTableKeeper(directory: directory) }

  var current: Facts { facts.withLock { $0 } }

  /// A table of everything that the configuration names.
  func build(_ settings: Configuration.Prices, logger: Logger) throws(StartProblem) -> PriceBook {
    var layers = [PriceLayer.shipped]
    var fetched: FetchedTableKeeper.Kept?
    // Until a new URL has delivered, the table from the old one stands.
    if !settings.url.isEmpty, let kept = keeper.load(logger: logger) {
      layers.append(.table(kept.bytes, name: PublicURL.text(kept.facts.url)))
      fetched = kept.facts
    }
    for path in settings.files {
      do throws(FileProblem) {
        layers.append(.table(try FileContent.read(path, limit: PriceBook.maxTableBytes), name: path))
      } catch {
        throw StartProblem("price table \(error)")
      }
    }
    if !settings.overrides.isEmpty {
      layers.append(.overrides(Self.table(of: settings.overrides), name: "prices.overrides"))
    }
    let book: PriceBook
    do throws(PriceTableError) {
      book = try PriceBook(layers: layers, aliases: settings.aliases)
    } catch {
      throw StartProblem("price table \(error)")
    }
    note(book, layers: layers, fetched: fetched, logger: logger)
    return book
  }

  private func note(
    _ book: PriceBook, layers: [PriceLayer], fetched: FetchedTableKeeper.Kept?, logger: Logger
  ) {
    let source = layers.map(\.name).joined(separator: " + ")
    let made = fetched?.checked ?? WallClock.nanoseconds(ofDate: book.version) ?? 0
    facts.withLock { facts in
      facts.version = book.version
      facts.modelCount = book.count
      facts.source = source
      facts.fetched = fetched
      facts.fingerprint = Self.fingerprint(layers)
      facts.updated = made
    }
    let age = made > 0 ? PageFacts.duration(WallClock.now - made) : "unknown"
    logger.info(
      "price table in use",
      metadata: [
        "version": "\(book.version)", "models": "\(book.count)", "priced": "\(book.pricedCount)", "age": "\(age)",
        "layers": "\(source)",
      ])
    for problem in book.problems.prefix(5) {
      logger.warning("entry of a price table left out", metadata: ["problem": "\(problem)"])
    }
    if book.problemCount > 5 {
      logger.warning(
        "more entries of price tables left out: llm-exporter prices validate FILE names them",
        metadata: ["count": "\(book.problemCount)"])
    }
  }

  private static func fingerprint(_ layers: [PriceLayer]) -> Int {
    var hasher = Hasher()
    for layer in layers { hasher.combine(layer) }
    return hasher.finalize()
  }

  /// The source was asked, and what we have is what it has.
  func confirmCurrent(at time: Int64) {
    facts.withLock { facts in
      facts.updated = time
      facts.fetched?.checked = time
      facts.lastProblem = nil
    }
  }

  func fail(_ problem: String) {
    facts.withLock { facts in
      facts.lastProblem = problem
      facts.failures += 1
    }
  }

  static func table(of overrides: [String: String]) -> [UInt8] {
    let members = overrides.sorted { $0.key < $1.key }.map { JSONText.quote($0.key) + ":" + $0.value }
    return Array("{\(members.joined(separator: ","))}".utf8)
  }
}
