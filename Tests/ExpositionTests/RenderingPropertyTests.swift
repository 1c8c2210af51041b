import CallMetrics
import Exposition
import Testing

@Suite("Any snapshot")
struct RenderingPropertyTests {
  @Test("What is written reads back as what was counted", arguments: ExpositionFormat.allCases)
  func readsBack(format: ExpositionFormat) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for round in 0..<150 {
      let sample = RandomSnapshot(using: &random)
      let text = try render(sample.snapshot, as: format)
      try check(text, format, against: sample, "seed \(seed), round \(round)")
    }
  }

  @Test("Chunks of any size hold the same bytes", arguments: ExpositionFormat.allCases)
  func chunkSizes(format: ExpositionFormat) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    for _ in 0..<40 {
      let snapshot = RandomSnapshot(using: &random).snapshot
      let whole = try render(snapshot, as: format)
      for size in [1, 7, 100, 1000, 10_000] {
        #expect(
          try render(snapshot, as: format, options: .init(chunkBytes: size)) == whole, "seed \(seed), size \(size)")
      }
    }
  }

  private func check(
    _ text: String, _ format: ExpositionFormat, against sample: RandomSnapshot, _ trace: Comment
  ) throws {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    try #require(lines.popLast() == "", "ends with a new line; \(trace)")
    if format.isOpenMetrics { try #require(lines.popLast() == "# EOF", trace) }

    var scalars: [RandomSnapshot.Key: Int128] = [:]
    var histograms: [RandomSnapshot.Key: RandomSnapshot.ExpectedHistogram] = [:]
    var buckets: (counts: [Int64], bounds: [Double], cumulative: Int64) = ([], [], 0)
    var families: [String] = []
    for line in lines {
      switch try #require(ExpositionLine(line), "\(line); \(trace)") {
      case .end: Issue.record("an end before the end; \(trace)")
      case .metadata(let keyword, let name, _):
        // The full name stands on its own in text, and without `_total` in OpenMetrics.
        let family = format.isOpenMetrics && sample.places[name] == nil ? name + "_total" : name
        if keyword == "TYPE" { families.append(family) }
      case .sample(let line):
        let family = try #require(families.last, trace)
        var key = RandomSnapshot.Key(family: family, labels: line.labels)
        let places = try #require(sample.places[family], trace)
        switch line.name {
        case family:
          #expect(scalars.updateValue(try #require(line.scaled(by: places), trace), forKey: key) == nil, trace)
        case family + "_bucket":
          let bound = try #require(key.labels.removeValue(forKey: "le").flatMap(bound), trace)
          let count = try #require(Int64(line.value), trace)
          #expect(count >= buckets.cumulative && bound > buckets.bounds.last ?? -.infinity, trace)
          buckets.counts.append(count - buckets.cumulative)
          buckets.bounds.append(bound)
          buckets.cumulative = count
        case family + "_sum":
          #expect(buckets.bounds.last == .infinity, trace)
          histograms[key] = .init(counts: buckets.counts, sum: try #require(line.scaled(by: places), trace))
        case family + "_count":
          #expect(Int64(line.value) == buckets.cumulative, trace)
          buckets = ([], [], 0)
        default: Issue.record("\(line.name) under \(family); \(trace)")
        }
      }
    }
    #expect(scalars == sample.scalars, trace)
    #expect(histograms == sample.histograms, trace)
    #expect(families == Set(families).sorted(), "each family once, by name; \(trace)")
  }

  private func bound(_ text: String) -> Double? { text == "+Inf" ? .infinity : Double(text) }
}
