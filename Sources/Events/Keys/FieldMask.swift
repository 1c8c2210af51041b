/// A run of fields, to ask in one go whether any of them is there.
struct FieldMask {
  var low: UInt64
  var high: UInt64

  /// The fields from the `first` to the `last`, by number below 128.
  @inline(__always)
  init(_ first: UInt8, _ last: UInt8) {
    low = FieldMask.bits(Int(first), Int(last))
    high = FieldMask.bits(Int(first) &- 64, Int(last) &- 64)
  }

  /// The bits of `first...last` that are in 0…63.
  @inline(__always)
  private static func bits(_ first: Int, _ last: Int) -> UInt64 {
    if last < 0 || first > 63 { return 0 }
    let from = first < 0 ? 0 : first
    let to = last > 63 ? 63 : last
    return (UInt64.max << UInt64(from)) & (UInt64.max >> UInt64(63 &- to))
  }
}

extension Tape {
  @inline(__always)
  func holdsAny(_ mask: FieldMask, _ base: Int = SlotLayout.event) -> Bool {
    bits(from: base) & mask.low | bits(from: base &+ 64) & mask.high != 0
  }

  @inline(__always)
  func holdsAny(_ first: EventField, _ last: EventField) -> Bool {
    holdsAny(FieldMask(first.rawValue, last.rawValue))
  }

  @inline(__always)
  func holdsAny(_ first: UsageField, _ last: UsageField, _ base: Int) -> Bool {
    holdsAny(FieldMask(first.rawValue, last.rawValue), base)
  }
}
