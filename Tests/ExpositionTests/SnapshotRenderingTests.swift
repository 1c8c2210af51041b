import Exposition
import Testing

@testable import CallMetrics

@Suite("A snapshot as text")
struct SnapshotRenderingTests {
  private func table(_ groups: ScalarGroup..., rows: [(String, [Int128])]) -> TableSnapshot {
    var builder = TableBuilder(scalars: groups)
    for row in rows { builder.addRow(row.0, row.1) }
    return builder.table
  }

  @Test("A family of several tables and samples has one header")
  func merged() throws {
    let family = Family("llm_x_total", .counter, help: "X")
    let snapshot = Snapshot(
      tables: [
        table(ScalarGroup(family), rows: [("a=\"1\"", [1])]), table(ScalarGroup(family), rows: [("b=\"1\"", [2])]),
      ], families: [SampledFamily(family, [.init([], .integer(3))])])
    let text = """
      # HELP llm_x_total X
      # TYPE llm_x_total counter
      llm_x_total{a="1"} 1
      llm_x_total{b="1"} 2
      llm_x_total 3

      """
    #expect(try render(snapshot, as: .text004) == text)
  }

  @Test("Of a name that comes as two kinds the first is written, and the scrape stays whole")
  func conflicting() throws {
    let snapshot = Snapshot(
      tables: [table(ScalarGroup(Family("llm_x", .gauge, help: "X")), rows: [("", [1])])],
      families: [
        SampledFamily(
          Family("llm_x", .histogram, help: "X"), [.init([], .histogram(bounds: [], counts: [1], sum: 1, scale: .one))]),
        SampledFamily(Family("llm_x", .counter, help: "X"), [.init([], .integer(2))]),
      ])
    #expect(try render(snapshot, as: .text004) == "# HELP llm_x X\n# TYPE llm_x gauge\nllm_x 1\n")
  }

  @Test("A sample of the wrong shape is left out")
  func wrongShape() throws {
    let snapshot = Snapshot(families: [
      SampledFamily(Family("llm_a", .histogram, help: "A"), [.init([], .integer(1))]),
      SampledFamily(
        Family("llm_b", .histogram, help: "B"), [.init([], .histogram(bounds: [1], counts: [1], sum: 1, scale: .one))]),
      SampledFamily(
        Family("llm_c", .gauge, help: "C"), [.init([], .histogram(bounds: [], counts: [1], sum: 1, scale: .one))]),
    ])
    #expect(try render(snapshot, as: .text004) == "")
  }

  @Test("A family without a series is not mentioned", arguments: ExpositionFormat.allCases)
  func withoutSeries(format: ExpositionFormat) throws {
    let rare = ScalarGroup(Family("llm_rare_total", .counter, help: "Rare"), "k", ["a", "b"], presence: .whenNotZero)
    var builder = TableBuilder(
      scalars: [rare], histograms: [HistogramGroup(Family("llm_h", .histogram, help: "H"), bounds: [1])])
    builder.addRow("m=\"1\"", [0, 0], [nil])
    let snapshot = Snapshot(
      tables: [builder.table], families: [SampledFamily(Family("llm_none", .gauge, help: "None"), [])])
    #expect(try render(snapshot, as: format) == (format.isOpenMetrics ? "# EOF\n" : ""))
  }

  @Test("A high word alone is not zero")
  func highWord() throws {
    let group = ScalarGroup(Family("llm_x_total", .counter, help: "X"), scale: .pico, presence: .whenNotZero)
    let text = try render(Snapshot(tables: [table(group, rows: [("", [1 << 64])])]), as: .text004)
    #expect(text.hasSuffix("\nllm_x_total 18446744.073709551616\n"))
  }

  @Test(
    "UNIT stands where the name ends in the unit, in OpenMetrics only",
    arguments: [
      ("llm_x_seconds", Family.Kind.gauge, "seconds", true), ("llm_x_seconds_total", .counter, "seconds", true),
      ("llm_x_seconds_sum", .gauge, "seconds", false), ("llm_xseconds", .gauge, "seconds", false),
      ("llm_x_seconds", .gauge, "", false), ("seconds", .gauge, "seconds", false),
    ])
  func unit(name: String, kind: Family.Kind, unit: String, isWritten: Bool) throws {
    let snapshot = Snapshot(families: [
      SampledFamily(Family(name, kind, unit: unit, help: "X"), [.init([], .integer(1))])
    ])
    #expect(try render(snapshot, as: .openMetrics100).contains("# UNIT") == isWritten)
    #expect(try !render(snapshot, as: .text004).contains("UNIT"))
  }

  @Test("A counter that is not called one is of unknown type in OpenMetrics")
  func counterWithoutTotal() throws {
    let family = SampledFamily(Family("llm_x", .counter, help: "X"), [.init([], .integer(1))])
    #expect(
      try render(Snapshot(families: [family]), as: .openMetrics100)
        == "# TYPE llm_x unknown\n# HELP llm_x X\nllm_x 1\n# EOF\n")
  }

  @Test("Exemplars are written in OpenMetrics, where they are true")
  func exemplars() throws {
    func bucketLines(_ exemplars: [Exemplar], as format: ExpositionFormat) throws -> [String] {
      var builder = TableBuilder(
        scalars: [],
        histograms: [HistogramGroup(Family("llm_h", .histogram, help: "H"), scale: .nano, bounds: [10, 20])])
      builder.addRow("", [], [.init(counts: [1, 1, 1], sum: 45, exemplars: exemplars)])
      return try render(Snapshot(tables: [builder.table]), as: format).split(separator: "\n")
        .filter { $0.contains("_bucket") }
        .map { line in line.firstRange(of: " # ").map { String(line[$0.lowerBound...]) } ?? "" }
    }
    let good = [
      Exemplar("a1", value: 10, timestamp: 1), Exemplar(String(repeating: "f", count: 64), value: 11, timestamp: 0),
      Exemplar("x y", value: 1 << 40, timestamp: -1),
    ]
    #expect(
      try bucketLines(good, as: .openMetrics100) == [
        " # {trace_id=\"a1\"} 0.00000001 0.000000001",
        " # {trace_id=\"\(String(repeating: "f", count: 64))\"} 0.000000011", " # {trace_id=\"x y\"} 1099.511627776",
      ])
    #expect(try bucketLines(good, as: .text004) == ["", "", ""])
    #expect(try bucketLines(good, as: .text100) == ["", "", ""])
    let outsideOfTheirBuckets = [11, 10, 20].map { Exemplar("a1", value: $0, timestamp: 1) }
    #expect(try bucketLines(outsideOfTheirBuckets, as: .openMetrics100) == ["", "", ""])
    let unprintable = [
      Exemplar("a\"", value: 1, timestamp: 1), Exemplar("é", value: 11, timestamp: 1),
      Exemplar("a\n", value: 21, timestamp: 1),
    ]
    #expect(try bucketLines(unprintable, as: .openMetrics100) == ["", "", ""])
  }

  @Test("A deadline that has passed ends a rendering with an error, at its start or on the way")
  func deadline() throws {
    let snapshot = SampleSnapshots.calls
    var chunk: [UInt8] = []
    var late = SnapshotRendering(snapshot, as: .text004, deadline: .now - .nanoseconds(1))
    #expect(throws: RenderingError.deadlinePassed) { try late.nextChunk(&chunk) }
    #expect(chunk.isEmpty)

    var rendering = SnapshotRendering(
      snapshot, as: .text004, options: .init(chunkBytes: 100), deadline: .now + .seconds(3600))
    #expect(try rendering.nextChunk(&chunk))
    rendering.deadline = .now - .nanoseconds(1)
    #expect(throws: RenderingError.deadlinePassed) { try rendering.nextChunk(&chunk) }
    #expect(chunk.isEmpty)
  }

  @Test("An ended rendering stays ended, and its chunk is kept")
  func ended() throws {
    var rendering = SnapshotRendering(SampleSnapshots.calls, as: .openMetrics100)
    var chunk: [UInt8] = []
    #expect(try rendering.nextChunk(&chunk))
    let capacity = chunk.capacity
    #expect(try !rendering.nextChunk(&chunk))
    #expect(try !rendering.nextChunk(&chunk))
    #expect(chunk.isEmpty && chunk.capacity == capacity)
  }

  @Test("Chunks are near the size that was asked for, however long the scrape")
  func chunkSize() throws {
    let rows = (0..<5000).map { ("model=\"m\(10_000 + $0)\"", [Int128($0)]) }
    let snapshot = Snapshot(tables: [table(ScalarGroup(Family("llm_x_total", .counter, help: "X")), rows: rows)])
    var rendering = SnapshotRendering(snapshot, as: .text004, options: .init(chunkBytes: 4096))
    var chunk: [UInt8] = []
    var sizes: [Int] = []
    while try rendering.nextChunk(&chunk) { sizes.append(chunk.count) }
    #expect(sizes.count > 30)
    #expect(sizes.dropLast().allSatisfy { (4096..<4200).contains($0) })
  }
}
