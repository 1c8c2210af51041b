/// Where the buckets of every histogram of a record are cut, and where its counts lie among the record's, in one flat
/// table for the hot path.
///
/// ```
/// plan: [ block, bounds, count, starts of histogram 0 | of 1 | … ]            `header` numbers each
///       [ bounds of histogram 0, Int64.max | of 1 | … ]
///       [ first bucket by a value's significant bits, 0 … 64, of histogram 0 | of 1 | … ]
/// ```
/// Bounds grow exponentially, more or less, so the bits of a value lead within a few steps of its bucket. `Int64.max`
/// ends every search: no value is beyond it.
struct HistogramCuts: Sendable {
  static let header = 4
  private static let widths = 65
  let plan: [Int64]
  /// Words of all blocks of a row.
  let rowWords: Int

  init(layout: RecordLayout) {
    let cuts = layout.histograms.flatMap { group in group.values.map { _ in group.bounds + [.max] } }
    var headers: [Int64] = []
    var bounds: [Int64] = []
    var starts: [Int64] = []
    var block = 0
    let firstBound = cuts.count * Self.header
    let firstStart = firstBound + cuts.reduce(0) { $0 + $1.count }
    for cut in cuts {
      headers += [block, firstBound + bounds.count, cut.count - 1, firstStart + starts.count].map(Int64.init)
      bounds += cut
      starts += Self.starts(cut)
      block += cut.count + 2
    }
    plan = headers + bounds + starts
    rowWords = block
  }

  /// For each number of significant bits: the bucket of the smallest value that has as many.
  private static func starts(_ bounds: [Int64]) -> [Int64] {
    (0..<widths).map { width in
      let smallest: Int64 = width == 0 ? 0 : width > 63 ? .max : 1 << Int64(width - 1)
      return Int64(bounds.firstIndex { smallest <= $0 } ?? 0)
    }
  }

  /// Where the histogram's counts begin among a row's.
  func block(of histogram: Int) -> Int { Int(plan[histogram * Self.header]) }

  func boundCount(of histogram: Int) -> Int { Int(plan[histogram * Self.header + 2]) }

  /// The bucket that a value falls into; values are not negative.
  func bucket(of value: Int64, histogram: Int) -> Int {
    unsafe plan.withUnsafeBufferPointer { plan in unsafe Self.bucket(of: value, histogram: histogram, plan) }
  }

  /// The first bucket whose bound is not below the value; values are not negative.
  ///
  /// Unchecked within the search, the innermost loop of all: `plan` is what `init` laid out, the histogram is one of the
  /// layout's, and the search ends at `Int64.max` at the latest.
  @inline(__always)
  static func bucket(of value: Int64, histogram: Int, _ plan: UnsafeBufferPointer<Int64>) -> Int {
    let bounds = Int(unsafe plan[histogram &* header &+ 1])
    let starts = Int(unsafe plan[histogram &* header &+ 3])
    var bucket = Int(unsafe plan[starts &+ 64 &- value.leadingZeroBitCount])
    while unsafe plan[bounds &+ bucket] < value { bucket &+= 1 }
    return bucket
  }

  /// Exposed lines of these histograms: a bucket for each bound and for +Inf, the sum and the count.
  func series(of histograms: UInt64) -> Int {
    (0..<64).reduce(0) { $0 + (histograms >> UInt64($1) & 1 == 1 ? boundCount(of: $1) + 3 : 0) }
  }
}

/// The histograms of one record, open for observing.
///
/// Unchecked for the reason, and safe on the terms, of `CountedWords`; the plan is that of the record's own layout.
@safe struct CountedHistograms: ~Copyable {
  let words: CountedWords
  private let plan: UnsafeBufferPointer<Int64>

  @inline(__always)
  init(words: consuming CountedWords, plan: UnsafeBufferPointer<Int64>) {
    self.words = words
    unsafe self.plan = plan
  }

  /// Counts a value, which is not negative, in its bucket and adds it to the sum, both `weight` times.
  ///
  /// - Returns: the histogram's bit.
  @inline(__always)
  func observe(_ value: Int64, times weight: Int64, _ histogram: Int) -> UInt64 {
    let block = Int(unsafe plan[histogram &* HistogramCuts.header])
    let count = Int(unsafe plan[histogram &* HistogramCuts.header &+ 2])
    unsafe words.add(weight, at: block &+ HistogramCuts.bucket(of: value, histogram: histogram, plan))
    words.add(wide: Int128(value) &* Int128(weight), at: block &+ count &+ 1)
    return 1 << UInt64(truncatingIfNeeded: histogram)
  }
}
