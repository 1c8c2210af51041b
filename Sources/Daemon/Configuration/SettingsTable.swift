/// Every setting of one value or one list, in the order of help and reference. What has more structure (buckets,
/// overrides, objectives) is in the file only: `ConfigurationSections`.
public enum SettingsTable {
  /// Read before all others: it names the file in which the others may stand.
  public static let configFileFlag = "config.file"

  public static let all: [Setting] = web + events + prices + metrics + storage + calls + log

  private static let web: [Setting] = [
    .list(
      "web.listen-address", \.web.listenAddresses, "ADDRESS", default: ["127.0.0.1:10780"],
      by: ValueSyntax.address,
      "Address for HTTP. The default answers this machine only; :10780 answers everyone."),
    .single(
      "web.telemetry-path", \.web.telemetryPath, "PATH", default: "/metrics", by: ValueSyntax.urlPath,
      "Path of the metrics."),
    .single(
      "web.max-requests", \.web.maxRequests, "COUNT", default: "40", change: .reload,
      by: ValueSyntax.count(0...10_000),
      "Scrapes that are answered at once; more get 503 (0: no limit)."),
    .toggle(
      "web.enable-lifecycle", \.web.enableLifecycle, change: .reload,
      "Allow a reload by PUT or POST to /-/reload."),
    .toggle(
      "web.disable-exporter-metrics", \.web.disableExporterMetrics, change: .reload,
      "Leave out process_* and what is not needed to trust the numbers."),
  ]

  private static let events: [Setting] = [
    .list(
      "events.listen-udp", \.events.udp, "ADDRESS", default: ["127.0.0.1:10781"], by: ValueSyntax.address,
      "UDP address for events."),
    .list(
      "events.listen-unixgram", \.events.unixgram, "PATH", default: ["{run}/events.dgram"],
      by: ValueSyntax.socketPath,
      "Unix datagram socket for events. {run} is $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/llm-exporter, else "
        + "/run/llm-exporter for root and ./llm-exporter-run for others."),
    .list(
      "events.listen-unix", \.events.unix, "PATH", default: ["{run}/events.stream"], by: ValueSyntax.socketPath,
      "Unix stream socket for events, one per line."),
    .single(
      "events.unixsocket-mode", \.events.socketMode, "MODE", default: "0660", by: ValueSyntax.fileMode,
      "Mode of the Unix sockets: who may write to them may send events."),
    .single(
      "events.unixsocket-owner", \.events.socketOwner, "USER", default: "", by: ValueSyntax.user,
      "Owner of the Unix sockets, by name or number (empty: the daemon's user)."),
    .single(
      "events.unixsocket-group", \.events.socketGroup, "GROUP", default: "", by: ValueSyntax.group,
      "Group of the Unix sockets, by name or number (empty: the daemon's group)."),
    .single(
      "events.receive-buffer", \.events.receiveBuffer, "SIZE", default: "4MiB",
      by: ValueSyntax.bytes(4_096...1 << 30),
      "Receive buffer to ask the kernel for on UDP. What it grants stands in the log."),
    .single(
      "events.max-line-bytes", \.events.maxLineBytes, "SIZE", default: "64KiB",
      by: ValueSyntax.bytes(1_024...16 << 20),
      "Longest event on a stream; a longer line is rejected as too_long."),
    .single(
      "events.in-flight-timeout", \.events.inFlightTimeout, "DURATION", default: "15m", by: ValueSyntax.duration,
      "A started call whose end never comes is no longer in flight after this."),
    .single(
      "events.deduplicate", \.events.deduplicate, "WHICH", default: "streams",
      by: ValueSyntax.choice(of: Configuration.Events.Deduplication.self),
      "Which events are not counted again when they are sent again with the same id: those of streams, or all."),
  ]

  private static let prices: [Setting] = [
    .list(
      "prices.file", \.prices.files, "FILE", default: [], change: .reload, by: ValueSyntax.readableFile,
      "Price table in the form of LiteLLM's, over the shipped one; later files win."),
    .single(
      "prices.url", \.prices.url, "URL", default: "", change: .reload, by: ValueSyntax.httpURL,
      "Fetch a price table from here on a schedule. The last good one is kept."),
    .single(
      "prices.refresh-interval", \.prices.refreshInterval, "DURATION", default: "24h", change: .reload,
      by: ValueSyntax.duration,
      "How often to fetch it, give or take a tenth (0: once, at the start)."),
  ]

  private static let metrics: [Setting] = [
    .list(
      "metrics.labels", \.metrics.labels, "LABEL", default: ["application"], by: CallLabels.configurable,
      "Label of calls beside model, provider and operation: \(CallLabels.optional.joined(separator: ", "))."),
    .list(
      "metrics.event-labels", \.metrics.eventLabels, "KEY", default: [], by: CallLabels.free,
      "Key of an event's labels object that becomes a label."),
    .list(
      "metrics.models", \.metrics.models, "MODEL", default: [], by: ValueSyntax.text,
      "Model whose series exist from the start, so that its first error is seen as an increase."),
    .single(
      "metrics.max-label-values", \.metrics.maxLabelValues, "COUNT", default: "1000",
      by: ValueSyntax.count(1...1_000_000),
      "Values of one label; further ones become __other__ and are counted."),
    .single(
      "metrics.max-series", \.metrics.maxSeries, "COUNT", default: "1000000",
      by: ValueSyntax.count(1_000...100_000_000),
      "Series in all, each label set with all that it can come to have; over it new ones become __other__."),
    .single(
      "metrics.expiry", \.metrics.expiry, "DURATION", default: "0", by: ValueSyntax.duration,
      "Drop label sets that had no event for this long (0: never, so that totals stay true)."),
    .single(
      "metrics.gauge-expiry", \.metrics.gaugeExpiry, "DURATION", default: "5m", by: ValueSyntax.duration,
      "A level that an application reported stands for this long."),
    .toggle(
      "metrics.fold-unknown-models", \.metrics.foldUnknownModels,
      "Show models that no price table knows as __other__."),
    .toggle(
      "metrics.hash-users", \.metrics.hashUsers, default: true,
      "Replace user ids by a keyed hash before they become a label."),
    .single(
      "metrics.user-key-file", \.metrics.userKeyFile, "FILE", default: "", by: ValueSyntax.text,
      "Key of that hash, shared by a fleet (empty: one is made in the storage path). "
        + "The key itself may stand in LLM_EXPORTER_USER_KEY."),
    .single(
      "metrics.top-users", \.metrics.topUsers, "COUNT", default: "10", by: ValueSyntax.count(0...100),
      "Users who spent most that are shown of the day and the month (0: none)."),
    .single(
      "metrics.anomaly-min-calls", \.metrics.anomalies.minCalls, "COUNT", default: "100",
      by: ValueSyntax.count(1...1_000_000_000),
      "Calls that a label set must have had before one can be anomalous."),
    .single(
      "metrics.anomaly-latency", \.metrics.anomalies.latencyDeviations, "FACTOR", default: "3",
      by: ValueSyntax.factor, "Anomalous latency: standard deviations above the mean."),
    .single(
      "metrics.anomaly-tokens", \.metrics.anomalies.tokenDeviations, "FACTOR", default: "2",
      by: ValueSyntax.factor, "Anomalous tokens: standard deviations above the mean."),
    .single(
      "metrics.anomaly-cost", \.metrics.anomalies.costFactor, "FACTOR", default: "2",
      by: ValueSyntax.factor, "Anomalous cost: times the mean."),
  ]

  private static let storage: [Setting] = [
    .single(
      "storage.path", \.storage.path, "DIRECTORY", default: "./llm-exporter-data", by: ValueSyntax.path,
      "Directory for what outlives the daemon: counters, the hash key, the last good price table."),
    .single(
      "storage.commit-interval", \.storage.commitInterval, "DURATION", default: "1s",
      by: ValueSyntax.duration,
      "How often changed counters are written: a crash loses at most so much of what was not "
        + "acknowledged to a client. At least 10ms."),
    .toggle(
      "storage.enabled", \.storage.isEnabled, default: true, negated: "no-storage",
      "Keep state in the storage path. --no-storage switches it off: nothing is written."),
  ]

  private static let log: [Setting] = [
    .single(
      "log.level", \.log.level, "LEVEL", default: "info", change: .reload,
      by: ValueSyntax.choice(of: Configuration.Log.Level.self),
      "Least level to log: trace, debug, info, warning, error."),
    .single(
      "log.format", \.log.format, "FORMAT", default: "logfmt",
      by: ValueSyntax.choice(of: Configuration.Log.Format.self),
      "Form of log lines on standard error: logfmt or json."),
  ]
}
