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
        schedule.observe(
          settings, keptSince: daemon.prices.keeper.facts(url: settings.url)?.checked, now: WallClock.now)
        if schedule.isDue(now: WallClock.now) {
          let succeeded = await attempt(settings.url)
          schedule.attempted(succeeded: succeeded, now: WallClock.now, random: .random(in: 0..<1))
        }
        try? await Task.sleep(for: .seconds(1))
      }
    }
  }

  private func attempt(_ url: String) async -> Bool {
    let keeper = daemon.prices.keeper
    let known = keeper.facts(url: url)
    let outcome = await Blocking.run { PriceFetch.get(url, etag: known?.etag ?? "") }
    do throws(FileProblem) {
      switch outcome {
      case .failed(let problem): throw FileProblem(path: url, reason: problem)
      case .unchanged:
        keeper.confirm(.init(url: url, checked: WallClock.now, etag: known?.etag ?? ""), logger: daemon.logger)
        daemon.prices.confirmCurrent(at: WallClock.now)
        daemon.logger.info("price table is current", metadata: ["url": "\(url)"])
      case .table(let bytes, let etag):
        try Self.judge(bytes, url: url)
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
  static func judge(_ bytes: [UInt8], url: String) throws(FileProblem) {
    do throws(PriceTableError) {
      _ = try PriceBook.validate(bytes, name: url, atLeast: leastModels)
    } catch {
      throw FileProblem(path: url, reason: error.description)
    }
  }
}
