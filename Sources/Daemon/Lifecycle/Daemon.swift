import CallMetrics
import Events
import Ingest
import Logging
import Pipeline
import Pricing
import Storage
import Synchronization

/// The running exporter: everything that outlives a request, wired together.
///
/// | what | who writes it |
/// |---|---|
/// | registry | listener threads (batches), the ticker, a reload and the price refresh; scrapes read |
/// | configuration in force | `reload`, one at a time |
/// | price facts | `reload` and the price refresh |
/// | rates of the last minute | the ticker |
final class Daemon: Sendable {
  let logger: Logger
  let output: LogOutput
  let registry: Registry
  let pipeline: EventPipeline
  let listeners: EventListeners
  let prices: PriceShelf
  let gate: ScrapeGate
  let durable: DurableState?
  let callLog: CallLog?
  let reports: ReportLedger
  let live: LiveFeed
  let started = WallClock.now

  private let storagePath: String?
  private let loaded: Mutex<ConfigurationLoader.Loaded>
  private let reloads: Mutex<ReloadState>
  private let rates = Mutex(RateWindow())
  private let priceTurn: Mutex<PriceBook>
  private let rejectsLogged = Atomic<Int64>(0)
  private let lastScrape = Atomic<Int64>(0)
  private let isReceiving = Atomic<Bool>(false)
  private let crowded = Mutex(CrowdedListeners())

  /// Opens and starts everything but HTTP: when this returns, events are counted, unless stored numbers take long to
  /// restore.
  init(
    _ loaded: ConfigurationLoader.Loaded, files: OpenFiles, logger: Logger, output: LogOutput
  ) throws(StartProblem) {
    let configuration = loaded.configuration
    self.logger = logger
    self.output = output
    self.loaded = Mutex(loaded)
    reloads = Mutex(ReloadState(lastSuccess: started))
    gate = ScrapeGate(limit: configuration.web.maxRequests)

    let state = try StateSetup(configuration, logger: logger)
    storagePath = state.directory?.path
    prices = PriceShelf(directory: state.directory)
    let book = try prices.build(configuration.prices, logger: logger)
    priceTurn = Mutex(book)
    reports = ReportLedger(directory: state.directory)
    callLog = CallLog(configuration, state, prices: book, logger: logger)
    var counting = RegistryConfiguration(configuration, userKey: state.userKey, rememberKey: state.rememberKey)
    counting.keepsLastCost = callLog != nil
    registry = Registry(configuration: counting, prices: book)
    registry.setBudgets(configuration.budgets, now: WallClock.now)
    live = LiveFeed(registry, started: started)
    durable =
      configuration.storage.isEnabled
      ? DurableState(
        configuration.storage, registry: registry, callLog: callLog, keys: state.keptKeys, logger: logger) : nil
    pipeline = EventPipeline(
      registry: registry,
      decoder: EventDecoder(
        options: DecoderOptions(
          labelKeys: configuration.metrics.eventLabels, captureText: configuration.calls.capturesText)),
      maxLineBytes: configuration.events.maxLineBytes, remembersDatagrams: configuration.events.deduplicate == .all,
      flushes: durable?.writer, callLog: callLog?.queue, clock: { WallClock.now })
    listeners = try EventListeners.open(configuration.events, files: files, logger: logger)
    // What a resend is compared with is restored before the first event is read; senders' bytes wait in the sockets.
    if durable?.start() ?? true { try receive() }
  }

  /// Begins to read events.
  func receive() throws(StartProblem) {
    isReceiving.store(true, ordering: .releasing)
    try listeners.start(pipeline)
  }

  /// Whether counters may be shown: none from before stored numbers were added, unless that takes too long.
  var isRestored: Bool { isReceiving.load(ordering: .acquiring) }

  var configuration: Configuration { loaded.withLock { $0.configuration } }

  /// The last commit: nothing is counted any more.
  ///
  /// - Returns: whether all that was counted is stored.
  func commitAll() async -> Bool {
    guard let writer = durable?.writer else { return true }
    let unstored = await Blocking.run { writer.stop() }
    guard unstored > 0 else { return true }
    logger.error(
      "events are not stored", metadata: ["events": "\(unstored)", "problem": "\(writer.status.fault ?? "")"])
    return false
  }

  // MARK: What is shown

  func snapshot(exemplars: Bool) -> Snapshot {
    var snapshot = registry.snapshot(exemplars: exemplars)
    snapshot.families += DaemonFamilies(
      listeners: listeners.statuses, prices: prices.current, scrapeNanoseconds: lastScrape.load(ordering: .relaxed),
      reload: reloads.withLock { $0 }, isMinimal: configuration.web.disableExporterMetrics
    ).sample()
    snapshot.families += durable?.families ?? []
    snapshot.families += callLog?.families ?? []
    snapshot.families += reports.families(configuration.reports.map(\.name))
    return snapshot
  }

  func didScrape(_ nanoseconds: Int64) { lastScrape.store(nanoseconds, ordering: .relaxed) }

  func tick() {
    registry.tick(now: WallClock.now)
    let counts = StatusReport.Counts(registry.tallies)
    rates.withLock { $0.add(counts, at: SteadyClock.now) }
    live.tick { report() }
    if output.level <= .debug { logRejects() }
    for status in crowded.withLock({ $0.newlyCrowded(listeners.statuses, now: SteadyClock.now) }) {
      logger.warning(
        "stream clients wait for a place",
        metadata: [
          "listener": "\(status.name)", "reason": "\(status.lastAcceptPause ?? "")",
          "advice": "raise the limit of open files: LimitNOFILE= of a systemd unit, ulimit -Hn, --ulimit nofile=",
        ])
    }
  }

  /// Where the events broke that were rejected since the last look: at most the last ten of each reason, no payload.
  private func logRejects() {
    let since = rejectsLogged.exchange(WallClock.now, ordering: .relaxed)
    for entry in RejectReason.allCases.flatMap(pipeline.rejects.last) where entry.time >= since {
      logger.debug(
        "event rejected",
        metadata: [
          "reason": "\(entry.reject.reason.label)", "position": "\(entry.reject.position)",
          "detail": "\(entry.reject.detail)", "source": "\(entry.source.label)",
        ])
    }
  }

  func report() -> StatusReport {
    var report = StatusReport()
    report.time = WallClock.now
    report.started = started
    report.restored = isRestored
    report.storageFault = durable?.writer.status.fault
    let statuses = listeners.statuses
    report.listeners = statuses.map(StatusReport.Listener.init)
    report.kernelDrops = statuses.reduce(0) { $0 &+ $1.kernelDrops }
    report.totals = StatusReport.Counts(registry.tallies)
    (report.records, report.series) = registry.size
    (report.lastMinute, report.lastMinuteSeconds) = rates.withLock {
      $0.difference(to: report.totals, at: SteadyClock.now)
    }
    report.lastRejects = RejectReason.allCases.flatMap { reason in
      pipeline.rejects.last(reason).reversed().map { entry in
        .init(
          reason: reason.label, time: entry.time, position: entry.reject.position,
          detail: entry.reject.detail.description, source: entry.source.label)
      }
    }
    let facts = prices.current
    report.prices = .init(
      version: facts.version, modelCount: facts.modelCount, updated: facts.updated, source: facts.source,
      lastProblem: facts.lastProblem)
    report.storagePath = storagePath
    report.configurationFile = loaded.withLock { $0.file }
    report.lastReloadProblems = reloads.withLock { $0.problems }
    return report
  }

  /// The last line of a clean stop: what no scrape will show any more.
  func logTotals() {
    let counts = StatusReport.Counts(registry.tallies)
    logger.info(
      "stopped",
      metadata: [
        "received": "\(counts.received)", "accepted": "\(counts.accepted)", "rejected": "\(counts.rejected)",
        "duplicate": "\(counts.duplicate)", "dropped": "\(counts.dropped)",
      ])
  }

  // MARK: Prices

  var priceBook: PriceBook { priceTurn.withLock { $0 } }

  /// Makes a table of what the configuration names and what was fetched, and prices by it from now on.
  func renewPrices() throws(FileProblem) {
    do throws(StartProblem) {
      try usePrices(configuration.prices)
    } catch {
      throw FileProblem(path: PublicURL.text(configuration.prices.url), reason: error.description)
    }
  }

  /// One at a time: the table of the later caller must be the one that stays.
  private func usePrices(_ settings: Configuration.Prices) throws(StartProblem) {
    let outcome = priceTurn.withLock { inForce -> Result<Void, StartProblem> in
      do throws(StartProblem) {
        let book = try prices.build(settings, logger: logger)
        registry.replacePrices(book)
        callLog?.writer.replacePrices(book)
        inForce = book
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }

  // MARK: Reload

  /// Reads the configuration again and takes what can be taken while running: all of it, or nothing.
  func reload(_ loader: ConfigurationLoader) -> ReloadOutcome {
    let next: ConfigurationLoader.Loaded
    do throws(ConfigurationProblems) {
      next = try loader.load()
    } catch {
      return refuse(error.all.map(\.description))
    }
    let pricesBefore = prices.current.fingerprint
    do throws(StartProblem) {
      try usePrices(next.configuration.prices)
    } catch {
      return refuse([error.description])
    }
    gate.setLimit(next.configuration.web.maxRequests)
    output.level = next.configuration.log.level.loggerLevel
    if next.configuration.budgets != configuration.budgets {
      registry.setBudgets(next.configuration.budgets, now: WallClock.now)
    }
    let changes = loaded.withLock { loaded in
      let changes = ConfigurationChanges(from: loaded, to: next)
      loaded = changes.inForce
      return changes
    }
    reloads.withLock { $0 = ReloadState(lastSuccess: WallClock.now) }
    let taken = changes.taken + (prices.current.fingerprint == pricesBefore ? [] : ["what price tables say"])
    logger.info("configuration reloaded", metadata: ["changes": "\(taken.count)"])
    for change in taken { logger.info("setting changed", metadata: ["change": "\(change)"]) }
    for change in changes.waiting {
      logger.warning("setting changed in the configuration; it takes a restart", metadata: ["change": "\(change)"])
    }
    return .done(taken + changes.waiting.map { $0 + " (takes a restart)" })
  }

  private func refuse(_ problems: [String]) -> ReloadOutcome {
    reloads.withLock { $0.problems = problems }
    for problem in problems { logger.error("configuration not reloaded", metadata: ["problem": "\(problem)"]) }
    return .refused(problems)
  }
}

extension StatusReport.Counts {
  init(_ tallies: EventTallies) {
    self.init(
      received: tallies.received.total, accepted: tallies.accepted.total, rejected: tallies.rejected.total,
      duplicate: tallies.duplicate, dropped: tallies.dropped.total)
  }
}

extension StatusReport.Listener {
  init(_ status: ListenerStatus) {
    self.init(name: status.name, address: status.boundAddress, isUp: status.isUp, problem: status.problem)
    guard status.source == .unix else { return }
    connections = StatusReport.Connections(
      open: status.openConnections, limit: status.maximumConnections, accepted: status.acceptedConnections,
      shed: status.shedConnections, shedLines: status.shedLines)
  }
}

extension Configuration.Log.Level {
  var loggerLevel: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}
