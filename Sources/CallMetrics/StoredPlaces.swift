/// Where the numbers of an older layout lie in a record of today.
struct StoredPlaces {
  fileprivate let stored: StoredLayout
  /// By index in the stored layout; nil: no longer there.
  fileprivate let words: [Int?]
  fileprivate let histograms: [Int?]

  init(of stored: StoredLayout, in current: StoredLayout) {
    self.stored = stored
    words = current.words(of: stored)
    histograms = current.histograms(of: stored)
  }
}

extension RecordTable {
  /// Adds numbers that were counted earlier to a row; of times, the later one holds.
  mutating func add(_ numbers: StoredNumbers.Decoded, places: StoredPlaces, row: Int) {
    let base = row * layout.wordCount
    for (index, value) in numbers.slots {
      guard let word = places.words[index] else { continue }
      switch places.stored.slots[index].kind {
      case .count: add(Int64(clamping: value), row: row, word: word)
      case .money: withWords(of: row) { $0.add(wide: value, at: word) }
      case .time: words[base + word] = max(words[base + word], Int64(clamping: value))
      case .real:
        let sum =
          Double(bitPattern: UInt64(bitPattern: words[base + word]))
          + Double(bitPattern: UInt64(bitPattern: Int64(clamping: value)))
        words[base + word] = Int64(bitPattern: sum.bitPattern)
      }
    }
    for (index, counts, sum) in numbers.histograms {
      guard let histogram = places.histograms[index] else { continue }
      add(counts: counts, sum: sum, row: row, histogram: histogram)
    }
  }
}
