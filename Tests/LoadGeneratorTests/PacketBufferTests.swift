import Testing

@testable import llm_loadgen

@Suite("A packet buffer") struct PacketBufferTests {
  private func text(_ buffer: borrowing PacketBuffer, _ packets: Range<Int>) -> String {
    unsafe String(decoding: buffer.bytes(of: packets), as: UTF8.self)
  }

  @Test("cuts events into packets of so many") func cuts() {
    var buffer = PacketBuffer(eventsPerPacket: 2)
    for event in ["a", "bb", "ccc"] { buffer.append(Array(event.utf8)) }
    #expect(buffer.packetCount == 2)
    #expect(text(buffer, 0..<1) == "a\nbb\n")
    #expect(text(buffer, 1..<2) == "ccc\n")
    #expect(text(buffer, 0..<2) == "a\nbb\nccc\n")
    #expect(buffer.eventCount(of: 0..<1) == 2)
    #expect(buffer.eventCount(of: 0..<2) == 3)
    #expect(buffer.eventCount(of: 0..<0) == 0)
  }

  @Test("keeps what it holds when it grows, and forgets it when told") func grows() {
    var buffer = PacketBuffer(eventsPerPacket: 1)
    let event = [UInt8](repeating: UInt8(ascii: "x"), count: 50_000)
    for _ in 0..<10 { buffer.append(event) }
    #expect(buffer.packetCount == 10)
    #expect(text(buffer, 9..<10).utf8.count == 50_001)
    buffer.removeAll()
    #expect(buffer.packetCount == 0)
    buffer.append([UInt8(ascii: "y")])
    #expect(text(buffer, 0..<1) == "y\n")
  }
}
