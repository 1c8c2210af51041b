/// Hears each step of a price as it is worked out. The hot path passes one that does nothing, and costs nothing.
protocol CostRecorder {
  /// An entry prices (a part of) the call; `card` holds its rates for the case at hand.
  mutating func entry(_ place: Int32, case: CardCase)
  mutating func tokens(_ kind: TokenClass, _ count: Int64, _ rate: CardRate, _ component: CostComponent)
  /// `quantity` in 10^-`places` of its unit; `rate` in 1e-15 dollars.
  mutating func unit(_ kind: RateKind, _ quantity: Int64, places: Int, rate: UInt64, _ component: CostComponent)
  /// In 1e-6.
  mutating func factor(_ key: RateKey, _ value: UInt64)
  /// Was used and has no rate.
  mutating func missing(_ kind: RateKind, _ quantity: Int64)
}

struct NoRecorder: CostRecorder {
  /// The thread sanitizer's check of inout arguments traps where one has no bytes, and so no address.
  private var byte: UInt8 = 0

  @inline(__always) mutating func entry(_ place: Int32, case: CardCase) {}
  @inline(__always)
  mutating func tokens(_ kind: TokenClass, _ count: Int64, _ rate: CardRate, _ component: CostComponent) {}
  @inline(__always)
  mutating func unit(_ kind: RateKind, _ quantity: Int64, places: Int, rate: UInt64, _ component: CostComponent) {}
  @inline(__always) mutating func factor(_ key: RateKey, _ value: UInt64) {}
  @inline(__always) mutating func missing(_ kind: RateKind, _ quantity: Int64) {}
}
