import CallMetrics
import CivilTime
import Events
import Foundation
import GRDB
import Ingest
import Pipeline
import Pricing
import Reports

@testable import Storage

/// A real file, written through the real path: lines of JSON, the pipeline, the queue, the writer's commits.
final class LoggedCalls {
  let path: String
  let registry: Registry
  private let directory: String
  private let pipeline: EventPipeline
  private let writer: CallLogWriter
  private let store: StoreWriter
  private let clock: Clock

  final class Clock: @unchecked Sendable {
    // Set between batches only.
    var now: Int64
    init(_ now: Int64) { self.now = now }
  }

  /// Read once: it takes longer than a test.
  private static let shipped = Result { try PriceBook(layers: [.shipped]) }

  init(
    now: Int64, policy: CallLogPolicy = CallLogPolicy(), configuration: CallLogConfiguration = CallLogConfiguration(),
    labelNames: [String] = []
  ) throws {
    directory = NSTemporaryDirectory() + "llm-exporter-reports-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    path = directory + "/llm-exporter.db"
    clock = Clock(now)
    let book = try Self.shipped.get()
    var registered = RegistryConfiguration()
    registered.keepsLastCost = true
    registry = Registry(configuration: registered, prices: book)
    let queue = CallLogQueue(policy: policy, seed: 42) {}
    var configuration = configuration
    configuration.labelNames = labelNames
    let clock = self.clock
    writer = CallLogWriter(
      queue: queue, configuration: configuration, prices: book, seed: Array(0..<16), now: { clock.now })
    store = StoreWriter(options: StoreWriter.Options(path: path), participants: [writer])
    var options = DecoderOptions(labelKeys: labelNames, captureText: policy.capturesText)
    options.labelKeys = labelNames
    pipeline = EventPipeline(
      registry: registry, decoder: EventDecoder(options: options), callLog: queue, clock: { clock.now })
    store.start()
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  /// Sends lines as one datagram.
  func send(_ lines: [String]) {
    let bytes = Array(lines.joined(separator: "\n").utf8)
    let pieces = [BatchPiece(offset: 0, count: bytes.count)]
    pipeline.handle(bytes.span, pieces: pieces.span, source: .udp, replies: nil)
  }

  /// Commits what was sent and closes the file; what the reports read is then what a copied file holds.
  func finish() throws -> CallSource {
    store.stop()
    return try CallSource([CallLogReader(path: path)])
  }

  /// Lets go of what is too old in the file that is finished, as the daemon's writer does after a commit.
  func prune() throws {
    let file = try Store(path: path)
    defer { file.close() }
    try file.withWriter { try writer.maintain($0) }
  }

  func count(_ table: String) throws -> Int {
    let file = try Store(path: path)
    defer { file.close() }
    return try file.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") ?? 0 }
  }

  var dropped: Int64 { writer.dropped }

  func reader() throws -> CallLogReader { try CallLogReader(path: path) }
}
