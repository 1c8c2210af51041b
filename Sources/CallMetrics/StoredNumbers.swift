/// The numbers of one record as bytes: small, because most of a record is zeros and small counts.
///
/// ```
/// n  ( gap value ) × n      slots that are not 0, by ascending index in the layout's order
/// m  ( gap counts… sum ) × m   histograms with observations: a count for each bound and +Inf, then the sum
/// ```
/// All of it in base-128 varints, signed values zigzag; `real` values as 8 bytes, little-endian. A gap is the number of
/// slots passed over since the one before.
public enum StoredNumbers {
  /// - Parameter row: of the snapshot, whose layout `layout` describes.
  public static func encode(_ snapshot: TableSnapshot, row: Int, layout: StoredLayout) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(512)
    let base = row * snapshot.layout.wordCount
    encodeSlots(snapshot.words, base, layout, &bytes)
    encodeHistograms(snapshot, row, layout, &bytes)
    return bytes
  }

  private static func encodeSlots(_ words: [Int64], _ base: Int, _ layout: StoredLayout, _ bytes: inout [UInt8]) {
    func isZero(_ slot: StoredLayout.Slot) -> Bool {
      words[base + slot.word] == 0 && (slot.kind != .money || words[base + slot.word + 1] == 0)
    }
    Varint.append(UInt128(layout.slots.reduce(0) { $0 + (isZero($1) ? 0 : 1) }), to: &bytes)
    var next = 0
    for (index, slot) in layout.slots.enumerated() where !isZero(slot) {
      Varint.append(UInt128(index - next), to: &bytes)
      next = index + 1
      let word = words[base + slot.word]
      switch slot.kind {
      case .count, .time: Varint.append(signed: Int128(word), to: &bytes)
      case .money:
        Varint.append(signed: Wide.value(word, words[base + slot.word + 1]), to: &bytes)
      case .real:
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
          bytes.append(UInt8(truncatingIfNeeded: UInt64(bitPattern: word) >> shift))
        }
      }
    }
  }

  private static func encodeHistograms(
    _ snapshot: TableSnapshot, _ row: Int, _ layout: StoredLayout, _ bytes: inout [UInt8]
  ) {
    let base = row * snapshot.layout.histogramCount
    let touched = layout.histograms.indices.filter { snapshot.blocks[base + $0] >= 0 }
    Varint.append(UInt128(touched.count), to: &bytes)
    var next = 0
    for index in touched {
      Varint.append(UInt128(index - next), to: &bytes)
      next = index + 1
      let start = Int(snapshot.blocks[base + index])
      let buckets = layout.histograms[index].bounds.count + 1
      for i in start..<start + buckets { Varint.append(signed: Int128(snapshot.histogramWords[i]), to: &bytes) }
      let sum = Wide.value(
        snapshot.histogramWords[start + buckets], snapshot.histogramWords[start + buckets + 1])
      Varint.append(signed: sum, to: &bytes)
    }
  }

  struct Decoded {
    /// Index of the slot in its layout, and the value; of a `real` one the bit pattern.
    var slots: [(index: Int, value: Int128)] = []
    var histograms: [(index: Int, counts: [Int64], sum: Int128)] = []
  }

  /// - Returns: nil where the bytes are no numbers of this layout.
  static func decode(_ bytes: [UInt8], layout: StoredLayout) -> Decoded? {
    var decoded = Decoded()
    var reader = Varint.Reader(bytes)
    guard let slotCount = reader.count(upTo: layout.slots.count) else { return nil }
    var index = -1
    for _ in 0..<slotCount {
      guard let gap = reader.count(upTo: layout.slots.count) else { return nil }
      index += gap + 1
      guard index < layout.slots.count else { return nil }
      let value = layout.slots[index].kind == .real ? reader.eightBytes() : reader.signed()
      guard let value, layout.slots[index].kind == .money || Int64(exactly: value) != nil else { return nil }
      decoded.slots.append((index, value))
    }
    guard let histogramCount = reader.count(upTo: layout.histograms.count) else { return nil }
    index = -1
    for _ in 0..<histogramCount {
      guard let gap = reader.count(upTo: layout.histograms.count) else { return nil }
      index += gap + 1
      guard index < layout.histograms.count else { return nil }
      var counts: [Int64] = []
      for _ in 0...layout.histograms[index].bounds.count {
        guard let count = reader.signed(), let count = Int64(exactly: count) else { return nil }
        counts.append(count)
      }
      guard let sum = reader.signed() else { return nil }
      decoded.histograms.append((index, counts, sum))
    }
    return reader.isAtEnd ? decoded : nil
  }
}
