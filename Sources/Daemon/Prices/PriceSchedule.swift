/// When the next fetch is due: a value that decides, and touches nothing.
struct PriceSchedule {
  /// After a failure the next attempt comes sooner than the schedule has it.
  static let retry: Int64 = 300_000_000_000

  private var url = ""
  private var interval: Int64 = 0
  /// Nanoseconds since 1970; nil: not again.
  private(set) var due: Int64?

  /// - Parameter keptSince: when a table kept from an earlier run was last found to be current.
  mutating func observe(_ settings: Configuration.Prices, keptSince: Int64?, now: Int64) {
    let interval = settings.refreshInterval.nanoseconds
    guard settings.url != url || interval != self.interval else { return }
    url = settings.url
    self.interval = interval
    if url.isEmpty {
      due = nil
    } else if let keptSince, interval > 0, keptSince <= now {
      due = max(now, keptSince + interval)
    } else {
      due = now
    }
  }

  func isDue(now: Int64) -> Bool { due.map { $0 <= now } ?? false }

  /// - Parameter random: from 0 to below 1. The next attempt comes a tenth of the interval sooner or later, so that
  ///   a fleet does not ask at once.
  mutating func attempted(succeeded: Bool, now: Int64, random: Double) {
    let wait = succeeded ? interval : interval > 0 ? min(Self.retry, interval) : Self.retry
    guard wait > 0 else {
      due = nil
      return
    }
    due = now + wait + Int64(Double(wait) * 0.1 * (2 * random - 1))
  }
}
