import Glibc

/// Cuts a run of bytes into lines.
enum Lines {
  /// Where the line that starts at `start` ends: at its newline, or at the end of the bytes.
  ///
  /// Unsafe for libc's vectorised search, a tenth of the cost of a loop over bytes. The range searched is
  /// `start ..< bytes.count`, which the guard checks.
  @inline(__always)
  static func end(in bytes: Span<UInt8>, from start: Int) -> Int {
    unsafe bytes.withUnsafeBytes { buffer in
      guard start < buffer.count, let base = buffer.baseAddress,
        let found = unsafe memchr(base + start, 0x0a, buffer.count &- start)
      else { return bytes.count }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  /// Whether there is nothing but white space as JSON has it, which is no event. Any other byte is somebody's mistake,
  /// and has to be counted.
  @inline(__always)
  static func isBlank(_ line: Span<UInt8>) -> Bool {
    for i in line.indices {
      switch line[i] {
      case 0x20, 0x09, 0x0D: continue
      default: return false
      }
    }
    return true
  }
}
