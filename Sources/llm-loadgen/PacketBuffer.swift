/// Events, one after the other, each with its newline, and the packets they make: so many events each.
///
/// A datagram is a packet without its last newline. Neighbouring packets are neighbours in memory, so that a stream
/// takes many of them with one call.
@safe struct PacketBuffer: ~Copyable {
  private var storage: UnsafeMutableBufferPointer<UInt8>
  private var used = 0
  /// Where each packet ends; one ends where the next begins.
  private(set) var ends: [Int] = []
  private let eventsPerPacket: Int
  private var eventsInLast = 0

  init(eventsPerPacket: Int) {
    self.eventsPerPacket = eventsPerPacket
    unsafe storage = .allocate(capacity: 64 << 10)
  }

  deinit { unsafe storage.deallocate() }

  var packetCount: Int { ends.count }
  /// Events of a packet; only the last one may hold fewer.
  func eventCount(of packets: Range<Int>) -> Int {
    guard packets.upperBound == ends.count, eventsInLast > 0, !packets.isEmpty else {
      return packets.count * eventsPerPacket
    }
    return (packets.count - 1) * eventsPerPacket + eventsInLast
  }

  mutating func removeAll() {
    used = 0
    eventsInLast = 0
    ends.removeAll(keepingCapacity: true)
  }

  /// - Parameter event: one line without a newline.
  mutating func append(_ event: [UInt8]) {
    reserve(event.count + 1)
    // `reserve` made room for so many bytes behind `used`.
    for byte in event {
      unsafe storage[used] = byte
      used += 1
    }
    unsafe storage[used] = UInt8(ascii: "\n")
    used += 1
    if eventsInLast == 0 {
      ends.append(used)
    } else {
      ends[ends.count - 1] = used
    }
    eventsInLast = (eventsInLast + 1) % eventsPerPacket
  }

  private mutating func reserve(_ more: Int) {
    let capacity = unsafe storage.count
    guard used + more > capacity else { return }
    let larger = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(2 * capacity, used + more))
    if let old = unsafe storage.baseAddress { unsafe larger.baseAddress?.initialize(from: old, count: used) }
    unsafe storage.deallocate()
    unsafe storage = larger
  }

  /// The bytes of neighbouring packets, the last newline included. Valid until the buffer is changed.
  func bytes(of packets: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    let start = packets.lowerBound == 0 ? 0 : ends[packets.lowerBound - 1]
    let end = packets.isEmpty ? start : ends[packets.upperBound - 1]
    return unsafe UnsafeBufferPointer(rebasing: storage[start..<end])
  }
}
