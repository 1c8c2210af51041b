/// Base-128 integers: seven bits a byte, low ones first, the top bit set on all bytes but the last.
enum Varint {
  static func append(_ value: UInt128, to bytes: inout [UInt8]) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Zigzag: the sign goes to the lowest bit, so that small negative numbers are short too.
  static func append(signed value: Int128, to bytes: inout [UInt8]) {
    append(UInt128(bitPattern: value << 1 ^ value >> 127), to: &bytes)
  }

  struct Reader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func unsigned() -> UInt128? {
      var value: UInt128 = 0
      var shift: UInt128 = 0
      while position < bytes.count, shift < 128 {
        let byte = bytes[position]
        position += 1
        value |= UInt128(byte & 0x7f) << shift
        if byte < 0x80 { return value }
        shift += 7
      }
      return nil
    }

    mutating func signed() -> Int128? {
      unsigned().map { Int128(bitPattern: $0 >> 1) ^ -Int128(bitPattern: $0 & 1) }
    }

    mutating func count(upTo limit: Int) -> Int? {
      guard let value = unsigned(), value <= UInt128(limit) else { return nil }
      return Int(value)
    }

    /// Eight bytes, little-endian, as a signed value.
    mutating func eightBytes() -> Int128? {
      guard bytes.count - position >= 8 else { return nil }
      var value: UInt64 = 0
      for i in 0..<8 { value |= UInt64(bytes[position + i]) << UInt64(8 * i) }
      position += 8
      return Int128(Int64(bitPattern: value))
    }
  }
}
