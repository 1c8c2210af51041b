/// Goes again over a container that the scan has passed over (so it is known to be JSON). For rare, small lists.
struct ContainerReader {
  struct Member {
    /// Absent in arrays. As it is written: an escaped key is not any that we know.
    var key: Text
    var value: RawValue
  }

  private var i: Int
  private let isObject: Bool

  init(_ container: RawValue) {
    i = container.text.offset &+ 1
    isObject = container.kind == .object
  }

  /// The next element or member; nil behind the last.
  mutating func next(_ line: Span<UInt8>) throws(Reject) -> Member? {
    i = Structure.skipSpace(line, i)
    if line.byte(at: i) == UInt8(ascii: ",") { i = Structure.skipSpace(line, i &+ 1) }
    let byte = line.byte(at: i)
    if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") { return nil }
    var key = Text.absent
    if isObject {
      let start = i &+ 1
      i = try StringScan.skip(line, i)
      key = Text(offset: start, count: i &- start &- 1)
      i = try Structure.skipColon(line, i)
    }
    return Member(key: key, value: try ContainerReader.value(line, &i))
  }

  private static func value(_ line: Span<UInt8>, _ i: inout Int) throws(Reject) -> RawValue {
    let start = i
    let byte = line.byte(at: i)
    if byte == UInt8(ascii: "-") || byte &- UInt8(ascii: "0") < 10, let found = NumberScan.number(line, i) {
      i = found.end
      return RawValue(found.number, Text(offset: start, count: i &- start))
    }
    i = try Structure.skipValue(line, i)
    let whole = Text(offset: start, count: i &- start)
    switch byte {
    case UInt8(ascii: "\""): return RawValue(.string, Text(offset: start &+ 1, count: whole.count &- 2))
    case UInt8(ascii: "{"): return RawValue(.object, whole)
    case UInt8(ascii: "["): return RawValue(.array, whole)
    case UInt8(ascii: "t"): return RawValue(.yes, whole)
    case UInt8(ascii: "f"): return RawValue(.no, whole)
    default: return RawValue(.null, whole)
    }
  }
}
