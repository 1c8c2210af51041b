import CallMetrics
import Events
import Glibc
import Ingest
import Pipeline
import Pricing

/// The path of an event from a received batch to the counters, alone: what sockets cost is not in it.
///
///     event-path BATCHES [SERIES] [users | budgets]
///
/// Counts BATCHES times 64 events of 250 bytes over SERIES label sets, and prints how long one took. With `users` each
/// is of one of 500 users; with `budgets` there are also three budgets, one of them for each user. How many
/// instructions, allocations and reference counts one event takes is told by running two lengths under a counting tool.
@main
enum EventPath {
  private static let perBatch = 64
  private static let now: Int64 = 1_790_000_000_000_000_000
  private static let budgets = [
    Budget(name: "all", window: .month, dollars: 1_000_000_000_000),
    Budget(name: "model", window: .week, tokens: 1_000_000, conditions: [.model: .only("gpt-4o")]),
    Budget(name: "each", window: .day, dollars: 1_000_000_000_000, conditions: [.user: .each]),
  ]

  static func main() throws {
    let arguments = CommandLine.arguments
    let batches = arguments.count > 1 ? Int(arguments[1]) ?? 0 : 10_000
    let extra = arguments.count > 3 ? arguments[3] : ""
    let batch = PreparedBatches(
      series: max(1, arguments.count > 2 ? Int(arguments[2]) ?? 1 : 64), each: perBatch, hasUsers: !extra.isEmpty)
    let registry = Registry(configuration: RegistryConfiguration(), prices: try PriceBook(layers: [.shipped]))
    if extra == "budgets" { registry.setBudgets(budgets, now: now) }
    let pipeline = EventPipeline(registry: registry, decoder: EventDecoder()) { now }
    // Every label set has been seen and every table has grown before the counting begins.
    batch.send(batch.count, to: pipeline)
    let start = processorNanoseconds()
    batch.send(batches, to: pipeline)
    let taken = processorNanoseconds() - start
    let expected = Int64((batches + batch.count) * perBatch)
    guard registry.tallies.accepted[.call] == expected else {
      print("only \(registry.tallies.accepted[.call]) of \(expected) events were accepted")
      exit(1)
    }
    print("\(taken / max(1, batches * perBatch)) ns of processor per event")
  }

  private static func processorNanoseconds() -> Int {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }
}

/// Events as a receiver hands them over, made beforehand; the same in every run.
struct PreparedBatches {
  private static let models = [
    ("gpt-4o", "openai"), ("gpt-4o-mini", "openai"), ("gpt-4.1", "openai"), ("claude-3-5-haiku-20241022", "anthropic"),
  ]
  private struct Batch {
    var bytes: [UInt8] = []
    var pieces: [BatchPiece] = []

    func send(to pipeline: EventPipeline) {
      pipeline.handle(bytes.span, pieces: pieces.span, source: .udp, replies: nil)
    }
  }
  private var batches: [Batch] = []
  var count: Int { batches.count }

  init(series: Int, each perBatch: Int, hasUsers: Bool) {
    for batch in 0..<(max(series, 1_024) + perBatch - 1) / perBatch {
      var prepared = Batch()
      for n in batch * perBatch..<(batch + 1) * perBatch {
        let line = Self.event(n, series: series, hasUsers: hasUsers)
        prepared.pieces.append(BatchPiece(offset: prepared.bytes.count, count: line.count))
        prepared.bytes += line
      }
      batches.append(prepared)
    }
  }

  func send(_ wanted: Int, to pipeline: EventPipeline) {
    for number in 0..<wanted { batches[number % count].send(to: pipeline) }
  }

  private static func event(_ n: Int, series: Int, hasUsers: Bool) -> [UInt8] {
    let (model, provider) = models[n % series % models.count]
    let input = 100 + scattered(n, below: 9_900)
    let latency = 200 + scattered(n &+ 7, below: 20_000)
    let line =
      #"{"model":"\#(model)","provider":"\#(provider)","application":"app-\#(n % series / models.count)","#
      + #""latency_ms":\#(latency),"ttft_ms":\#(latency / 5),"#
      + #""usage":{"prompt_tokens":\#(input),"completion_tokens":\#(10 + scattered(n, below: 2_000)),"#
      + #""prompt_tokens_details":{"cached_tokens":\#(scattered(n, below: input))}},"#
      + (hasUsers ? #""user":"u\#(100 + scattered(n, below: 500))","# : "") + #""session":""#
    return Array((line + String(repeating: "s", count: max(1, 248 - line.utf8.count)) + #""}"#).utf8)
  }

  /// A number that looks random and is the same in every run.
  private static func scattered(_ n: Int, below limit: Int) -> Int {
    Int(UInt64(truncatingIfNeeded: n &+ 1) &* 0x9e37_79b9_7f4a_7c15 >> 33) % limit
  }
}
