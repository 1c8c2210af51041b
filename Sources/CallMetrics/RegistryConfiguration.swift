/// What the registry counts by, and within which bounds.
public struct RegistryConfiguration: Sendable {
  /// A route has a bit for each label, and one for the whole set, in 32.
  public static let maxLabels = 28
  /// Labels beside `model`, `provider` and `operation`, in the order in which they are exposed; `maxLabels` at most.
  public var labels: [CallLabel] = [.application]
  public var bounds = HistogramBounds()
  /// Distinct values of one label; a further value becomes `__other__` and is counted.
  public var maxLabelValues = 1_000
  /// The same for single labels, by name.
  public var maxLabelValuesByLabel: [String: Int] = [:]
  /// Series in all. A record counts with all the series that it can come to have, so the bound is hard; a label set
  /// over it is counted in the one record of which every label is `__other__`.
  public var maxSeries = 1_000_000
  /// Nanoseconds without an event after which a record is no longer exposed; nil: never.
  public var expiry: Int64? = nil
  /// 16 bytes; user ids are exposed as SipHash-2-4 of them. nil: as they are.
  public var userHashKey: [UInt8]?
  /// Models that exist from the start, as their names would stand in events.
  public var models: [String] = []
  /// Names that match no price entry are folded into the model `__other__`.
  public var foldUnknownModels = false
  public var anomalies = AnomalyBounds()
  /// Nanoseconds after which a call that began and never ended is no longer in flight.
  public var inFlightTimeout: Int64 = 900 * 1_000_000_000
  /// Calls in flight at once; further `start` events are dropped and counted.
  public var maxInFlight = 100_000
  /// Nanoseconds after which a level that an application reported is no longer exposed.
  public var gaugeExpiry: Int64 = 300 * 1_000_000_000
  /// Nanoseconds within which the same prompt of the same user is a repeat.
  public var repeatWindow: Int64 = 600 * 1_000_000_000
  public var objectives: [Objective] = []
  /// Events remembered at most, and for how many nanoseconds, so that a resend is not counted again.
  public var maxRememberedEvents = 1_000_000
  public var rememberFor: Int64 = 24 * 3_600 * 1_000_000_000
  /// 16 secret bytes: key of the hashes of remembered events. The same after a restart, where a store keeps them.
  public var rememberKey: [UInt8] = (0..<16).map { _ in .random(in: .min ... .max) }
  /// Users who spent most, shown of each window; 0: none are followed.
  public var topUsers = 10
  /// Keep what each call cost until the next one: there is a call log.
  public var keepsLastCost = false

  public init(userHashKey: [UInt8]? = nil) {
    self.userHashKey = userHashKey
  }
}

/// When a call is out of line with its own record's history.
public struct AnomalyBounds: Sendable, Equatable {
  /// Standard deviations over the mean.
  public var latencyDeviations = 3.0
  public var tokenDeviations = 2.0
  /// Times the mean.
  public var costFactor = 2.0
  /// Calls before anything is called out of line.
  public var minimumCalls = 100.0
  public init() {}
}

/// A goal that the configuration sets, exposed so that alerts and panels compare with data.
public struct Objective: Sendable, Equatable {
  public enum Kind: String, CaseIterable, Sendable {
    case availability
    case latencyP95 = "latency_p95_seconds"
    case ttftP95 = "ttft_p95_seconds"
    case quality
    case costPerRequest = "cost_per_request_dollars"
  }
  public var application: String
  public var function: String
  public var kind: Kind
  public var value: Double
  public init(application: String, function: String, kind: Kind, value: Double) {
    self.application = application
    self.function = function
    self.kind = kind
    self.value = value
  }
}
