import Logging
import Pricing
import ServiceLifecycle

/// Fetches a price table on a schedule, judges it, keeps it, and puts it to use. On any failure the last good one
/// stays, over restarts too.
struct PriceRefresh: Service, CustomStringConvertible {
  /// LiteLLM's table has some 2 MB.
  static let maxBytes = 32 << 20
  /// A table with fewer priced models than this is a mistake (an error page, half a file), not news.
  static let leastModels = 100

  let daemon: Daemon
  var description: String { "price refresh" }

  /// Looks every second at what is due, because a reload may change it.
  func run() async throws {
    await cancelWhenGracefulShutdown {
      var schedule = PriceSchedule()
      while !Task.isCancelled {
        let settings = daemon.configuration.prices
        schedule.observe(settings, keptSince: inUse(from: settings.url)?.checked, now: WallClock.now)
        if schedule.isDue(now: WallClock.now) {
          let succeeded = await attempt(settings.url)
          schedule.attempted(succeeded: succeeded, now: WallClock.now, random: .random(in: 0..<1))
        }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  /// The table that calls are priced by now, where it came from that URL. Only its ETag may be asked with: a table that
  /// is kept and could not be used would be called current for ever.
  private func inUse(from url: String) -> FetchedTableKeeper.Kept? {
    daemon.prices.current.fetched.flatMap { $0.url == url ? $0 : nil }
  }

  private func attempt(_ url: String) async -> Bool {
    let keeper = daemon.prices.keeper
    let known = inUse(from: url)
    let outcome = await Blocking.runTransfer { PriceFetch.get(url, etag: known?.etag ?? "") }
    let name = PublicURL.text(url)
    do throws(FileProblem) {
      switch outcome {
      // The daemon's stop broke it off.
      case .failed where Task.isCancelled: return false
      case .failed(let problem): throw FileProblem(path: name, reason: problem)
      case .unchanged:
        guard let known else { throw FileProblem(path: name, reason: "the server answered 304, unasked") }
        let now = WallClock.now
        keeper.confirm(known, at: now, logger: daemon.logger)
        daemon.prices.confirmCurrent(at: now)
        daemon.logger.info("price table is current", metadata: ["url": "\(name)"])
      case .table(let bytes, let etag):
        try Self.judge(bytes, name: name)
        let facts = FetchedTableKeeper.Kept(url: url, checked: WallClock.now, etag: etag)
        keeper.remember(bytes, facts, logger: daemon.logger)
        try daemon.renewPrices()
      }
      return true
    } catch {
      daemon.prices.fail(error.description)
      daemon.logger.error("price table not refreshed; the last good one stays", metadata: ["problem": "\(error)"])
      return false
    }
  }

  /// Whether fetched bytes are a table worth using.
  static func judge(_ bytes: [UInt8], name: String) throws(FileProblem) {
    do throws(PriceTableError) {
      _ = try PriceBook.validate(bytes, name: name, atLeast: leastModels)
    } catch {
      throw FileProblem(path: name, reason: error.description)
    }
  }
}
