import CallMetrics
import Dispatch
import Events
import Ingest
import Pipeline
import Pricing
import Synchronization

/// A registry and the way into it, as the daemon has them, with a clock that stands still.
final class CountedEvents: Sendable {
  static let now: Int64 = 1_790_000_000_000_000_000
  static let prices: PriceBook = {
    let table = """
      {"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "max_input_tokens": 1000,
        "input_cost_per_token": 2e-6, "output_cost_per_token": 8e-6}}
      """
    do {
      return try PriceBook(layers: [.table(Array(table.utf8), name: "test")])
    } catch {
      fatalError("the tests' own table: \(error)")
    }
  }()
  let registry: Registry
  private let decoder = EventDecoder(options: DecoderOptions())
  let flushes = Mutex<(any FlushHandler)?>(nil)
  let callLog = Mutex<CallLogQueue?>(nil)

  init(_ change: (inout RegistryConfiguration) -> Void = { _ in }) {
    var configuration = RegistryConfiguration()
    configuration.rememberKey = Array(0..<16)
    change(&configuration)
    registry = Registry(configuration: configuration, prices: Self.prices)
  }

  func send(_ lines: String..., replies: (any StreamReplies)? = nil) {
    send(lines, replies: replies)
  }

  func send(_ lines: [String], replies: (any StreamReplies)? = nil) {
    let pipeline = EventPipeline(
      registry: registry, decoder: decoder, flushes: flushes.withLock { $0 }, callLog: callLog.withLock { $0 },
      clock: { Self.now })
    let bytes = Array(lines.joined(separator: "\n").utf8)
    let pieces = [BatchPiece(offset: 0, count: bytes.count)]
    pipeline.handle(
      bytes.span, pieces: pieces.span, source: replies == nil ? .udp : .unix, replies: replies)
  }

  /// Every number of every record, and every counter about events, by name and labels.
  var numbers: [String: String] { Self.numbers(of: registry.snapshot()) }

  static func numbers(of snapshot: Snapshot) -> [String: String] {
    var numbers: [String: String] = [:]
    for (kind, table) in zip(RegistryTable.allCases, snapshot.tables) {
      let layout = StoredLayout(table.layout)
      for row in table.labels.indices {
        let key = "\(kind.rawValue){\(String(decoding: table.labels[row], as: UTF8.self))}"
        let bytes = StoredNumbers.encode(table, row: row, layout: layout)
        numbers[key] = "\(table.created[row]) \(bytes)"
      }
    }
    for family in snapshot.families where family.family.kind != .gauge {
      for sample in family.samples { numbers["\(family.family.name) \(sample.labels)"] = "\(sample.value)" }
    }
    return numbers
  }
}

/// The answers that a stream client gets.
final class Answers: StreamReplies {
  let connectionID: UInt64 = 1
  private let lines = Mutex<[String]>([])
  private let arrived = DispatchSemaphore(value: 0)

  func send(_ line: [UInt8]) {
    lines.withLock { $0.append(String(decoding: line.dropLast(), as: UTF8.self)) }
    arrived.signal()
  }

  var all: [String] { lines.withLock { $0 } }

  /// Waits until there are so many; gives up after a minute.
  func wait(for count: Int) {
    while all.count < count, arrived.wait(timeout: .now() + 60) == .success {}
  }
}
