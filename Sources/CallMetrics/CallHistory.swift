/// Running history of one measure of one record: how many, their sum and the sum of their squares, as the bit
/// patterns of Doubles in three private words.
///
/// Comparing n·x with sums instead of x with a mean and a deviation takes no division and no square root:
/// x > mean + k·σ  ⟺  d > 0 and d² > k²·(n·Σx² − (Σx)²), where d = n·x − Σx.
struct CallHistory {
  static let words = 3
  private(set) var count: Double
  private(set) var sum: Double
  private(set) var squares: Double

  @inline(__always)
  init(_ words: borrowing CountedWords, at index: Int) {
    count = Double(bitPattern: UInt64(bitPattern: words[index]))
    sum = Double(bitPattern: UInt64(bitPattern: words[index &+ 1]))
    squares = Double(bitPattern: UInt64(bitPattern: words[index &+ 2]))
  }

  @inline(__always)
  func store(in words: borrowing CountedWords, at index: Int) {
    words[index] = Int64(bitPattern: count.bitPattern)
    words[index &+ 1] = Int64(bitPattern: sum.bitPattern)
    words[index &+ 2] = Int64(bitPattern: squares.bitPattern)
  }

  @inline(__always)
  mutating func add(_ value: Double, times weight: Double) {
    count += weight
    sum += weight * value
    squares += weight * value * value
  }

  @inline(__always)
  func exceeds(_ value: Double, deviations: Double) -> Bool {
    let distance = count * value - sum
    return distance > 0 && distance * distance > deviations * deviations * (count * squares - sum * sum)
  }

  @inline(__always)
  func exceeds(_ value: Double, timesMean factor: Double) -> Bool { count * value > factor * sum }
}
