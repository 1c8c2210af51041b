import CSockets
import Glibc

/// The slots that one receive call fills: memory of the reader's thread, reused for every batch.
///
/// ```
/// region  ├ slot 0: size ─┤pad├ slot 1: size ─┤pad├ …
/// ```
/// Only address space is reserved: a page becomes resident when a datagram is written to it, so 64 slots of 64 KiB
/// cost 64 pages as long as datagrams are small. The pad keeps the slots' first lines out of one set of the processor's
/// caches, where a stride of a power of two would put all of them.
@safe struct ReceiveBatch: ~Copyable {
  let slots: Int
  private let stride: Int
  private let region: UnsafeMutableRawBufferPointer
  private let receiver: OpaquePointer
  private let lengths: UnsafeMutablePointer<UInt32>
  private let pieces: UnsafeMutablePointer<BatchPiece>
  /// Bytes of the slots' later pages that large datagrams made resident since `releaseLargePages`, at most.
  private var largeBytes = 0

  private static let padding = 320
  private static let pageBytes = 4096
  private static let keptLargeBytes = 256 << 10

  /// Nil when memory is short.
  init?(slots: Int, slotBytes: Int) {
    self.slots = slots
    stride = slotBytes + Self.padding
    let length = stride * slots
    // PROT_READ | PROT_WRITE of private anonymous memory: nobody else holds it, it is zero until written.
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_NORESERVE)
    guard let base = unsafe mmap(nil, length, PROT_READ | PROT_WRITE, flags, -1, 0), unsafe base != MAP_FAILED else {
      return nil
    }
    guard
      let receiver = unsafe csockets_receiver_make(
        base.assumingMemoryBound(to: UInt8.self), UInt32(slots), slotBytes, stride)
    else {
      unsafe munmap(base, length)
      return nil
    }
    unsafe region = UnsafeMutableRawBufferPointer(start: base, count: length)
    unsafe self.receiver = receiver
    unsafe lengths = .allocate(capacity: slots)
    unsafe lengths.initialize(repeating: 0, count: slots)
    unsafe pieces = .allocate(capacity: slots)
    unsafe pieces.initialize(repeating: BatchPiece(offset: 0, count: 0), count: slots)
  }

  deinit {
    unsafe csockets_receiver_free(receiver)
    unsafe lengths.deallocate()
    unsafe pieces.deallocate()
    unsafe munmap(region.baseAddress, region.count)
  }

  struct Received {
    var datagrams = 0
    var bytes = 0
    var truncated = 0
    /// Pieces to hand on: datagrams that are not empty.
    var pieces = 0
  }

  /// One receive call. A negative errno where the kernel refused.
  mutating func receive(from descriptor: Int32, waits: Bool, into received: inout Received) -> Int32 {
    let count = unsafe csockets_receive(receiver, descriptor, waits ? 1 : 0, lengths)
    guard count > 0 else { return count }
    received = Received(datagrams: Int(count))
    for slot in 0..<Int(count) {
      // The kernel reported `count` ≤ slots messages, and each length within its slot.
      let reported = unsafe lengths[slot]
      let length = Int(reported & ~CSOCKETS_TRUNCATED)
      let isTruncated = reported & CSOCKETS_TRUNCATED != 0
      guard length > 0 else { continue }
      unsafe pieces[received.pieces] = BatchPiece(offset: slot * stride, count: length, isTruncated: isTruncated)
      received.pieces += 1
      received.bytes += length
      if isTruncated { received.truncated += 1 }
      if length > Self.pageBytes { largeBytes += length }
    }
    return count
  }

  /// Hands the received pieces to `handler`. What it sees is overwritten by the next call of `receive`.
  func deliver(_ received: Received, to handler: any BatchHandler, source: IngestSource) {
    guard received.pieces > 0 else { return }
    let bytes = unsafe UnsafeBufferPointer(
      start: region.baseAddress?.assumingMemoryBound(to: UInt8.self), count: region.count)
    let pieces = unsafe UnsafeBufferPointer(start: pieces, count: received.pieces)
    handler.handle(unsafe bytes.span, pieces: unsafe pieces.span, source: source, replies: nil)
  }

  /// Gives the pages of large datagrams back to the system, where they are more than a little.
  mutating func releaseLargePages() {
    guard largeBytes > Self.keptLargeBytes else { return }
    largeBytes = 0
    unsafe madvise(region.baseAddress, region.count, MADV_DONTNEED)
  }
}
