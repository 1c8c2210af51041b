import Storage

/// How values are distributed, in bounded memory: whole steps up to 2048, then 2048 buckets for each doubling, so that
/// a quantile is off by at most 0.05%. Weights and merging are exact, and no mean of quantiles is ever taken.
struct Quantiles {
  private var counts: [Int32: Int64] = [:]
  private(set) var total: Int64 = 0
  private(set) var largest: Int64 = 0
  private(set) var sum: Int128 = 0
  private static let bits = 11

  mutating func add(_ value: Int64, weight: Int64) {
    guard value >= 0, weight > 0 else { return }
    counts[Self.bucket(value), default: 0].add(weight)
    total.add(weight)
    largest = max(largest, value)
    sum += Int128(value) * Int128(weight)
  }

  /// The exponent above the whole steps, and the leading 11 bits below the first.
  private static func bucket(_ value: Int64) -> Int32 {
    let width = Int64.bitWidth - value.leadingZeroBitCount
    guard width > bits + 1 else { return Int32(value) }
    let shift = width - bits - 1
    return Int32((shift << bits) + Int(value >> Int64(shift)))
  }

  /// The middle of a bucket.
  private static func value(of bucket: Int32) -> Int64 {
    let steps = Int32(1 << (bits + 1))
    guard bucket >= steps else { return Int64(bucket) }
    let shift = (Int(bucket) >> bits) - 1
    let leading = Int64(Int(bucket) - shift << bits)
    return leading << Int64(shift) + (Int64(1) << Int64(shift)) / 2
  }

  /// The smallest value that at least this share of the weight does not exceed.
  ///
  /// - Parameter thousandths: 950 for the 95th percentile.
  func quantile(_ thousandths: Int64) -> Int64? {
    guard total > 0 else { return nil }
    let rank = max(1, Int64((Int128(total) * Int128(thousandths) + 999) / 1000))
    var seen: Int64 = 0
    for (bucket, count) in counts.sorted(by: { $0.key < $1.key }) {
      seen.add(count)
      if seen >= rank { return min(Self.value(of: bucket), largest) }
    }
    return largest
  }

  var mean: Int64? { total > 0 ? Int64(clamping: sum / Int128(total)) : nil }
}
