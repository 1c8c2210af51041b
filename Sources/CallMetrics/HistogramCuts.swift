/// Where the buckets of every histogram of a record are cut, in one flat table for the hot path.
///
/// ```
/// table: [ first, step, count of histogram 0 | first, step, count of 1 | … | bounds of 0, Int64.max … | bounds of 1 … ]
/// ```
/// Bounds are filled up with `Int64.max` to a power of two, so that the search for a bucket takes as many steps for every
/// value and needs no check of its own.
struct HistogramCuts: Sendable {
  private static let header = 3
  let table: [Int64]

  init(layout: RecordLayout) {
    let bounds = layout.histograms.flatMap { group in group.values.map { _ in group.bounds } }
    var headers: [Int64] = []
    var cuts: [Int64] = []
    for bound in bounds {
      var size = 1
      while size <= bound.count { size *= 2 }
      headers += [Int64(bounds.count * Self.header + cuts.count), Int64(size / 2), Int64(bound.count)]
      cuts += bound + repeatElement(Int64.max, count: size - bound.count)
    }
    table = headers + cuts
  }

  @inline(__always)
  func boundCount(of histogram: Int) -> Int { Int(table[histogram &* Self.header &+ 2]) }

  /// The first bucket whose bound is not below the value.
  ///
  /// Unchecked within the search, which is the innermost loop of all: `init` lays each histogram's bounds at `first`,
  /// twice `step` of them, and a search that starts with `step` reads none but those.
  @inline(__always)
  func bucket(of value: Int64, histogram: Int) -> Int {
    var step = Int(table[histogram &* Self.header &+ 1])
    let first = Int(table[histogram &* Self.header])
    return unsafe table.withUnsafeBufferPointer { table in
      var bucket = 0
      while step > 0 {
        // A conditional move: which bucket a latency falls into is nothing a processor can foresee.
        bucket = unsafe table[first &+ bucket &+ step &- 1] < value ? bucket &+ step : bucket
        step = step &>> 1
      }
      return bucket
    }
  }
}
