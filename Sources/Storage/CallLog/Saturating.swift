/// Arithmetic that stops at the bounds of the type, where `+` would stop the program. For sums over what anybody may
/// send: 2^40 tokens with a weight of 10,000, a thousand times.
extension Int64 {
  public func plus(_ other: Int64) -> Int64 {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }

  public func minus(_ other: Int64) -> Int64 {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? (other < 0 ? .max : .min) : difference
  }

  public func times(_ other: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
  }

  public mutating func add(_ other: Int64) { self = plus(other) }
}
