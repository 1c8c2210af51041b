/// Where the value behind a key goes on the tape. One word, so that a step of a shape is read by one load:
///
///     bits 0-15 slot, 16-23 rank, 24-31 label, 32-39 rank of the label, 40 reads an object, 41 unknown in a usage object
struct ValuePlace: BitwiseCopyable, Equatable {
  private var word: UInt64

  @inline(__always)
  init(_ entry: KeyEntry, base: Int, rank: UInt8) {
    let isKept = entry.slot != UInt16(SlotLayout.nowhere)
    let slot = isKept ? UInt16(truncatingIfNeeded: base &+ Int(entry.slot)) : entry.slot
    word =
      UInt64(slot) | UInt64(rank &+ entry.rank) << 16 | UInt64(entry.label) << 24 | UInt64(rank) << 32
      | (entry.child != KeyEntry.none ? 1 << 40 : 0)
  }

  /// Of a key that is not known.
  init(isUnknownUsage: Bool) {
    word = UInt64(SlotLayout.nowhere) | UInt64(KeyEntry.none) << 24 | (isUnknownUsage ? 1 << 41 : 0)
  }

  /// `SlotLayout.nowhere`: it is not kept.
  @inline(__always) var slot: UInt16 { UInt16(truncatingIfNeeded: word) }
  /// Which of several spellings of one field this is.
  @inline(__always) var rank: UInt8 { UInt8(truncatingIfNeeded: word >> 16) }
  /// Which of the configured label keys this is, too; `KeyEntry.none`: none.
  @inline(__always) var label: UInt8 { UInt8(truncatingIfNeeded: word >> 24) }
  @inline(__always) var labelRank: UInt8 { UInt8(truncatingIfNeeded: word >> 32) }
  /// An object behind the key is read, not passed over.
  @inline(__always) var readsObject: Bool { word >> 40 & 1 == 1 }
  /// No key of a usage object that is known.
  @inline(__always) var isUnknownUsage: Bool { word >> 41 & 1 == 1 }
  @inline(__always) var isKept: Bool { slot != UInt16(SlotLayout.nowhere) }
  @inline(__always) var isLabel: Bool { label != KeyEntry.none }
}
