/// Upper bounds of the classic buckets, in the unit that each histogram counts in: nanoseconds, tokens, 1e-12 dollars,
/// billionths of a ratio. Fixed while a series lives, because Prometheus can't merge what was cut differently.
public struct HistogramBounds: Sendable, Equatable {
  /// Whole calls, and waiting and loading. Alerts at 5 s and 30 s fall on a boundary; clients give up at 600 s.
  public var duration = seconds([0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600])
  public var timeToFirstToken = seconds([0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 120, 300])
  public var timePerOutputToken = seconds([0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1])
  /// Powers of 4 from 1 to 4,194,304.
  public var tokens: [Int64] = (0...11).map { 1 << (2 * $0) }
  public var context = billionths([0.1, 0.25, 0.5, 0.7, 0.8, 0.9, 0.95, 1, 1.1])
  /// 0.00001 to 10 dollars in steps of 1, 3, 10.
  public var cost: [Int64] = [
    10_000_000, 30_000_000, 100_000_000, 300_000_000, 1_000_000_000, 3_000_000_000, 10_000_000_000,
    30_000_000_000, 100_000_000_000, 300_000_000_000, 1_000_000_000_000, 3_000_000_000_000, 10_000_000_000_000,
  ]
  public var score = billionths([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
  public var recovery = seconds([1, 5, 15, 60, 300, 900, 3600])
  public var turns: [Int64] = [1, 2, 3, 5, 8, 13, 21, 34]

  public init() {}

  /// Seconds as nanoseconds.
  public static func seconds(_ bounds: [Double]) -> [Int64] { billionths(bounds) }

  public static func billionths(_ bounds: [Double]) -> [Int64] {
    bounds.map { Int64(($0 * 1e9).rounded()) }
  }
}
