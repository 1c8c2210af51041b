/// One of the two blocks of a TZif file. Source: RFC 8536, 3.1 and 3.2.
struct TimeZoneFileBlock {
  var version: Int
  var transitions: [Int] = []
  var offsets: [Int] = []
  var firstOffset: Int?
  /// Where the next block, or the rule, begins.
  var end: Int

  init?(_ file: [UInt8], at start: Int, timeSize: Int) {
    guard file.count >= start + 44, Array(file[start..<start + 4]) == Array("TZif".utf8) else { return nil }
    let counts = (0..<6).map { Self.number(file, at: start + 20 + 4 * $0, size: 4) }
    let (utCount, standardCount, leapCount, timeCount, typeCount, nameCount) =
      (counts[0], counts[1], counts[2], counts[3], counts[4], counts[5])
    guard counts.allSatisfy({ (0...65_536).contains($0) }), typeCount > 0 else { return nil }
    let times = start + 44
    let indices = times + timeCount * timeSize
    let types = indices + timeCount
    end = types + typeCount * 6 + nameCount + leapCount * (timeSize + 4) + standardCount + utCount
    guard file.count >= end else { return nil }
    // Version "2" or later is a digit; version 1 is a zero byte.
    version = file[start + 4] == 0 ? 1 : Int(file[start + 4]) - Int(UInt8(ascii: "0"))
    func offset(ofType type: Int) -> Int { Self.number(file, at: types + type * 6, size: 4) }
    for i in 0..<timeCount {
      let type = Int(file[indices + i])
      guard type < typeCount else { return nil }
      transitions.append(Self.number(file, at: times + i * timeSize, size: timeSize))
      offsets.append(offset(ofType: type))
    }
    firstOffset = offset(ofType: 0)
  }

  /// Big-endian, signed. The caller has checked that the file is long enough.
  private static func number(_ file: [UInt8], at start: Int, size: Int) -> Int {
    var value: UInt64 = 0
    for i in 0..<size { value = value << 8 | UInt64(file[start + i]) }
    return size == 4 ? Int(Int32(truncatingIfNeeded: value)) : Int(Int64(bitPattern: value))
  }
}
