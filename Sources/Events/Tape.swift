/// What one line holds, by slot: the scanner fills it in one pass, the resolvers read it.
///
/// Nothing is cleared between events but the bits that say which slots hold something. Plain memory of a fixed
/// size, because arrays (by uniqueness checks) and inline arrays (by copies) cost more than the rest of the scan;
/// every index is cut to the size, so no slot number, however wrong, leaves it.
@safe struct Tape: ~Copyable {
  private static let slotCount = 512

  private let slots: UnsafeMutablePointer<RawValue>
  /// A bit per slot.
  private let present: UnsafeMutablePointer<UInt64>
  /// A usage object that is not empty, though no key of it is known, is something else than no usage.
  var usageHasUnknownKeys = false

  init() {
    unsafe slots = .allocate(capacity: Tape.slotCount)
    unsafe slots.initialize(repeating: RawValue(.no, .absent), count: Tape.slotCount)
    unsafe present = .allocate(capacity: Tape.slotCount / 64)
    unsafe present.initialize(repeating: 0, count: Tape.slotCount / 64)
  }

  deinit {
    unsafe slots.deallocate()
    unsafe present.deallocate()
  }

  @inline(__always)
  mutating func clear() {
    usageHasUnknownKeys = false
    unsafe present.update(repeating: 0, count: Tape.slotCount / 64)
  }

  /// Forgets a usage object, so that another one can be read in its place.
  mutating func clearUsage() {
    unsafe present[SlotLayout.usage >> 6] = 0
    unsafe present[SlotLayout.usage >> 6 &+ 1] = 0
    usageHasUnknownKeys = false
  }

  /// 64 slots' bits from `slot` on, which is a multiple of 64.
  @inline(__always)
  func bits(from slot: Int) -> UInt64 { unsafe present[slot >> 6 & 7] }

  @inline(__always)
  func holds(_ slot: Int) -> Bool { bits(from: slot) >> UInt64(slot & 63) & 1 == 1 }

  @inline(__always)
  subscript(slot: Int) -> RawValue {
    @inline(__always) get { unsafe slots[slot & (Tape.slotCount &- 1)] }
  }

  @inline(__always)
  func value(_ field: EventField) -> RawValue? {
    let slot = Int(field.rawValue)
    return holds(slot) ? self[slot] : nil
  }

  /// Keeps a value unless a better spelling of the same field was there before.
  @inline(__always)
  private func keep(_ slot: Int, _ value: RawValue) {
    let word = slot >> 6 & 7
    let bit = UInt64(1) << UInt64(slot & 63)
    let before = unsafe present[word]
    let place = slot & (Tape.slotCount &- 1)
    if before & bit != 0, unsafe slots[place].rank <= value.rank { return }
    unsafe present[word] = before | bit
    unsafe slots[place] = value
  }

  /// The keys of one object that have been seen.
  private struct Seen {
    private var bits = [8 of UInt64](repeating: 0)
    /// False if it was there.
    @inline(__always)
    mutating func add(_ identity: UInt16) -> Bool {
      let word = Int(identity >> 6) & 7
      let bit = UInt64(1) << UInt64(identity & 63)
      let before = bits[word]
      bits[word] = before | bit
      return before & bit == 0
    }
  }

  /// How deep the objects that are read may nest.
  static let depthLimit = 16

  /// What the object that is being read means.
  struct Scope {
    var context: KeyContext
    var base: Int
    var rank: UInt8
    var depth: Int
  }

  /// Reads the object at `start` and returns the place behind it.
  mutating func scanObject(
    _ line: Span<UInt8>, _ start: Int, keys: KeyTable, _ scope: Scope, scratch: inout [UInt8]
  ) throws(Reject) -> Int {
    var learner: ShapeLearner?
    return try scanObject(line, start, keys: keys, scope, scratch: &scratch, &learner)
  }

  /// - Parameter learner: takes down the shape of the line, where that is wanted.
  mutating func scanObject(
    _ line: Span<UInt8>, _ start: Int, keys: KeyTable, _ scope: Scope, scratch: inout [UInt8],
    _ learner: inout ShapeLearner?
  ) throws(Reject) -> Int {
    guard scope.depth <= Tape.depthLimit else { throw Reject(.invalidJSON, at: start, "nested too deep") }
    guard line.byte(at: start) == UInt8(ascii: "{") else {
      throw Reject(.invalidJSON, at: start, "an object was expected")
    }
    var i = Structure.skipSpace(line, start &+ 1)
    if line.byte(at: i) == UInt8(ascii: "}") { return i &+ 1 }
    var seen = Seen()
    while true {
      guard line.byte(at: i) == UInt8(ascii: "\"") else { throw Reject(.invalidJSON, at: i, "a key was expected") }
      let (found, keyEnd) = try Tape.key(line, i, keys, scope.context.rawValue, scratch: &scratch)
      let keyStart = i
      i = try Structure.skipColon(line, keyEnd)
      if let found {
        guard seen.add(keys[found].identity) else { throw Reject(.invalidJSON, at: keyStart, "the same key twice") }
        i = try scanValue(line, i, keys: keys, found, scope, scratch: &scratch, &learner)
      } else {
        let valueStart = i
        if scope.context == .usage { usageHasUnknownKeys = true }
        if let end = try Structure.skipScalar(line, i) { i = end } else { i = try Structure.skipContainer(line, i) }
        learner?.value(valueStart..<i, ValuePlace(isUnknownUsage: scope.context == .usage))
      }
      var byte = line.byte(at: i)
      if byte <= 0x20 {
        i = Structure.skipSpace(line, i)
        byte = line.byte(at: i)
      }
      if byte == UInt8(ascii: "}") { return i &+ 1 }
      guard byte == UInt8(ascii: ",") else {
        throw Reject(.invalidJSON, at: i, "a comma or the end of an object was expected")
      }
      i &+= 1
      if line.byte(at: i) <= 0x20 { i = Structure.skipSpace(line, i) }
    }
  }

  /// Looks up the key whose opening quote is at `quote`; returns the place behind its closing one.
  @inline(__always)
  private static func key(
    _ line: Span<UInt8>, _ quote: Int, _ keys: KeyTable, _ context: UInt8, scratch: inout [UInt8]
  ) throws(Reject) -> (found: Int?, end: Int) {
    let start = quote &+ 1
    let word = line.word(at: start)
    let ending = word.bytesNotPlain
    if ending != 0, start &+ 8 <= line.count {
      // A name of less than 8 bytes: one word holds it.
      let length = ending.trailingZeroBitCount >> 3
      if line.byte(at: start &+ length) == UInt8(ascii: "\"") {
        let name = word & ((1 << UInt64(length &* 8)) &- 1)
        return (keys.find(context, line, start, length, first: name, last: name), start &+ length &+ 1)
      }
    }
    let end = line.endOfPlainRun(from: ending == 0 ? start &+ 8 : start)
    let length = end &- start
    if line.byte(at: end) == UInt8(ascii: "\""), length >= 8 {
      return (
        keys.find(context, line, start, length, first: word, last: line.word(at: end &- 8)), end &+ 1
      )
    }
    return try rareKey(line, quote, keys, context, scratch: &scratch)
  }

  /// A key with escapes, or at the very end of the line.
  @inline(never)
  private static func rareKey(
    _ line: Span<UInt8>, _ quote: Int, _ keys: KeyTable, _ context: UInt8, scratch: inout [UInt8]
  ) throws(Reject) -> (found: Int?, end: Int) {
    guard let context = KeyContext(rawValue: context) else { return (nil, quote) }
    let key = try StringScan.text(line, quote, scratch: &scratch)
    let found =
      key.text.inScratch
      ? keys.find(context, scratch.span, key.text.offset, key.text.count)
      : keys.find(context, line, key.text.offset, key.text.count)
    return (found, key.end)
  }

  /// Reads the value of a key that means something; returns the place behind it.
  @inline(__always)
  private mutating func scanValue(
    _ line: Span<UInt8>, _ start: Int, keys: KeyTable, _ key: Int, _ scope: Scope, scratch: inout [UInt8],
    _ learner: inout ShapeLearner?
  ) throws(Reject) -> Int {
    let place = ValuePlace(keys[key], base: scope.base, rank: scope.rank)
    guard line.byte(at: start) == UInt8(ascii: "{"), let child = KeyContext(rawValue: keys[key].child) else {
      let end = try scanValue(line, start, place, scratch: &scratch)
      learner?.value(start..<end, place)
      return end
    }
    let inner = Scope(
      context: child, base: scope.base &+ Int(keys[key].childBase), rank: place.rank, depth: scope.depth &+ 1)
    if keys[key].keepsObject { learner?.open(start) }
    let end = try scanObject(line, start, keys: keys, inner, scratch: &scratch, &learner)
    guard keys[key].keepsObject else { return end }
    learner?.close(end, place)
    keepObject(start..<end, place)
    return end
  }

  @inline(__always)
  mutating func keepObject(_ range: Range<Int>, _ place: ValuePlace) {
    let value = RawValue(
      .object, Text(offset: range.lowerBound, count: range.upperBound &- range.lowerBound), rank: place.rank)
    if place.isKept { keep(Int(place.slot), value) }
  }

  /// Reads what nearly every value is: a string without escapes or a whole number, of a field; nil for any other.
  @inline(always)
  mutating func scanPlainValue(_ line: Span<UInt8>, _ start: Int, _ place: ValuePlace) -> Int? {
    guard place.isKept, !place.isLabel else { return nil }
    let byte = line.byte(at: start)
    if byte == UInt8(ascii: "\"") {
      let end = line.endOfPlainRun(from: start &+ 1)
      guard line.byte(at: end) == UInt8(ascii: "\""), end > start &+ 1 else { return nil }
      keep(
        Int(place.slot), RawValue(.string, Text(offset: start &+ 1, count: end &- start &- 1), rank: place.rank))
      return end &+ 1
    }
    guard byte &- UInt8(ascii: "0") < 10, let found = NumberScan.number(line, start) else { return nil }
    keep(Int(place.slot), RawValue(found.number, Text(offset: start, count: found.end &- start), rank: place.rank))
    return found.end
  }

  /// Reads a value of which no part has a place of its own; returns the place behind it. Nulls and empty strings are
  /// absent.
  @inline(__always)
  mutating func scanValue(
    _ line: Span<UInt8>, _ start: Int, _ place: ValuePlace, scratch: inout [UInt8]
  ) throws(Reject) -> Int {
    let end: Int
    var value: RawValue
    switch line.byte(at: start) {
    case UInt8(ascii: "\""):
      let found = try StringScan.text(line, start, scratch: &scratch)
      if found.text.isEmpty { return found.end }
      end = found.end
      value = RawValue(.string, found.text, rank: place.rank)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard let found = NumberScan.number(line, start) else {
        throw Reject(.invalidJSON, at: start, "malformed number")
      }
      end = found.end
      value = RawValue(found.number, Text(offset: start, count: end &- start), rank: place.rank)
    case UInt8(ascii: "{"):
      end = try Structure.skipContainer(line, start)
      value = RawValue(.object, Text(offset: start, count: end &- start), rank: place.rank)
    case UInt8(ascii: "["):
      end = try Structure.skipContainer(line, start)
      value = RawValue(.array, Text(offset: start, count: end &- start), rank: place.rank)
    case UInt8(ascii: "n"):
      return try Structure.literal(line, start, 0x6C6C_756E, 4)
    case UInt8(ascii: "t"):
      end = try Structure.literal(line, start, 0x6575_7274, 4)
      value = RawValue(.yes, Text(offset: start, count: 4), rank: place.rank)
    case UInt8(ascii: "f"):
      end = try Structure.literal(line, start, 0x65_736C_6166, 5)
      value = RawValue(.no, Text(offset: start, count: 5), rank: place.rank)
    default:
      throw Reject(.invalidJSON, at: start, "a value was expected")
    }
    if place.isKept { keep(Int(place.slot), value) }
    if place.isLabel, !value.isContainer {
      value.rank = place.labelRank
      keep(SlotLayout.labels &+ Int(place.label), value)
    }
    return end
  }
}
