import CallMetrics
import Ingest

/// What the daemon says about itself, beside the registry's own counts of events.
struct DaemonFamilies {
  var listeners: [ListenerStatus]
  var prices: PriceShelf.Facts
  var scrapeNanoseconds: Int64
  var reload: ReloadState
  /// With `--web.disable-exporter-metrics`: only what is needed to trust the numbers.
  var isMinimal: Bool

  func sample() -> [SampledFamily] {
    var families = [buildInfo, pricesInfo, pricesUpdated, priceFailures]
    families += listenerFamilies + connectionFamilies
    families += reloadFamilies
    if !isMinimal {
      families.append(scrapeDuration)
      families += ProcessFamilies.sample()
    }
    return families
  }

  private var buildInfo: SampledFamily {
    SampledFamily(
      Family("llm_exporter_build_info", .gauge, help: "What this program is; always 1"),
      [
        .init(
          [
            ("version", BuildInfo.version), ("swift", BuildInfo.swiftVersion), ("os", "linux"),
            ("arch", BuildInfo.architecture),
          ], .integer(1))
      ])
  }

  private var pricesInfo: SampledFamily {
    SampledFamily(
      Family("llm_exporter_prices_info", .gauge, help: "The price table in use; always 1"),
      [.init([("version", prices.version), ("source", prices.source)], .integer(1))])
  }

  private var pricesUpdated: SampledFamily {
    SampledFamily(
      Family(
        "llm_exporter_prices_updated_timestamp_seconds", .gauge, unit: "seconds",
        help: "When the price table in use was made or last found to be current, since 1970"),
      prices.updated > 0 ? [.init([], .nano(prices.updated))] : [])
  }

  private var priceFailures: SampledFamily {
    SampledFamily(
      Family(
        "llm_exporter_prices_refresh_failures_total", .counter,
        help: "Price tables that could not be fetched or used; the last good one stays"),
      [.init([], .integer(prices.failures))])
  }

  private var listenerFamilies: [SampledFamily] {
    func bySource(_ value: (ListenerStatus) -> UInt64) -> [SampledFamily.Sample] {
      IngestSource.allCases.map { source in
        let sum = listeners.filter { $0.source == source }.reduce(UInt64(0)) { $0 &+ value($1) }
        return .init([("source", source.label)], .integer(Int64(clamping: sum)))
      }
    }
    return [
      SampledFamily(
        Family("llm_exporter_listener_up", .gauge, help: "Whether a listener takes events"),
        listeners.map { .init([("listener", $0.name)], .integer($0.isUp ? 1 : 0)) }),
      SampledFamily(
        Family(
          "llm_exporter_kernel_dropped_datagrams_total", .counter,
          help: "Datagrams that the kernel dropped because a socket's buffer was full"),
        listeners.filter { $0.source == .udp }.map {
          .init([("listener", $0.name)], .integer(Int64(clamping: $0.kernelDrops)))
        }),
      SampledFamily(
        Family(
          "llm_exporter_bytes_received_total", .counter, help: "Bytes received, by listener kind"),
        bySource(\.bytes)),
    ]
  }

  private var connectionFamilies: [SampledFamily] {
    func byListener(_ value: (ListenerStatus) -> Int64) -> [SampledFamily.Sample] {
      listeners.filter { $0.source == .unix }.map { .init([("listener", $0.name)], .integer(value($0))) }
    }
    return [
      SampledFamily(
        Family("llm_exporter_stream_connections", .gauge, help: "Clients that are connected to a stream socket"),
        byListener { Int64($0.openConnections) }),
      SampledFamily(
        Family(
          "llm_exporter_stream_connections_limit", .gauge,
          help: "Clients that a stream socket takes at once; further ones wait"),
        byListener { Int64($0.maximumConnections) }),
      SampledFamily(
        Family(
          "llm_exporter_stream_connections_shed_total", .counter,
          help: "Clients of a stream socket that were disconnected because they did not read their answers"),
        byListener { Int64(clamping: $0.shedConnections) }),
    ]
  }

  private var reloadFamilies: [SampledFamily] {
    [
      SampledFamily(
        Family(
          "llm_exporter_config_last_reload_successful", .gauge,
          help: "Whether the configuration was taken the last time that it was read"),
        [.init([], .integer(reload.problems.isEmpty ? 1 : 0))]),
      SampledFamily(
        Family(
          "llm_exporter_config_last_reload_success_timestamp_seconds", .gauge, unit: "seconds",
          help: "When the configuration was last read and taken, since 1970"),
        [.init([], .nano(reload.lastSuccess))]),
    ]
  }

  private var scrapeDuration: SampledFamily {
    SampledFamily(
      Family(
        "llm_exporter_scrape_duration_seconds", .gauge, unit: "seconds",
        help: "How long the last scrape took, from its request to its last byte"),
      scrapeNanoseconds > 0 ? [.init([], .nano(scrapeNanoseconds))] : [])
  }
}

/// How the configuration was last read.
struct ReloadState: Sendable {
  var lastSuccess: Int64
  /// Of the last attempt; empty: it went well.
  var problems: [String] = []
}
