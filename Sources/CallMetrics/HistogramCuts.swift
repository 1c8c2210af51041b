/// Where the buckets of every histogram of a record are cut.
///
/// ```
/// bounds: [ of histogram 0, Int64.max | of histogram 1, Int64.max | … ]
/// starts: [ of histogram 0, by the number of a value's significant bits: 0 … 64 | of histogram 1 | … ]
/// ```
/// Bounds grow exponentially, more or less, so the bits of a value lead within a few steps of its bucket. `Int64.max`
/// ends every search: no value is beyond it.
struct HistogramCuts: Sendable {
  private static let widths = 65
  private let bounds: [Int64]
  private let starts: [UInt8]
  /// Of each histogram: where its bounds begin; and at the end, where they all end.
  private let first: [Int]

  init(layout: RecordLayout) {
    let cuts = layout.histograms.flatMap { group in group.values.map { _ in group.bounds + [.max] } }
    bounds = cuts.flatMap(\.self)
    first = cuts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    starts = cuts.flatMap { bounds in
      (0..<Self.widths).map { width in
        let smallest: Int64 = width == 0 ? 0 : width > 63 ? .max : 1 << Int64(width - 1)
        return UInt8(clamping: bounds.firstIndex { smallest <= $0 } ?? 0)
      }
    }
  }

  @inline(__always)
  func boundCount(of histogram: Int) -> Int { first[histogram &+ 1] &- first[histogram] &- 1 }

  /// The first bucket whose bound is not below the value; values are not negative.
  @inline(__always)
  func bucket(of value: Int64, histogram: Int) -> Int {
    let begin = first[histogram]
    var bucket = Int(starts[histogram &* Self.widths &+ 64 &- value.leadingZeroBitCount])
    while bounds[begin &+ bucket] < value { bucket &+= 1 }
    return bucket
  }
}
