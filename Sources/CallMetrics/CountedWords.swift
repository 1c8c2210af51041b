/// The numbers of one record, or the words of one histogram block, open for counting.
///
/// Unchecked, and measured to matter: a call touches some forty words, and checking each index took as long as counting.
/// What makes it safe: it is made only by `RecordTable`, from a range that was checked against the storage's count, it
/// never leaves the closure in which it is lent, and every index is a constant of the layout plus the raw value of a closed
/// set that the layout has a word for (`RecordTableTests` proves that layouts have neither gaps nor overlaps). Debug
/// builds check each index.
@safe struct CountedWords: ~Copyable {
  private let base: UnsafeMutablePointer<Int64>
  private let count: Int

  @inline(__always)
  init(_ words: UnsafeMutableBufferPointer<Int64>) {
    // An empty buffer has no address; no index is valid then, so the made-up address is never used.
    unsafe base = words.baseAddress ?? UnsafeMutablePointer(bitPattern: 8).unsafelyUnwrapped
    count = words.count
  }

  @inline(__always)
  subscript(_ index: Int) -> Int64 {
    get {
      assert(index >= 0 && index < count)
      return unsafe base[index]
    }
    nonmutating set {
      assert(index >= 0 && index < count)
      unsafe base[index] = newValue
    }
  }

  /// Counts. A counter that can hold no more stays where it is: it never goes down.
  @inline(__always)
  func add(_ amount: Int64, at index: Int) {
    let (sum, overflow) = self[index].addingReportingOverflow(amount)
    self[index] = overflow ? .max : sum
  }

  /// Adds to an amount of two words, the low one first.
  @inline(__always)
  func add(wide amount: Int128, at index: Int) {
    let (sum, overflow) = Wide.value(self[index], self[index &+ 1]).addingReportingOverflow(amount)
    guard !overflow else { return }
    self[index] = Int64(truncatingIfNeeded: sum)
    self[index &+ 1] = Int64(truncatingIfNeeded: sum >> 64)
  }
}

/// An amount of two words, the low one first.
enum Wide {
  @inline(__always)
  static func value(_ low: Int64, _ high: Int64) -> Int128 {
    Int128(high) << 64 | Int128(UInt64(bitPattern: low))
  }
}
