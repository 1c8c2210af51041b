extension RecordTable {
  /// Whether the row is still that of these labels.
  func isSame(row: Int, labels expected: [UInt8]) -> Bool { labels[row] == expected }

  /// Adds a row to a snapshot, its histograms one after the other.
  func copy(row: Int, exemplars wanted: Bool, to snapshot: inout TableSnapshot) {
    snapshot.labels.append(labels[row])
    snapshot.created.append(created[row])
    snapshot.words.append(contentsOf: words[row * layout.wordCount..<(row + 1) * layout.wordCount])
    var histogram = 0
    for group in layout.histograms {
      for _ in group.values {
        let index = row * layout.histogramCount + histogram
        if let block = block(row: row, histogram: histogram) {
          snapshot.blocks.append(Int32(truncatingIfNeeded: snapshot.histogramWords.count))
          snapshot.histogramWords.append(contentsOf: histogramWords[block])
        } else {
          snapshot.blocks.append(-1)
        }
        snapshot.exemplarBlocks.append(
          wanted
            ? Self.copy(exemplars, at: exemplarBlocks[index], count: group.bounds.count + 1, to: &snapshot.exemplars)
            : -1)
        histogram += 1
      }
    }
  }

  private static func copy<T>(_ source: [T], at start: Int32, count: Int, to target: inout [T]) -> Int32 {
    guard start >= 0 else { return -1 }
    let copied = Int32(truncatingIfNeeded: target.count)
    target.append(contentsOf: source[Int(start)..<Int(start) + count])
    return copied
  }
}
