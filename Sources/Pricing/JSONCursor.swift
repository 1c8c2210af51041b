/// Where and why a text is not JSON.
struct JSONSyntaxError: Error, Equatable {
  var offset: Int
  var expected: StaticString

  static func == (a: JSONSyntaxError, b: JSONSyntaxError) -> Bool {
    a.offset == b.offset && a.expected.description == b.expected.description
  }
}

/// A position in a JSON text, moved forward value by value: a table of a megabyte is read without a tree of it.
struct JSONCursor {
  var at = 0
  static let maxDepth = 64

  @inline(__always)
  mutating func skipSpace(_ bytes: Span<UInt8>) {
    while at < bytes.count, bytes[at] <= 0x20 {
      switch bytes[at] {
      case 0x20, 0x0A, 0x0D, 0x09: at &+= 1
      default: return
      }
    }
  }

  /// The next byte that is no space, or 0 at the end.
  @inline(__always)
  mutating func peek(_ bytes: Span<UInt8>) -> UInt8 {
    skipSpace(bytes)
    return at < bytes.count ? bytes[at] : 0
  }

  @inline(__always)
  mutating func take(_ byte: UInt8, _ bytes: Span<UInt8>, expected: StaticString) throws(JSONSyntaxError) {
    guard peek(bytes) == byte else { throw JSONSyntaxError(offset: at, expected: expected) }
    at &+= 1
  }

  /// Steps from one member to the next.
  /// - Returns: false where the object or array ended (its bracket is taken).
  @inline(__always)
  mutating func next(
    _ bytes: Span<UInt8>, isFirst: inout Bool, closing: UInt8
  ) throws(JSONSyntaxError) -> Bool {
    let byte = peek(bytes)
    if byte == closing {
      at &+= 1
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    try take(UInt8(ascii: ","), bytes, expected: "a comma or a closing bracket")
    if peek(bytes) == closing { throw JSONSyntaxError(offset: at, expected: "a value after the comma") }
    return true
  }

  /// A string: the range of its content, and whether it holds escapes.
  mutating func string(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> (range: Range<Int>, isEscaped: Bool) {
    try take(UInt8(ascii: "\""), bytes, expected: "a string")
    let start = at
    var isEscaped = false
    while at < bytes.count {
      let byte = bytes[at]
      if byte == UInt8(ascii: "\"") {
        at &+= 1
        return (start..<(at &- 1), isEscaped)
      }
      if byte == UInt8(ascii: "\\") {
        isEscaped = true
        at &+= 1
      } else if byte < 0x20 {
        throw JSONSyntaxError(offset: at, expected: "no control character in a string")
      }
      at &+= 1
    }
    throw JSONSyntaxError(offset: bytes.count, expected: "the end of the string")
  }

  /// A key and its colon.
  @inline(__always)
  mutating func key(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> (range: Range<Int>, isEscaped: Bool) {
    let key = try string(bytes)
    try take(UInt8(ascii: ":"), bytes, expected: "a colon")
    return key
  }

  /// A number, true, false or null: the range of its letters. What they spell is the reader's to judge.
  mutating func scalar(_ bytes: Span<UInt8>) throws(JSONSyntaxError) -> Range<Int> {
    skipSpace(bytes)
    let start = at
    scan: while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
        at &+= 1
      default: break scan
      }
    }
    guard at > start else { throw JSONSyntaxError(offset: at, expected: "a value") }
    return start..<at
  }

  /// Passes one value of any kind. Brackets must match; depth is bounded, and there is no recursion.
  mutating func skipValue(_ bytes: Span<UInt8>) throws(JSONSyntaxError) {
    /// Bit i: the bracket at depth i is an object's.
    var isObject: UInt64 = 0
    var depth = 0
    var wantsKey = false
    while true {
      if wantsKey {
        _ = try key(bytes)
        wantsKey = false
      }
      switch peek(bytes) {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        guard depth < Self.maxDepth else { throw JSONSyntaxError(offset: at, expected: "less nesting") }
        let opensObject = bytes[at] == UInt8(ascii: "{")
        at &+= 1
        isObject = opensObject ? isObject | 1 << depth : isObject & ~(1 << depth)
        depth &+= 1
        if peek(bytes) != (opensObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          wantsKey = opensObject
          continue
        }
      case UInt8(ascii: "\""): _ = try string(bytes)
      default: _ = try scalar(bytes)
      }
      // A value ended: close what it was the last of, or go on to its sibling.
      while true {
        if depth == 0 { return }
        let inObject = isObject >> (depth &- 1) & 1 == 1
        let byte = peek(bytes)
        if byte == (inObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) {
          at &+= 1
          depth &-= 1
        } else {
          try take(UInt8(ascii: ","), bytes, expected: "a comma or a closing bracket")
          wantsKey = inObject
          break
        }
      }
    }
  }

  /// Whether a run of bytes is this word.
  static func spells(_ word: String, _ range: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    guard range.count == word.utf8.count else { return false }
    var at = range.lowerBound
    for letter in word.utf8 {
      if bytes[at] != letter { return false }
      at &+= 1
    }
    return true
  }

  /// The text of a string's content, its escapes resolved; nil where they, or the UTF-8, are none.
  static func text(_ range: Range<Int>, isEscaped: Bool, _ bytes: Span<UInt8>) -> String? {
    var out: [UInt8] = []
    out.reserveCapacity(range.count)
    var at = range.lowerBound
    while at < range.upperBound {
      let byte = bytes[at]
      at += 1
      if byte != UInt8(ascii: "\\") {
        out.append(byte)
        continue
      }
      guard at < range.upperBound else { return nil }
      let letter = bytes[at]
      at += 1
      switch letter {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): out.append(letter)
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0C)
      case UInt8(ascii: "n"): out.append(0x0A)
      case UInt8(ascii: "r"): out.append(0x0D)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "u"):
        guard let scalar = escapedScalar(&at, range.upperBound, bytes) else { return nil }
        out.append(contentsOf: Array(String(Character(scalar)).utf8))
      default: return nil
      }
    }
    return String(validating: out, as: UTF8.self)
  }

  private static func escapedScalar(_ at: inout Int, _ end: Int, _ bytes: Span<UInt8>) -> Unicode.Scalar? {
    guard let high = fourHexDigits(&at, end, bytes) else { return nil }
    guard 0xD800...0xDBFF ~= high else { return Unicode.Scalar(high) }
    guard at + 2 <= end, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else { return nil }
    at += 2
    guard let low = fourHexDigits(&at, end, bytes), 0xDC00...0xDFFF ~= low else { return nil }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
  }

  private static func fourHexDigits(_ at: inout Int, _ end: Int, _ bytes: Span<UInt8>) -> UInt32? {
    guard at + 4 <= end else { return nil }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
      default: return nil
      }
    }
    return value
  }
}
