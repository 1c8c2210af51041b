import Exposition
import Foundation
import Testing

@testable import CallMetrics

/// What the `gzip` program reads.
private func unpacked(_ bytes: [UInt8]) throws -> [UInt8] {
  let file = FileManager.default.temporaryDirectory.appending(path: "exposition-\(UUID().uuidString).gz")
  defer { try? FileManager.default.removeItem(at: file) }
  try Data(bytes).write(to: file)
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["gzip", "-dc", file.path()]
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
  return Array(output)
}

@Suite("gzip")
struct GzipTests {
  @Test("Pieces of any size come out as one text", arguments: [1, 6])
  func pieces(level: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    var compressor = try GzipCompressor(level: level)
    var packed: [UInt8] = []
    var all: [UInt8] = []
    for size in [0, 1, 100, 65536, 0, 16384, 300_000, 3] {
      // Half of the pieces are noise, which grows.
      let piece = (0..<size).map {
        size % 3 == 0 ? UInt8(truncatingIfNeeded: $0 / 7) : UInt8.random(in: 0...255, using: &random)
      }
      all += piece
      compressor.compress(piece, into: &packed)
    }
    compressor.finish(into: &packed)
    #expect(try unpacked(packed) == all, "seed \(seed)")
  }

  @Test("Nothing is a valid text too")
  func nothing() throws {
    var packed: [UInt8] = []
    try GzipCompressor().finish(into: &packed)
    #expect(try unpacked(packed) == [])
  }

  @Test("What has been added before stays")
  func appends() throws {
    var packed: [UInt8] = [1, 2, 3]
    try GzipCompressor().finish(into: &packed)
    #expect(packed.starts(with: [1, 2, 3, 0x1f, 0x8b]))
  }

  @Test("A compressed rendering holds the same text in chunks of bounded size")
  func rendering() throws {
    var builder = TableBuilder(scalars: [ScalarGroup(Family("llm_x_total", .counter, help: "X"))])
    var random = SeededGenerator(seed: 1)
    for row in 0..<20_000 {
      builder.addRow("model=\"m\(100_000 + row)\"", [Int128(UInt32.random(in: 0 ... .max, using: &random))])
    }
    let snapshot = Snapshot(tables: [builder.table])
    var rendering = try GzipRendering(SnapshotRendering(snapshot, as: .openMetrics100))
    var packed: [UInt8] = []
    var chunk: [UInt8] = []
    while try rendering.nextChunk(&chunk) {
      #expect(chunk.count < 131_072)
      packed += chunk
    }
    #expect(try !rendering.nextChunk(&chunk))
    #expect(packed.count > 65536)
    #expect(try unpacked(packed) == Array(render(snapshot, as: .openMetrics100).utf8))
  }

  @Test("A deadline ends a compressed rendering too")
  func deadline() throws {
    var rendering = try GzipRendering(
      SnapshotRendering(SampleSnapshots.calls, as: .text004, deadline: .now - .nanoseconds(1)))
    var chunk: [UInt8] = []
    do {
      _ = try rendering.nextChunk(&chunk)
      Issue.record("went on")
    } catch {
      #expect(error == .deadlinePassed)
    }
    #expect(chunk.isEmpty)
  }
}
