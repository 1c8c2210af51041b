import Exposition
import Foundation
import Testing

@testable import CallMetrics

/// How fast a scrape of 100,000 series is written. Prints and asserts nothing about time; means something only in a release
/// build: `TIMING=1 swift test -c release -Xswiftc -enable-testing --filter Timing`.
@Suite("Timing", .enabled(if: ProcessInfo.processInfo.environment["TIMING"] != nil), .serialized)
struct RenderingTiming {
  /// 590 records as busy ones look: 60 counters and gauges and seven histograms each.
  private static func bigSnapshot() -> Snapshot {
    func values(_ count: Int) -> [String] { (0..<count).map { "value_\($0)" } }
    let seconds: [Int64] = [
      50, 100, 250, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
    ]
    var builder = TableBuilder(
      scalars: [
        ScalarGroup(Family("llm_requests_total", .counter, help: "Calls ended"), "status", ["success", "error"]),
        ScalarGroup(Family("llm_errors_total", .counter, help: "Calls that failed"), "error_type", values(13)),
        ScalarGroup(Family("llm_finish_reasons_total", .counter, help: "How answers ended"), "reason", values(6)),
        ScalarGroup(Family("llm_tokens_total", .counter, help: "Tokens"), "token_type", values(5)),
        ScalarGroup(
          Family("llm_cost_dollars_total", .counter, unit: "dollars", help: "Money spent"), "component", values(8),
          scale: .pico),
        ScalarGroup(Family("llm_priced_requests_total", .counter, help: "Priced"), "source", values(4)),
        ScalarGroup(Family("llm_unpriced_requests_total", .counter, help: "Unpriced"), "reason", values(4)),
        ScalarGroup(Family("llm_usage_suspect_total", .counter, help: "Impossible usage"), "reason", values(4)),
        ScalarGroup(Family("llm_anomalous_calls_total", .counter, help: "Anomalies"), "kind", values(3)),
        ScalarGroup(Family("llm_retries_total", .counter, help: "Retries"), "outcome", values(2)),
        ScalarGroup(
          Family("llm_cost_compared_dollars_total", .counter, unit: "dollars", help: "Compared"), "source", values(2),
          scale: .pico),
        ScalarGroup(Family("llm_requests_in_flight", .gauge, help: "In flight")),
        ScalarGroup(
          Family("llm_last_success_timestamp_seconds", .gauge, unit: "seconds", help: "Last success"), scale: .nano),
      ],
      histograms: [
        HistogramGroup(
          Family("llm_request_duration_seconds", .histogram, unit: "seconds", help: "Whole call"), "status",
          ["success", "error"], scale: .nano, bounds: seconds.map { $0 * 1_000_000 }),
        HistogramGroup(
          Family("llm_time_to_first_token_seconds", .histogram, unit: "seconds", help: "First token"), scale: .nano,
          bounds: seconds.map { $0 * 1_000_000 }),
        HistogramGroup(
          Family("llm_tokens_per_request", .histogram, help: "Size of calls"), "direction", ["input", "output"],
          bounds: (0...11).map { 1 << ($0 * 2) }),
        HistogramGroup(
          Family("llm_cost_per_request_dollars", .histogram, unit: "dollars", help: "Cost of a call"), scale: .pico,
          bounds: [10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000].map
          { $0 * 1_000_000 }),
        HistogramGroup(
          Family("llm_context_used_ratio", .histogram, unit: "ratio", help: "Context used"), scale: .nano,
          bounds: [100, 250, 500, 700, 800, 900, 950, 1000, 1100].map { $0 * 1_000_000 }),
      ])
    var random = SeededGenerator(seed: 7)
    for row in 0..<590 {
      let label =
        #"model="some-model-\#(1000 + row)",provider="azure.ai.openai",operation="chat",application="app-\#(row % 20)""#
      let scalars = (0..<55).map { index in
        (25..<33).contains(index + 1)
          ? Int128(Int64.random(in: 0..<1 << 50, using: &random))
          : Int128(Int64.random(in: 0..<1 << 20, using: &random))
      }
      let histograms = builder.table.layout.histograms.flatMap { group in
        group.values.map { _ in
          TableBuilder.Histogram(
            counts: (0...group.bounds.count).map { _ in Int64.random(in: 0..<10_000, using: &random) },
            sum: Int128(Int64.random(in: 0..<1 << 60, using: &random)),
            exemplars: (0...group.bounds.count).map { _ in Exemplar() })
        }
      }
      builder.addRow(label, scalars, histograms)
    }
    return Snapshot(tables: [builder.table])
  }

  @Test("Rendering 100,000 series", arguments: ExpositionFormat.allCases)
  func rendering(format: ExpositionFormat) throws {
    let snapshot = Self.bigSnapshot()
    var chunk: [UInt8] = []
    var bytes = 0
    let best = try bestOfEight {
      bytes = 0
      var rendering = SnapshotRendering(snapshot, as: format)
      while try rendering.nextChunk(&chunk) { bytes += chunk.count }
    }
    let lines = try render(snapshot, as: format).utf8.count { $0 == UInt8(ascii: "\n") }
    #expect(lines > 90_000)
    print("\(format): \(lines) lines, \(bytes) bytes in \(best) ms: \(Double(bytes) / best / 1e6) GB/s")
  }

  @Test("Rendering and compressing 100,000 series")
  func compressing() throws {
    let snapshot = Self.bigSnapshot()
    var chunk: [UInt8] = []
    var bytes = 0
    let best = try bestOfEight {
      bytes = 0
      var rendering = try GzipRendering(SnapshotRendering(snapshot, as: .text004))
      while try rendering.nextChunk(&chunk) { bytes += chunk.count }
    }
    let text = Array(try render(snapshot, as: .text004).utf8)
    let atOnce = try bestOfEight {
      var packed: [UInt8] = []
      var compressor = try GzipCompressor()
      compressor.compress(text, into: &packed)
      compressor.finish(into: &packed)
    }
    #expect(bytes < text.count / 4)
    print("gzip: \(text.count) bytes as \(bytes) in \(best) ms; the text alone at once in \(atOnce) ms")
  }

  /// In milliseconds.
  private func bestOfEight(_ body: () throws -> Void) rethrows -> Double {
    var best = Duration.seconds(60)
    for _ in 0..<8 { best = try min(best, ContinuousClock().measure(body)) }
    return best / .milliseconds(1)
  }
}
