import CZlib

/// zlib could not allocate its state.
public struct GzipUnavailable: Error {}

/// Compresses bytes as they come into one gzip member (RFC 1952). Memory is zlib's state alone, some 270 KB
/// whatever the length of the text, and it goes with this value.
///
/// The unsafe part is the conversation with zlib, which wants a state at a fixed address and pointers that hold
/// still during a call: `stream` is allocated and initialised in `init` and freed in `deinit`, and the pointers
/// to input and output are set for the duration of one `deflate` and then cleared.
@safe
public struct GzipCompressor: ~Copyable, @unchecked Sendable {
  // Sendable because there is one owner at a time, and zlib keeps nothing per thread.
  private let stream: UnsafeMutablePointer<z_stream>
  private static let outputStep = 16384

  /// - Parameter level: 1, zlib's fastest, by default: exposition text shrinks tenfold even so, and higher levels cost a
  ///   multiple of the time for a few percent.
  public init(level: Int = 1) throws(GzipUnavailable) {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    // 15 is the largest window; 16 more asks for gzip's wrapping instead of zlib's.
    let status = unsafe deflateInit2_(
      stream, Int32(clamping: level), Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw GzipUnavailable() }
  }

  deinit {
    // Does nothing to a state that was never set up.
    _ = unsafe deflateEnd(stream)
    unsafe stream.deinitialize(count: 1)
    unsafe stream.deallocate()
  }

  /// Takes all of the input, and adds what comes out of it so far: often nothing.
  public mutating func compress(_ input: [UInt8], into output: inout [UInt8]) {
    unsafe input.withUnsafeBufferPointer { source in
      // zlib counts in 32 bits.
      var rest = unsafe source[...]
      while unsafe !rest.isEmpty {
        let piece = unsafe rest.prefix(1 << 30)
        unsafe rest = rest.dropFirst(piece.count)
        unsafe deflate(UnsafeBufferPointer(rebasing: piece), flush: Z_NO_FLUSH, into: &output)
      }
    }
  }

  /// Adds the rest, with checksum and length.
  public consuming func finish(into output: inout [UInt8]) {
    unsafe deflate(UnsafeBufferPointer(start: nil, count: 0), flush: Z_FINISH, into: &output)
  }

  private func deflate(_ input: UnsafeBufferPointer<UInt8>, flush: Int32, into output: inout [UInt8]) {
    // zlib does not write through it; its declaration only predates const.
    unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    unsafe stream.pointee.avail_in = UInt32(input.count)
    var isOutputFull = true
    while isOutputFull {
      output.append(addingCapacity: Self.outputStep) { span in
        unsafe span.withUnsafeMutableBufferPointer { buffer, count in
          let room = buffer.count - count
          unsafe stream.pointee.next_out = buffer.baseAddress.map { unsafe $0 + count }
          unsafe stream.pointee.avail_out = UInt32(room)
          let status = unsafe CZlib.deflate(stream, flush)
          // Anything else than progress, the end, or nothing to do is a misuse that this type does not allow.
          precondition(status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR)
          let left = unsafe Int(stream.pointee.avail_out)
          count += room - left
          isOutputFull = left == 0
          unsafe stream.pointee.next_out = nil
        }
      }
    }
    unsafe stream.pointee.next_in = nil
  }
}
