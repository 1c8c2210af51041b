public import CallMetrics

/// Everything that can be set, as values. Made by `ConfigurationLoader` from flags, environment and file; nothing below
/// the daemon sees it.
public struct Configuration: Equatable, Sendable {
  public var web = Web()
  public var events = Events()
  public var prices = Prices()
  public var metrics = Metrics()
  public var storage = Storage()
  public var calls = Calls()
  public var log = Log()
  public var objectives: [Objective] = []
  public var reports: [ScheduledReport] = []
  public var budgets: [Budget] = []

  public init() {}

  public struct Web: Equatable, Sendable {
    public var listenAddresses: [HostPort] = []
    public var telemetryPath = ""
    /// 0: no limit.
    public var maxRequests = 0
    public var enableLifecycle = false
    public var disableExporterMetrics = false
  }

  public struct Events: Equatable, Sendable {
    public var udp: [HostPort] = []
    public var unixgram: [String] = []
    public var unix: [String] = []
    public var socketMode: UInt32 = 0
    /// A name or number; empty: unchanged.
    public var socketOwner = ""
    public var socketGroup = ""
    public var receiveBuffer = 0
    public var maxLineBytes = 0
    public var inFlightTimeout = Duration.zero
    public var deduplicate = Deduplication.streams

    /// Which events with an id are remembered, so that a resend is not counted again.
    public enum Deduplication: String, CaseIterable, Sendable { case streams, all }
  }

  public struct Prices: Equatable, Sendable {
    public var files: [String] = []
    public var url = ""
    public var refreshInterval = Duration.zero
    public var aliases: [String: String] = [:]
    /// Entries in the form of the price table: a model's name, and its object as JSON.
    public var overrides: [String: String] = [:]
  }

  public struct Metrics: Equatable, Sendable {
    /// Labels of a call beside the three that are always there.
    public var labels: [String] = []
    /// Keys of an event's `labels` object that become labels.
    public var eventLabels: [String] = []
    public var maxLabelValues = 0
    public var labelLimits: [String: Int] = [:]
    public var maxSeries = 0
    public var expiry = Duration.zero
    public var gaugeExpiry = Duration.zero
    public var foldUnknownModels = false
    public var hashUsers = true
    public var userKeyFile = ""
    /// Bounds by the metric's name, in its unit, ascending.
    public var buckets: [String: [Double]] = [:]
    /// Models that exist from the start, as their names would stand in events.
    public var models: [String] = []
    public var anomalies = Anomalies()
    public var topUsers = 0
  }

  public struct Anomalies: Equatable, Sendable {
    public var minCalls = 0
    /// Standard deviations above the mean.
    public var latencyDeviations = 0.0
    public var tokenDeviations = 0.0
    /// Times the mean.
    public var costFactor = 0.0
  }

  public struct Storage: Equatable, Sendable {
    public var path = ""
    public var isEnabled = true
    public var commitInterval = Duration.zero
  }

  /// The call log.
  public struct Calls: Equatable, Sendable {
    public enum Mode: String, CaseIterable, Sendable {
      case all, sampled, off
      case slowAndFailed = "slow-and-failed"
    }
    public var mode = Mode.all
    public var sampleOneOf = 0
    public var maxRows = 0
    /// Of this and the next two, 0: no call is slow, large or dear.
    public var slow = Duration.zero
    public var largeTokens = 0
    /// In 1e-12 dollars.
    public var dearDollars: Int64 = 0
    /// Of the three times, zero: no end.
    public var retention = Duration.zero
    public var hoursRetention = Duration.zero
    public var textRetention = Duration.zero
    public var maxFileBytes = 0
    public var capturesText = false
    public var capturesRatedText = false
  }

  public struct Log: Equatable, Sendable {
    public enum Level: String, CaseIterable, Sendable { case trace, debug, info, warning, error }
    public enum Format: String, CaseIterable, Sendable { case logfmt, json }
    public var level = Level.info
    public var format = Format.logfmt
  }

  /// A goal that panels and alerts compare with.
  public struct Objective: Equatable, Sendable {
    public var application = ""
    public var function = ""
    public var goals: [Goal] = []
  }

  public struct Goal: Equatable, Sendable {
    public var name: String
    public var value: Double
  }
}
