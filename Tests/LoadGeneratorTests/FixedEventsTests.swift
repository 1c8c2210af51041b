import Foundation
import Testing

@testable import llm_loadgen

@Suite("Precomputed events") struct FixedEventsTests {
  @Test("have the size and the number of label sets that were asked for", arguments: [1, 7, 100, 3_000])
  func haveTheirSize(series: Int) throws {
    var events = FixedEvents(series: series, bytes: 250, seed: 1)
    var buffer = PacketBuffer(eventsPerPacket: 1)
    events.fill(&buffer, atLeast: 500)
    #expect(buffer.packetCount >= max(series, 500))
    var labels: Set<String> = []
    for packet in 0..<buffer.packetCount {
      let bytes = unsafe Array(buffer.bytes(of: packet..<packet + 1))
      #expect(bytes.count == 251)
      let event = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
      labels.insert("\(event["model"] ?? "") \(event["application"] ?? "")")
    }
    #expect(labels.count == series)
  }
}
