/// What one event adds to the histograms of its record: a short list that lives on the stack.
struct Observations {
  struct Observation: BitwiseCopyable {
    var value: Int64
    var histogram: Int32
    /// Found while observing.
    var bucket: Int32 = 0
    var block: Int32 = 0
    var bounds: Int32 = 0
  }
  /// A call observes each of its histograms at most once, and has fewer than there is room for.
  private(set) var count = 0
  var list: [12 of Observation] = .init(repeating: Observation(value: 0, histogram: 0))

  @inline(__always)
  mutating func add(_ value: Int64, _ histogram: Int) {
    list[count] = Observation(value: value, histogram: Int32(truncatingIfNeeded: histogram))
    count &+= 1
  }
}
