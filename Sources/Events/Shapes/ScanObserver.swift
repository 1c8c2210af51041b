/// Watches a scan: what stands where, in the order of the line.
protocol ScanObserver {
  /// A value that is kept whole, or not at all.
  mutating func value(_ range: Range<Int>, _ place: ValuePlace)
  /// An object begins whose members are read and which is kept besides.
  mutating func open(_ start: Int)
  /// That object ended.
  mutating func close(_ end: Int, _ place: ValuePlace)
}

struct NoObserver: ScanObserver {
  @inline(__always) mutating func value(_ range: Range<Int>, _ place: ValuePlace) {}
  @inline(__always) mutating func open(_ start: Int) {}
  @inline(__always) mutating func close(_ end: Int, _ place: ValuePlace) {}
}
