/// The kernel's count of dropped datagrams, carried past its 32 bits. Right as long as it is read once in 2^32 drops.
struct DropCount {
  private(set) var total: UInt64 = 0
  private var latest: UInt32 = 0

  mutating func note(_ reading: UInt32) {
    total += UInt64(reading &- latest)
    latest = reading
  }
}
