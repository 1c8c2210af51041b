/// Moves over values of which nothing is kept, checking that they are JSON. Positions come in and go out by value:
/// the scanner's position then stays in a register.
enum Structure {
  /// How deep a skipped value may nest.
  static let depthLimit = 512

  /// The first place at or after `start` that holds no white space.
  @inline(__always)
  static func skipSpace(_ line: Span<UInt8>, _ start: Int) -> Int {
    // The common cases: none, and one space.
    var i = start
    var byte = line.byte(at: i)
    if byte == 0x20 {
      i &+= 1
      byte = line.byte(at: i)
    }
    return byte > 0x20 ? i : skipMoreSpace(line, i)
  }

  @inline(never)
  private static func skipMoreSpace(_ line: Span<UInt8>, _ start: Int) -> Int {
    var i = start
    while i < line.count {
      switch line[i] {
      case 0x20, 0x09, 0x0A, 0x0D: i &+= 1
      default: return i
      }
    }
    return i
  }

  /// Behind the scalar at `i`; nil where a container or nothing legal starts.
  @inline(__always)
  static func skipScalar(_ line: Span<UInt8>, _ i: Int) throws(Reject) -> Int? {
    switch line.byte(at: i) {
    case UInt8(ascii: "\""):
      return try StringScan.skip(line, i)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard let found = NumberScan.number(line, i) else { throw Reject(.invalidJSON, at: i, "malformed number") }
      return found.end
    case UInt8(ascii: "t"): return try literal(line, i, 0x6575_7274, 4)
    case UInt8(ascii: "f"): return try literal(line, i, 0x65_736C_6166, 5)
    case UInt8(ascii: "n"): return try literal(line, i, 0x6C6C_756E, 4)
    default: return nil
    }
  }

  /// Behind `true`, `false` or `null`, given as a little-endian word.
  @inline(__always)
  static func literal(_ line: Span<UInt8>, _ i: Int, _ word: UInt64, _ length: Int) throws(Reject) -> Int {
    guard i &+ length <= line.count, line.shortWord(i, length) == word else {
      throw Reject(.invalidJSON, at: i, "unknown word")
    }
    return i &+ length
  }

  static func skipValue(_ line: Span<UInt8>, _ i: Int) throws(Reject) -> Int {
    if let end = try skipScalar(line, i) { return end }
    return try skipContainer(line, i)
  }

  /// A stack of what is open: a bit for each level, set for an object.
  private struct Nesting {
    private var levels = [8 of UInt64](repeating: 0)
    private(set) var depth = 0
    /// Of the innermost open level.
    private(set) var isObject = false

    @inline(__always)
    mutating func open(object: Bool) -> Bool {
      guard depth < Structure.depthLimit else { return false }
      let bit = UInt64(1) << UInt64(depth & 63)
      if object { levels[depth >> 6] |= bit } else { levels[depth >> 6] &= ~bit }
      depth &+= 1
      isObject = object
      return true
    }

    @inline(__always)
    mutating func close() {
      depth &-= 1
      guard depth > 0 else { return }
      let level = depth &- 1
      isObject = levels[level >> 6] >> UInt64(level & 63) & 1 == 1
    }
  }

  @inline(never)
  static func skipContainer(_ line: Span<UInt8>, _ start: Int) throws(Reject) -> Int {
    var nesting = Nesting()
    var i = start
    while true {
      // A value is due.
      if let end = try skipScalar(line, i) {
        i = end
      } else {
        let byte = line.byte(at: i)
        guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") else {
          throw Reject(.invalidJSON, at: i, "a value was expected")
        }
        let isObject = byte == UInt8(ascii: "{")
        guard nesting.open(object: isObject) else { throw Reject(.invalidJSON, at: i, "nested too deep") }
        i = skipSpace(line, i &+ 1)
        if line.byte(at: i) != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          if isObject { i = try skipKey(line, i) }
          continue
        }
        i &+= 1
        nesting.close()
      }
      // Behind a value: close what ends here, up to the next value.
      while nesting.depth > 0 {
        i = skipSpace(line, i)
        let byte = line.byte(at: i)
        if byte == UInt8(ascii: ",") {
          i = skipSpace(line, i &+ 1)
          if nesting.isObject { i = try skipKey(line, i) }
          break
        }
        guard byte == (nesting.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
          throw Reject(.invalidJSON, at: i, "a comma or the end of a container was expected")
        }
        i &+= 1
        nesting.close()
      }
      if nesting.depth == 0 { return i }
    }
  }

  @inline(__always)
  private static func skipKey(_ line: Span<UInt8>, _ i: Int) throws(Reject) -> Int {
    guard line.byte(at: i) == UInt8(ascii: "\"") else { throw Reject(.invalidJSON, at: i, "a key was expected") }
    return try skipColon(line, try StringScan.skip(line, i))
  }

  /// From behind a key to the first byte of its value.
  @inline(__always)
  static func skipColon(_ line: Span<UInt8>, _ start: Int) throws(Reject) -> Int {
    let i = skipSpace(line, start)
    guard line.byte(at: i) == UInt8(ascii: ":") else { throw Reject(.invalidJSON, at: i, "a colon was expected") }
    return skipSpace(line, i &+ 1)
  }
}
