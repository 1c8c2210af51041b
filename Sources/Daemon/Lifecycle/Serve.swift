import CLinux
import CallMetrics
import Glibc
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import UnixSignals

/// Starts the daemon, serves until it is told to stop, and stops cleanly.
public enum Serve {
  /// - Returns: the exit code.
  public static func run(_ loader: ConfigurationLoader) async -> Int32 {
    let loaded: ConfigurationLoader.Loaded
    do throws(ConfigurationProblems) {
      loaded = try loader.load()
    } catch {
      StandardError.write("llm-exporter: bad configuration\n" + error.all.map { "  \($0)\n" }.joined())
      return 2
    }
    keepMemorySmall()
    let output = LogOutput(level: loaded.configuration.log.level.loggerLevel, format: loaded.configuration.log.format)
    let logger = Logger(label: "llm-exporter") { _ in LineLogHandler(output: output) }
    let files = OpenFiles.raise()
    logger.info(
      "starting",
      metadata: [
        "version": "\(BuildInfo.version)", "file": "\(loaded.file ?? "none")", "max_open_files": "\(files.limit)",
      ])
    // Before anything is opened: a signal that comes early is obeyed late, and kills nothing half-made.
    let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
    do {
      let daemon = try Daemon(loaded, files: files, logger: logger, output: output)
      let isStored = try await serve(daemon, loaded.configuration, files, loader, signals)
      daemon.logTotals()
      return isStored ? 0 : 1
    } catch {
      logger.critical("stopped by an error", metadata: ["problem": "\(error)"])
      return 1
    }
  }

  /// - Returns: whether all that was counted is stored.
  private static func serve(
    _ daemon: Daemon, _ configuration: Configuration, _ files: OpenFiles, _ loader: ConfigurationLoader,
    _ signals: UnixSignalsSequence
  ) async throws -> Bool {
    // One thread carries some thousand scrapes a second; rendering happens on Swift's own.
    let eventLoops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    let reloader = Reloader(daemon: daemon, loader: loader)
    let responder = HTTPResponder(
      metrics: MetricsEndpoint(
        gate: daemon.gate, isRestored: { daemon.isRestored }, snapshot: { daemon.snapshot(exemplars: $0) },
        didScrape: { daemon.didScrape($0) }),
      live: LiveEndpoint(feed: daemon.live, report: { daemon.report() }),
      status: StatusPages(report: { daemon.report() }, telemetryPath: configuration.web.telemetryPath),
      lifecycle: LifecycleEndpoint(
        isEnabled: { daemon.configuration.web.enableLifecycle }, reload: { await reloader.reload() }),
      reports: ReportEndpoint(path: daemon.durable?.path, prices: { daemon.priceBook }),
      budgets: BudgetEndpoint(
        isRestored: { daemon.isRestored }, applying: { daemon.registry.budgets(for: $0, now: WallClock.now) },
        all: { daemon.registry.budgets(now: WallClock.now) }),
      telemetryPath: configuration.web.telemetryPath)
    let connections = HTTPConnections(limit: files.http)
    let doors = configuration.web.listenAddresses.map {
      HTTPDoor(
        address: $0, responder: responder, connections: connections, eventLoops: eventLoops, logger: daemon.logger)
    }
    if doors.isEmpty { daemon.logger.warning("no HTTP address is set: nothing can be scraped") }
    // Services stop in reverse order: first the intake is drained, and HTTP answers until that is done.
    let services: [any Service] =
      doors + [Ticker(daemon: daemon), PriceRefresh(daemon: daemon), ReportSchedule(daemon: daemon), daemon.listeners]
      + (daemon.isRestored ? [] : [Restoration(daemon: daemon)])
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services.map { .init(service: $0) }, gracefulShutdownSignals: [], cancellationSignals: [],
        logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }))
    let end = await ServingUntilTold(signals: signals, group: group, reloader: reloader, logger: daemon.logger).run()
    // However it ended: what was counted is not to be lost.
    let isStored = await daemon.commitAll()
    switch end {
    case .stopped: try await eventLoops.shutdownGracefully()
    case .failed(let error): throw error
    case .late:
      daemon.logger.warning("stopped before everything that was under way had ended")
      daemon.logTotals()
      // Not exit(3): it runs what libraries left to be done at the end, under the threads that use them.
      _exit(isStored ? 0 : 1)
    }
    return isStored
  }

  /// Two arenas instead of eight per core, and large blocks of a size that never changes: a scrape's memory goes back
  /// to the system (mallopt(3): the threshold otherwise grows with the first large block that is freed).
  private static func keepMemorySmall() {
    mallopt(M_ARENA_MAX, 2)
    mallopt(M_MMAP_THRESHOLD, 128 << 10)
  }
}

/// One reload at a time, whoever asks.
actor Reloader {
  private let daemon: Daemon
  private let loader: ConfigurationLoader

  init(daemon: Daemon, loader: ConfigurationLoader) {
    self.daemon = daemon
    self.loader = loader
  }

  func reload() -> ReloadOutcome { daemon.reload(loader) }
}

/// Lets the registry know, once a second, that time has passed.
struct Ticker: Service, CustomStringConvertible {
  let daemon: Daemon
  var description: String { "ticker" }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var isStarting = true
      while !Task.isCancelled {
        daemon.tick()
        try? await Task.sleep(for: .seconds(1))
        if isStarting { llm_release_idle_memory() }
        isStarting = false
      }
    }
    // Those who watch would keep HTTP from stopping.
    daemon.live.end()
  }
}

/// Standard error and output for people, before there is a log.
public enum StandardError {
  public static func write(_ text: String) {
    let bytes = Array(text.utf8)
    // The kernel reads at most the array's own count.
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
