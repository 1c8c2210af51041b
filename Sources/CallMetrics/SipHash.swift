/// SipHash-2-4: a keyed 64-bit pseudo-random function. Who lacks the key can neither invert a hash of a user id by
/// trying names nor make two ids collide on purpose.
/// Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF" (2012).
public struct SipHash: Sendable {
  private let k0: UInt64
  private let k1: UInt64

  /// - Parameter key: 16 bytes are used; missing ones count as zero.
  public init(key: [UInt8]) {
    func word(_ start: Int) -> UInt64 {
      var value: UInt64 = 0
      for i in 0..<8 where start + i < key.count { value |= UInt64(key[start + i]) << UInt64(8 * i) }
      return value
    }
    k0 = word(0)
    k1 = word(8)
  }

  public func hash(_ bytes: Span<UInt8>) -> UInt64 {
    var state = State(k0: k0, k1: k1)
    var word: UInt64 = 0
    for i in bytes.indices {
      word |= UInt64(bytes[i]) << UInt64(8 * (i & 7))
      if i & 7 == 7 {
        state.compress(word)
        word = 0
      }
    }
    return state.finish(word | UInt64(truncatingIfNeeded: bytes.count) << 56)
  }

  /// A hash of several words and runs of bytes, each run told apart from its neighbours by its length.
  func stream() -> Stream { Stream(state: State(k0: k0, k1: k1)) }

  struct Stream {
    fileprivate var state: State

    @inline(__always) mutating func combine(_ word: UInt64) { state.compress(word) }

    /// Every load stays within `bytes`: whole words below the last multiple of 8, and the rest byte by byte.
    @inline(__always) mutating func combine(_ bytes: UnsafeRawBufferPointer) {
      var offset = 0
      while offset &+ 8 <= bytes.count {
        combine(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset &+= 8
      }
      var tail = UInt64(truncatingIfNeeded: bytes.count) << 56
      var shift: UInt64 = 0
      while offset < bytes.count {
        tail |= UInt64(unsafe bytes[offset]) << shift
        shift &+= 8
        offset &+= 1
      }
      combine(tail)
    }

    mutating func finish() -> UInt64 { state.finish(0) }
  }

  /// Sixteen lower-case hexadecimal digits of the hash.
  public func hexadecimal(_ bytes: [UInt8]) -> String {
    Self.hexadecimal(hash(bytes.span))
  }

  static func hexadecimal(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  fileprivate struct State {
    var v0: UInt64
    var v1: UInt64
    var v2: UInt64
    var v3: UInt64

    init(k0: UInt64, k1: UInt64) {
      v0 = k0 ^ 0x736f_6d65_7073_6575
      v1 = k1 ^ 0x646f_7261_6e64_6f6d
      v2 = k0 ^ 0x6c79_6765_6e65_7261
      v3 = k1 ^ 0x7465_6462_7974_6573
    }

    mutating func round() {
      v0 &+= v1
      v1 = v1 << 13 | v1 >> 51
      v1 ^= v0
      v0 = v0 << 32 | v0 >> 32
      v2 &+= v3
      v3 = v3 << 16 | v3 >> 48
      v3 ^= v2
      v0 &+= v3
      v3 = v3 << 21 | v3 >> 43
      v3 ^= v0
      v2 &+= v1
      v1 = v1 << 17 | v1 >> 47
      v1 ^= v2
      v2 = v2 << 32 | v2 >> 32
    }

    mutating func compress(_ word: UInt64) {
      v3 ^= word
      round()
      round()
      v0 ^= word
    }

    mutating func finish(_ last: UInt64) -> UInt64 {
      compress(last)
      v2 ^= 0xff
      for _ in 0..<4 { round() }
      return v0 ^ v1 ^ v2 ^ v3
    }
  }
}
