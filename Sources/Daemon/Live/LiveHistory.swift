import CallMetrics

/// What calls came to in the last minute, and how that went over the last quarter of an hour: small and bounded, whatever
/// the number of records.
///
/// ```
/// bins:    [ 5 s | 5 s | … 12 of them ] [ current ]      sums, by model
/// points:  [ the minute before each bin's end | … 180 ]  a few numbers
/// ```
struct LiveHistory: Sendable {
  static let binNanoseconds: Int64 = 5_000_000_000
  static let binsPerMinute = 12
  static let maxPoints = 180
  /// Models kept apart in one bin: of more, the least busy are added up as one.
  static let maxModels = 64
  /// Right after a start the minute is short; a rate over less than this would be an accident.
  private static let shortestWindow = 10.0

  /// Calls since some moment.
  struct Window: Sendable {
    var seconds = 0.0
    var sum: CallSum
    var models: [CallSums.Model: CallSum] = [:]

    init(buckets: Int) { sum = CallSum(buckets: buckets) }

    mutating func add(_ other: Window) {
      seconds += other.seconds
      sum += other.sum
      for (model, sum) in other.models { models[model, default: CallSum(buckets: sum.durations.count)] += sum }
    }
  }

  /// The minute that ended at one moment.
  struct Point: Sendable, Equatable {
    /// Nanoseconds since 1970.
    var time: Int64
    var callsPerSecond: Double
    /// Share of failed calls; nil: there were none at all.
    var failedShare: Double?
    /// Of successful calls, in seconds; nil: there were none.
    var p50: Double?
    var p95: Double?
    var dollarsPerHour: Double
  }

  /// Upper bounds of the durations, in nanoseconds.
  let bounds: [Int64]
  private(set) var points: [Point] = []
  /// Points that were made before the first of `points`.
  private(set) var forgotten = 0
  private var bins: [Window] = []
  private var current: Window
  private var currentStart: Int64

  /// - Parameter time: of a clock that never jumps, in nanoseconds.
  init(bounds: [Int64], at time: Int64) {
    self.bounds = bounds
    current = Window(buckets: bounds.count + 1)
    currentStart = time
  }

  /// Whether the current bin is full: it wants to hear what came since.
  func isDue(at time: Int64) -> Bool { time - currentStart >= Self.binNanoseconds }

  /// Adds what came since the last time.
  mutating func add(_ news: [(model: CallSums.Model, sum: CallSum)], at time: Int64, wallClock: Int64) {
    current.seconds = Double(time - currentStart) / 1e9
    for (model, sum) in news {
      current.sum += sum
      current.models[model, default: CallSum(buckets: bounds.count + 1)] += sum
    }
    guard isDue(at: time) else { return }
    fold(&current.models)
    bins.append(current)
    if bins.count > Self.binsPerMinute { bins.removeFirst() }
    current = Window(buckets: bounds.count + 1)
    currentStart = time
    points.append(point(at: wallClock))
    if points.count > Self.maxPoints {
      points.removeFirst()
      forgotten += 1
    }
  }

  /// The last minute, up to five seconds more: whole bins and the current one.
  var minute: Window { bins.reduce(into: current) { $0.add($1) } }

  /// The last minute as a point.
  func point(at wallClock: Int64) -> Point {
    let minute = minute
    let calls = minute.sum.calls
    return Point(
      time: wallClock, callsPerSecond: rate(Double(calls), minute),
      failedShare: calls > 0 ? Double(minute.sum.failed) / Double(calls) : nil,
      p50: quantile(0.5, minute.sum), p95: quantile(0.95, minute.sum),
      dollarsPerHour: rate(Double(minute.sum.cost) / 1e12, minute) * 3600)
  }

  /// For each second of the window.
  func rate(_ amount: Double, _ window: Window) -> Double { amount / max(window.seconds, Self.shortestWindow) }

  /// Of the durations of successful calls, in seconds.
  func quantile(_ quantile: Double, _ sum: CallSum) -> Double? {
    HistogramQuantile.value(quantile, counts: sum.durations, bounds: bounds).map { $0 / 1e9 }
  }

  static let otherModels = CallSums.Model(name: "", provider: "")

  private func fold(_ models: inout [CallSums.Model: CallSum]) {
    guard models.count > Self.maxModels else { return }
    let least = models.sorted { $0.value.calls > $1.value.calls }.dropFirst(Self.maxModels - 1)
    for (model, sum) in least {
      models[model] = nil
      models[Self.otherModels, default: CallSum(buckets: bounds.count + 1)] += sum
    }
  }
}
