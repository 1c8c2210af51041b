/// When the next packets are due at a steady rate. Counted from the start, so that a late wake-up is made up for and
/// the mean is exact.
struct Pacing {
  /// Packets per second; nil is as fast as it goes.
  let rate: Double?

  /// Packets that should have been sent by `elapsed` nanoseconds.
  func due(atNanoseconds elapsed: UInt64) -> Int {
    guard let rate else { return .max }
    return Int(rate * Double(elapsed) / 1e9) + 1
  }

  /// When packet `index` is due, in nanoseconds from the start.
  func dueNanoseconds(ofPacket index: Int) -> UInt64 {
    guard let rate else { return 0 }
    return UInt64((Double(index) / rate * 1e9).rounded(.up))
  }
}
