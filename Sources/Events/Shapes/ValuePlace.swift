/// Where the value behind a key goes on the tape.
struct ValuePlace: BitwiseCopyable, Equatable {
  /// `SlotLayout.nowhere`: it is not kept.
  var slot: UInt16
  /// Which of several spellings of one field this is.
  var rank: UInt8
  /// Which of the configured label keys this is, too; `KeyEntry.none`: none.
  var label: UInt8
  var labelRank: UInt8
  /// An object behind the key is read, not passed over.
  var readsObject: Bool
  /// No key of a usage object that is known.
  var isUnknownUsage: Bool

  @inline(__always)
  init(_ entry: KeyEntry, base: Int, rank: UInt8) {
    let isKept = entry.slot != UInt16(SlotLayout.nowhere)
    slot = isKept ? UInt16(truncatingIfNeeded: base &+ Int(entry.slot)) : entry.slot
    self.rank = rank &+ entry.rank
    label = entry.label
    labelRank = rank
    readsObject = entry.child != KeyEntry.none
    isUnknownUsage = false
  }

  /// Of a key that is not known.
  init(isUnknownUsage: Bool) {
    slot = UInt16(SlotLayout.nowhere)
    rank = 0
    label = KeyEntry.none
    labelRank = 0
    readsObject = false
    self.isUnknownUsage = isUnknownUsage
  }

  @inline(__always) var isKept: Bool { slot != UInt16(SlotLayout.nowhere) }
  @inline(__always) var isLabel: Bool { label != KeyEntry.none }
}
