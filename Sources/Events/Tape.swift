/// What one line holds, by slot: the scanner fills it in one pass, the resolvers read it.
///
/// Nothing is cleared between events but the bits that say which slots hold something.
struct Tape: ~Copyable {
  private var slots = Array(repeating: RawValue(.no, .absent), count: SlotLayout.count)
  /// A bit per slot.
  private(set) var present = [7 of UInt64](repeating: 0)

  /// A usage object that is not empty, though no key of it is known, is something else than no usage.
  private(set) var usageHasUnknownKeys = false

  @inline(__always)
  mutating func clear() {
    usageHasUnknownKeys = false
    present = [7 of UInt64](repeating: 0)
  }

  /// Forgets a usage object, so that another one can be read in its place.
  mutating func clearUsage() {
    present[SlotLayout.usage >> 6] = 0
    present[SlotLayout.usage >> 6 &+ 1] = 0
    usageHasUnknownKeys = false
  }

  @inline(__always)
  func holds(_ slot: Int) -> Bool { present[slot >> 6] >> UInt64(slot & 63) & 1 == 1 }

  @inline(__always)
  subscript(slot: Int) -> RawValue { slots[slot] }

  @inline(__always)
  func value(_ field: EventField) -> RawValue? {
    let slot = Int(field.rawValue)
    return holds(slot) ? slots[slot] : nil
  }

  /// Keeps a value unless a better spelling of the same field was there before. An empty string is no value.
  @inline(__always)
  private mutating func keep(_ slot: Int, _ value: RawValue) {
    if holds(slot) {
      if slots[slot].rank <= value.rank { return }
    } else {
      present[slot >> 6] |= 1 << UInt64(slot & 63)
    }
    slots[slot] = value
  }

  /// The keys of one object that have been seen.
  private struct Seen {
    private var bits = [8 of UInt64](repeating: 0)
    /// False if it was there.
    @inline(__always)
    mutating func add(_ identity: UInt16) -> Bool {
      let word = Int(identity >> 6) & 7
      let bit = UInt64(1) << UInt64(identity & 63)
      if bits[word] & bit != 0 { return false }
      bits[word] |= bit
      return true
    }
  }

  /// How deep the objects that are read may nest.
  static let depthLimit = 16

  /// Reads the object at `i` and moves behind it.
  mutating func scanObject(
    _ line: Span<UInt8>, _ i: inout Int, keys: borrowing KeyTable, context: KeyContext, base: Int, rank: UInt8,
    depth: Int, scratch: inout [UInt8]
  ) throws(Reject) {
    guard depth <= Tape.depthLimit else { throw Reject(.invalidJSON, at: i, "nested too deep") }
    guard line.byte(at: i) == UInt8(ascii: "{") else { throw Reject(.invalidJSON, at: i, "an object was expected") }
    i &+= 1
    Structure.skipSpace(line, &i)
    if line.byte(at: i) == UInt8(ascii: "}") {
      i &+= 1
      return
    }
    var seen = Seen()
    while true {
      guard line.byte(at: i) == UInt8(ascii: "\"") else { throw Reject(.invalidJSON, at: i, "a key was expected") }
      let start = i
      let key = try StringScan.text(line, &i, scratch: &scratch)
      let match: KeyMatch?
      if key.inScratch {
        match = keys.find(context, scratch.span, key.offset, key.count)
      } else {
        match = keys.find(context, line, key.offset, key.count)
      }
      try Structure.skipColon(line, &i)
      if let match {
        guard seen.add(match.identity) else { throw Reject(.invalidJSON, at: start, "the same key twice") }
        try scanKnown(
          line, &i, keys: keys, match, base: base, rank: rank &+ match.rank, depth: depth, scratch: &scratch)
      } else {
        if context == .usage { usageHasUnknownKeys = true }
        try Structure.skipValue(line, &i)
      }
      Structure.skipSpace(line, &i)
      let byte = line.byte(at: i)
      i &+= 1
      if byte == UInt8(ascii: "}") { return }
      guard byte == UInt8(ascii: ",") else {
        throw Reject(.invalidJSON, at: i &- 1, "a comma or the end of an object was expected")
      }
      Structure.skipSpace(line, &i)
    }
  }

  /// Reads the value of a key that means something.
  @inline(__always)
  private mutating func scanKnown(
    _ line: Span<UInt8>, _ i: inout Int, keys: borrowing KeyTable, _ match: KeyMatch, base: Int, rank: UInt8,
    depth: Int, scratch: inout [UInt8]
  ) throws(Reject) {
    let start = i
    var value: RawValue
    switch line.byte(at: i) {
    case UInt8(ascii: "\""):
      let text = try StringScan.text(line, &i, scratch: &scratch)
      if text.isEmpty { return }
      value = RawValue(.string, text, rank: rank)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard let decimal = NumberScan.number(line, &i) else { throw Reject(.invalidJSON, at: i, "malformed number") }
      value = RawValue(.number, Text(offset: start, count: i &- start), decimal: decimal, rank: rank)
    case UInt8(ascii: "{"):
      if let child = KeyContext(rawValue: match.child) {
        try scanObject(
          line, &i, keys: keys, context: child, base: base &+ Int(match.childBase), rank: rank, depth: depth &+ 1,
          scratch: &scratch)
        guard match.keepsObject else { return }
      } else {
        try Structure.skipContainer(line, &i)
      }
      value = RawValue(.object, Text(offset: start, count: i &- start), rank: rank)
    case UInt8(ascii: "["):
      try Structure.skipContainer(line, &i)
      value = RawValue(.array, Text(offset: start, count: i &- start), rank: rank)
    case UInt8(ascii: "n"):
      try Structure.literal(line, &i, 0x6C6C_756E, 4)
      return
    case UInt8(ascii: "t"):
      try Structure.literal(line, &i, 0x6575_7274, 4)
      value = RawValue(.yes, Text(offset: start, count: 4), rank: rank)
    case UInt8(ascii: "f"):
      try Structure.literal(line, &i, 0x65_736C_6166, 5)
      value = RawValue(.no, Text(offset: start, count: 5), rank: rank)
    default:
      throw Reject(.invalidJSON, at: i, "a value was expected")
    }
    if match.slot != UInt16(SlotLayout.nowhere) { keep(base &+ Int(match.slot), value) }
    if match.label != KeyMatch.none {
      value.rank = rank &- match.rank
      keep(SlotLayout.labels &+ Int(match.label), value)
    }
  }
}
