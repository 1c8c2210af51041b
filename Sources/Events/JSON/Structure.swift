/// Moves over values of which nothing is kept, checking that they are JSON.
enum Structure {
  /// How deep a skipped value may nest.
  static let depthLimit = 512

  @inline(__always)
  static func skipSpace(_ line: Span<UInt8>, _ i: inout Int) {
    // The common cases: none, and one space.
    if line.byte(at: i) > 0x20 { return }
    while i < line.count {
      switch line[i] {
      case 0x20, 0x09, 0x0A, 0x0D: i &+= 1
      default: return
      }
    }
  }

  /// Moves over the scalar at `i`; false where a container or nothing legal starts.
  @inline(__always)
  static func skipScalar(_ line: Span<UInt8>, _ i: inout Int) throws(Reject) -> Bool {
    switch line.byte(at: i) {
    case UInt8(ascii: "\""):
      try StringScan.skip(line, &i)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard NumberScan.number(line, &i) != nil else { throw Reject(.invalidJSON, at: i, "malformed number") }
    case UInt8(ascii: "t"): try literal(line, &i, 0x6575_7274, 4)
    case UInt8(ascii: "f"): try literal(line, &i, 0x65_736C_6166, 5)
    case UInt8(ascii: "n"): try literal(line, &i, 0x6C6C_756E, 4)
    default: return false
    }
    return true
  }

  /// Moves over `true`, `false` or `null`, given as a little-endian word.
  @inline(__always)
  static func literal(_ line: Span<UInt8>, _ i: inout Int, _ word: UInt64, _ length: Int) throws(Reject) {
    guard i &+ length <= line.count, line.shortWord(i, length) == word else {
      throw Reject(.invalidJSON, at: i, "unknown word")
    }
    i &+= length
  }

  @inline(__always)
  static func skipValue(_ line: Span<UInt8>, _ i: inout Int) throws(Reject) {
    if try skipScalar(line, &i) { return }
    try skipContainer(line, &i)
  }

  /// A stack of what is open: a bit for each level, set for an object.
  private struct Nesting {
    private var levels = [8 of UInt64](repeating: 0)
    private(set) var depth = 0

    mutating func open(object: Bool) -> Bool {
      guard depth < Structure.depthLimit else { return false }
      let bit = UInt64(1) << UInt64(depth & 63)
      if object { levels[depth >> 6] |= bit } else { levels[depth >> 6] &= ~bit }
      depth &+= 1
      return true
    }
    mutating func close() { depth &-= 1 }
    /// Of the innermost open level, of which there is one.
    var isObject: Bool {
      let level = depth &- 1
      return levels[level >> 6] >> UInt64(level & 63) & 1 == 1
    }
  }

  static func skipContainer(_ line: Span<UInt8>, _ i: inout Int) throws(Reject) {
    var nesting = Nesting()
    while true {
      // A value is due.
      if try !skipScalar(line, &i) {
        let byte = line.byte(at: i)
        guard byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") else {
          throw Reject(.invalidJSON, at: i, "a value was expected")
        }
        let isObject = byte == UInt8(ascii: "{")
        guard nesting.open(object: isObject) else { throw Reject(.invalidJSON, at: i, "nested too deep") }
        i &+= 1
        skipSpace(line, &i)
        if line.byte(at: i) != (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          if isObject { try skipKey(line, &i) }
          continue
        }
        i &+= 1
        nesting.close()
      }
      if try !advance(line, &i, &nesting) { return }
    }
  }

  /// Behind a value: closes what ends here; true if another value follows, false if the outermost was closed.
  @inline(__always)
  private static func advance(_ line: Span<UInt8>, _ i: inout Int, _ nesting: inout Nesting) throws(Reject) -> Bool {
    while nesting.depth > 0 {
      skipSpace(line, &i)
      let byte = line.byte(at: i)
      if byte == UInt8(ascii: ",") {
        i &+= 1
        skipSpace(line, &i)
        if nesting.isObject { try skipKey(line, &i) }
        return true
      }
      guard byte == (nesting.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        throw Reject(.invalidJSON, at: i, "a comma or the end of a container was expected")
      }
      i &+= 1
      nesting.close()
    }
    return false
  }

  private static func skipKey(_ line: Span<UInt8>, _ i: inout Int) throws(Reject) {
    guard line.byte(at: i) == UInt8(ascii: "\"") else { throw Reject(.invalidJSON, at: i, "a key was expected") }
    try StringScan.skip(line, &i)
    try skipColon(line, &i)
  }

  /// From behind a key to the first byte of its value.
  @inline(__always)
  static func skipColon(_ line: Span<UInt8>, _ i: inout Int) throws(Reject) {
    skipSpace(line, &i)
    guard line.byte(at: i) == UInt8(ascii: ":") else { throw Reject(.invalidJSON, at: i, "a colon was expected") }
    i &+= 1
    skipSpace(line, &i)
  }
}
