/// A quantile from the counts of a classic histogram, as PromQL's `histogram_quantile` finds it: values are taken to lie
/// evenly within their bucket. https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
enum HistogramQuantile {
  /// - Parameters:
  ///   - counts: of each bucket, not cumulative; the last is that of +Inf.
  ///   - bounds: upper bounds, ascending and positive, without +Inf.
  /// - Returns: in the unit of the bounds; the highest of them for what lies beyond; nil where nothing was counted.
  static func value(_ quantile: Double, counts: some Collection<Int64>, bounds: [Int64]) -> Double? {
    let total = counts.reduce(Int64(0), &+)
    guard total > 0, let last = bounds.last else { return nil }
    let rank = quantile * Double(total)
    var below: Int64 = 0
    for (i, (count, bound)) in zip(counts, bounds).enumerated() {
      if Double(below &+ count) >= rank, count > 0 {
        let lower = i == 0 ? 0 : Double(bounds[i - 1])
        return lower + (Double(bound) - lower) * max(0, rank - Double(below)) / Double(count)
      }
      below &+= count
    }
    return Double(last)
  }
}
