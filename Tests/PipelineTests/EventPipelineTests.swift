import CallMetrics
import Events
import Ingest
import Pricing
import Synchronization
import Testing

@testable import Pipeline

/// Takes the answers that would go to a stream's client.
final class HeardReplies: StreamReplies {
  let connectionID: UInt64 = 1
  private let lines = Mutex<[String]>([])
  func send(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
  var heard: [String] { lines.withLock { $0 } }
}

@Suite struct EventPipelineTests {
  let registry: Registry
  let pipeline: EventPipeline

  init() throws {
    registry = Registry(configuration: RegistryConfiguration(), prices: try PriceBook(layers: []))
    pipeline = EventPipeline(registry: registry, decoder: EventDecoder()) { 1_800_000_000_000_000_000 }
  }

  func send(_ pieces: [String], source: IngestSource = .udp, replies: HeardReplies? = nil, truncated: Set<Int> = []) {
    var bytes: [UInt8] = []
    var list: [BatchPiece] = []
    for (i, piece) in pieces.enumerated() {
      list.append(BatchPiece(offset: bytes.count, count: piece.utf8.count, isTruncated: truncated.contains(i)))
      bytes += piece.utf8
    }
    pipeline.handle(bytes.span, pieces: list.span, source: source, replies: replies)
  }

  func expectBalance(_ comment: Comment? = nil) {
    let tallies = registry.tallies
    #expect(
      tallies.received.total
        == tallies.accepted.total + tallies.rejected.total + tallies.duplicate + tallies.dropped.total, comment)
  }

  @Test func aDatagramCarriesOneEventOrMore() {
    send([#"{"model":"a"}"#, "{\"model\":\"a\"}\n{\"model\":\"b\"}\n", "\n \r\n"])
    #expect(registry.tallies.accepted[.call] == 3)
    #expect(registry.tallies.received[.udp] == 3)
    expectBalance()
  }

  @Test func aLineOfControlCharactersIsSomebodysMistake() {
    send(["\0\0", "\u{1}", "\u{b}\n\t\n", "", " \t\r"])
    #expect(registry.tallies.received[.udp] == 3)
    #expect(registry.tallies.rejected[.invalidJSON] == 3)
    expectBalance()
  }

  @Test func oneBadEventNeverCostsItsNeighbours() {
    send([
      "{\"model\":\"a\"}\n{nonsense\n{\"model\":\"b\"}\n{}\n{\"event\":\"dance\"}\n{\"model\":\"c\",\"input_tokens\":-1}"
    ])
    let tallies = registry.tallies
    #expect(tallies.accepted[.call] == 2)
    #expect(tallies.rejected[.invalidJSON] == 1)
    #expect(tallies.rejected[.missingField] == 1)
    #expect(tallies.rejected[.unknownEvent] == 1)
    #expect(tallies.rejected[.badField] == 1)
    expectBalance()
  }

  @Test func whatTheKernelCutIsOneEventTooLong() {
    send([#"{"model":"a"}"#, "{\"model\":\"b\"}\n{\"mod"], truncated: [1])
    #expect(registry.tallies.rejected[.tooLong] == 1)
    #expect(registry.tallies.accepted[.call] == 1)
    expectBalance()
  }

  @Test func aLineOverTheLimitIsTooLongAndAtTheLimitIsNot() {
    let frame = #"{"model":"a","x":""}"#.utf8.count
    for (count, reason) in [(65_536, nil), (65_537, RejectReason.tooLong)] as [(Int, RejectReason?)] {
      send([#"{"model":"a","x":""# + String(repeating: "y", count: count - frame) + #""}"#], source: .unix)
      if let reason { #expect(registry.tallies.rejected[reason] == 1) }
    }
    #expect(registry.tallies.accepted[.call] == 1)
    expectBalance()
  }

  @Test func aFlushCannotBePromisedWithoutAStore() {
    let replies = HeardReplies()
    send([#"{"event":"flush","id":"4\"2"}"#, #"{"event":"flush","id":7}"#], source: .unix, replies: replies)
    #expect(
      replies.heard == [
        #"{"event":"failed","id":"4\"2","reason":"no_storage"}"# + "\n",
        #"{"event":"failed","id":"7","reason":"no_storage"}"# + "\n",
      ])
    #expect(registry.tallies.accepted[.flush] == 2)
  }

  @Test func rejectsAreRememberedByReasonWithoutTheirText() {
    for _ in 0..<RecentRejects.limit + 5 { send([#"{"model":"secret","latency_ms":-1}"#]) }
    let last = pipeline.rejects.last(.badField)
    #expect(last.count == RecentRejects.limit)
    #expect(last.allSatisfy { $0.reject.position > 0 && $0.source == .udp })
    #expect(!"\(last)".contains("secret"))
    #expect(pipeline.rejects.last(.invalidJSON).isEmpty)
  }

  /// Events whole, cut off, mangled and joined at random: every one is counted once, and nothing is counted twice.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func everythingReceivedIsAcceptedOrRejected(seed: UInt64) {
    var random = Seeded(state: seed)
    let events = [
      #"{"model":"gpt-4o","usage":{"prompt_tokens":12,"completion_tokens":3},"latency_ms":12.5}"#,
      #"{"event":"start","model":"m","id":"1"}"#, #"{"event":"feedback","id":"1","rating":"positive"}"#,
      #"{"event":"score","name":"n","score":0.5,"evaluator":"model"}"#,
      #"{"event":"gauge","name":"queue_depth","queue":"q","value":3}"#, #"{"event":"flush","id":"1"}"#,
    ]
    var lines = 0
    for _ in 0..<200 {
      var piece = ""
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        var line = Array(events[Int.random(in: 0..<events.count, using: &random)].utf8)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: line.removeLast(Int.random(in: 1..<line.count, using: &random))
        case 1: line[Int.random(in: 0..<line.count, using: &random)] = UInt8.random(in: 0x21...0x7e, using: &random)
        default: break
        }
        piece += String(decoding: line, as: UTF8.self) + "\n"
        lines += 1
      }
      send([piece])
    }
    #expect(registry.tallies.received.total == Int64(lines), "seed \(seed)")
    expectBalance("seed \(seed)")
  }

  @Test func manyThreadsCountWhatOneWould() async {
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<500 { send([#"{"model":"a","usage":{"prompt_tokens":2,"completion_tokens":1}}"#, "{"]) }
        }
      }
    }
    #expect(registry.tallies.accepted[.call] == 4_000)
    #expect(registry.tallies.rejected[.invalidJSON] == 4_000)
    expectBalance()
  }
}

/// A seeded generator, so that a failure can be had again.
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
