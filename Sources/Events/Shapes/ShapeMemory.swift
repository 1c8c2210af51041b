/// The shapes of the lines that came before: a sender's events differ in their values, hardly ever in what stands
/// between them. A line of a shape that is known is read by comparing that, and needs no look-up of any key; it is a
/// third of the work. What ends up on the tape is the same: a shape is learned from a line that was scanned, and a line
/// that leaves every known shape is scanned from its start.
///
/// ```
/// {"model":"  →  ","latency_ms":  →  }                 a step is what stands before a value, and where the value goes;
///                        └→  ,"usage":{"prompt_tokens":  →  }}    steps that may follow the same one are siblings
/// ```
/// Plain memory of a fixed size, for the reasons of `Tape`: it is read for every event. Every step number comes from
/// `add`, which hands out those below `count`, every literal lies in `literals` as far as `literalsEnd`, and every mark
/// in `marks` below `markCount`.
@safe struct ShapeMemory: ~Copyable {
  private static let stepLimit = 1_024
  private static let literalLimit = 32_768
  /// More would make hostile shapes dear.
  private static let siblingLimit = 8
  private static let markLimit = 256
  /// Kept objects that may be open at once.
  static let depthLimit = 4
  /// Lines of unknown shape that make room for their own.
  private static let missLimit = 4_096
  private static let none = UInt16.max

  private struct Step {
    var literalStart: UInt16
    var literalCount: UInt16
    var child: UInt16
    var sibling: UInt16
    var markStart: UInt16
    var markCount: UInt8
    /// The line ends here.
    var isEnd: Bool
    var place: ValuePlace
  }

  private let steps: UnsafeMutablePointer<Step>
  private let literals: UnsafeMutablePointer<UInt8>
  private let marks: UnsafeMutablePointer<ShapeMark>
  private var markCount = 0
  private var count = 0
  private var literalsEnd = 0
  private var first = ShapeMemory.none
  private var misses = 0
  /// Places belong to the table of keys by which they were found.
  private var keys: KeyTable?

  init() {
    unsafe steps = .allocate(capacity: ShapeMemory.stepLimit)
    // Literals are compared by words of eight bytes that may reach past their end.
    unsafe literals = .allocate(capacity: ShapeMemory.literalLimit + 8)
    unsafe literals.initialize(repeating: 0, count: ShapeMemory.literalLimit + 8)
    unsafe marks = .allocate(capacity: ShapeMemory.markLimit)
  }

  deinit {
    unsafe steps.deallocate()
    unsafe literals.deallocate()
    unsafe marks.deallocate()
  }

  private mutating func forget() {
    count = 0
    literalsEnd = 0
    first = ShapeMemory.none
    misses = 0
    markCount = 0
  }

  // MARK: Reading

  /// Reads a line of a known shape onto the tape; false where it has none, and the tape then means nothing.
  @inline(__always)
  func read(_ line: Span<UInt8>, keys: KeyTable, into tape: inout Tape, scratch: inout [UInt8]) -> Bool {
    guard self.keys === keys else { return false }
    var number = first
    var i = 0
    var open = OpenObjects()
    while number != ShapeMemory.none {
      // Numbers come from `add`.
      let step = unsafe steps + Int(number)
      let length = unsafe Int(step.pointee.literalCount)
      guard unsafe isNext(line, i, step.pointee.literalStart, length) else {
        number = unsafe step.pointee.sibling
        continue
      }
      if unsafe step.pointee.markCount > 0 {
        unsafe follow(step.pointee.markStart, step.pointee.markCount, i, &open, &tape)
      }
      i &+= length
      if unsafe step.pointee.isEnd { return Structure.skipSpace(line, i) == line.count }
      let place = unsafe step.pointee.place
      number = unsafe step.pointee.child
      if let end = tape.scanPlainValue(line, i, place) {
        i = end
        continue
      }
      if place.isUnknownUsage { tape.usageHasUnknownKeys = true }
      if place.readsObject, line.byte(at: i) == UInt8(ascii: "{") { return false }
      do throws(Reject) { i = try tape.scanValue(line, i, place, scratch: &scratch) } catch { return false }
    }
    return false
  }

  /// Whether the literal stands at `i`, which is not negative.
  @inline(__always)
  private func isNext(_ line: Span<UInt8>, _ i: Int, _ literalStart: UInt16, _ length: Int) -> Bool {
    let literal = unsafe UnsafeRawPointer(literals + Int(literalStart))
    guard i &+ length <= line.count else { return false }
    guard length >= 8 else { return unsafe isNext(line, i, short: literal, length) }
    // The words read lie at 0 ... length - 8, of the literal and of what the guard found left of the line.
    let bytes = unsafe line.bytes
    var offset = 0
    func differs(_ offset: Int) -> UInt64 {
      let expected = unsafe literal.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: i &+ offset, as: UInt64.self) ^ expected
    }
    while offset < length &- 16 {
      if differs(offset) | differs(offset &+ 8) != 0 { return false }
      offset &+= 16
    }
    // Of what is left, at most two words, the later may reach back over what was compared.
    return differs(length &- 8) | differs(min(offset, length &- 8)) == 0
  }

  @inline(__always)
  private func isNext(_ line: Span<UInt8>, _ i: Int, short literal: UnsafeRawPointer, _ length: Int) -> Bool {
    // Eight bytes from the literal's start on are allocated, see `init`.
    let expected = unsafe UInt64(littleEndian: literal.loadUnaligned(as: UInt64.self))
    return line.shortWord(i, length) == expected & ((1 << UInt64(length &* 8)) &- 1)
  }

  private struct OpenObjects {
    var starts = [4 of Int](repeating: 0)
    var depth = 0
  }

  @inline(never)
  private func follow(_ start: UInt16, _ count: UInt8, _ i: Int, _ open: inout OpenObjects, _ tape: inout Tape) {
    for number in 0..<Int(count) {
      // `add` reserved so many for the step.
      let mark = unsafe marks[Int(start) &+ number]
      let offset = i &+ Int(mark.offset)
      if let place = mark.place {
        // A shape closes what it opened, and opens at most `depthLimit`.
        open.depth &-= 1
        tape.keepObject(open.starts[open.depth]..<offset, place)
      } else {
        open.starts[open.depth] = offset
        open.depth &+= 1
      }
    }
  }

  // MARK: Learning

  /// Whether a line of an unknown shape is to be learned.
  mutating func wantsShape(keys: KeyTable) -> Bool {
    if self.keys !== keys {
      forget()
      self.keys = keys
    }
    if count < ShapeMemory.stepLimit { return true }
    misses += 1
    if misses > ShapeMemory.missLimit { forget() }
    return false
  }

  /// Remembers a shape, as far as there is room.
  mutating func learn(_ shape: [ShapeLearner.Step], _ line: Span<UInt8>) {
    guard ShapeMemory.fits(shape) else { return }
    var parent: UInt16?
    for (position, step) in shape.enumerated() {
      let candidates = parent.map { unsafe steps[Int($0)].child } ?? first
      if let known = find(step.literal, line, from: candidates) {
        parent = known
      } else {
        guard let added = add(step, line, isEnd: position == shape.count - 1, after: parent) else { return }
        parent = added
      }
    }
  }

  /// Objects nest only so deep, and every number of a step has its bounds.
  private static func fits(_ shape: [ShapeLearner.Step]) -> Bool {
    var depth = 0
    for step in shape {
      guard step.literal.count <= 1_024, step.marks.count < 16 else { return false }
      for mark in step.marks {
        depth += mark.place == nil ? 1 : -1
        guard (0...depthLimit).contains(depth) else { return false }
      }
    }
    return depth == 0
  }

  private func find(_ literal: Range<Int>, _ line: Span<UInt8>, from start: UInt16) -> UInt16? {
    var number = start
    while number != ShapeMemory.none {
      let step = unsafe steps[Int(number)]
      if Int(step.literalCount) == literal.count, isNext(line, literal.lowerBound, step.literalStart, literal.count) {
        return number
      }
      number = step.sibling
    }
    return nil
  }

  private mutating func add(
    _ step: ShapeLearner.Step, _ line: Span<UInt8>, isEnd: Bool, after parent: UInt16?
  ) -> UInt16? {
    guard count < ShapeMemory.stepLimit else { return nil }
    guard literalsEnd + step.literal.count <= ShapeMemory.literalLimit,
      markCount + step.marks.count <= ShapeMemory.markLimit
    else {
      // Full as well.
      count = ShapeMemory.stepLimit
      return nil
    }
    guard let number = link(after: parent) else { return nil }
    unsafe (steps + Int(number)).initialize(
      to: Step(
        literalStart: UInt16(literalsEnd), literalCount: UInt16(step.literal.count), child: ShapeMemory.none,
        sibling: ShapeMemory.none, markStart: UInt16(markCount), markCount: UInt8(step.marks.count), isEnd: isEnd,
        place: step.place))
    for i in step.literal {
      unsafe literals[literalsEnd] = line[i]
      literalsEnd += 1
    }
    for mark in step.marks {
      unsafe (marks + markCount).initialize(to: mark)
      markCount += 1
    }
    count += 1
    return number
  }

  /// Makes the next free step the last of those that may follow `parent`; nil where there are enough of them.
  private mutating func link(after parent: UInt16?) -> UInt16? {
    let number = UInt16(count)
    var last = parent.map { unsafe steps[Int($0)].child } ?? first
    guard last != ShapeMemory.none else {
      if let parent { unsafe steps[Int(parent)].child = number } else { first = number }
      return number
    }
    var siblings = 1
    while case let next = unsafe steps[Int(last)].sibling, next != ShapeMemory.none {
      last = next
      siblings += 1
    }
    guard siblings < ShapeMemory.siblingLimit else { return nil }
    unsafe steps[Int(last)].sibling = number
    return number
  }
}
