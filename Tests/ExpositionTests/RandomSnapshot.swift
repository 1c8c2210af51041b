@testable import CallMetrics

/// A random snapshot together with what must be read from it.
struct RandomSnapshot {
  /// By sample name and labels (`le` left out, `_sum` and such left off), in the unit of the scale.
  struct Key: Hashable {
    var family: String
    var labels: [String: String]
  }
  struct ExpectedHistogram: Equatable {
    var counts: [Int64]
    var sum: Int128
  }

  var snapshot = Snapshot()
  var scalars: [Key: Int128] = [:]
  var histograms: [Key: ExpectedHistogram] = [:]
  /// Decimal places by family.
  var places: [String: Int] = [:]

  init(using random: inout SeededGenerator) {
    for table in 0..<Int.random(in: 0...3, using: &random) { addTable(table, using: &random) }
    for family in 0..<Int.random(in: 0...4, using: &random) { addSampled(family, using: &random) }
  }

  private mutating func addTable(_ number: Int, using random: inout SeededGenerator) {
    let scales: [NumberScale] = [.one, .nano, .pico]
    let scalarGroups = (0..<Int.random(in: 0...5, using: &random)).map { index in
      let values = (0..<Int.random(in: 1...4, using: &random)).map { "v\($0)" }
      let isLabelled = values.count > 1
      // Counter 0 is in every table that has one.
      let scale = scales[(index + (index == 0 ? 0 : number)) % 3]
      return ScalarGroup(
        Family(index == 0 ? "shared_total" : "t\(number)_s\(index)_total", .counter, help: "Some counter"),
        isLabelled ? "kind" : nil, isLabelled ? values : [""], scale: scale,
        presence: Bool.random(using: &random) ? .always : .whenNotZero)
    }
    let histogramGroups = (0..<Int.random(in: 0...3, using: &random)).map { index in
      let values = (0..<Int.random(in: 1...3, using: &random)).map { "v\($0)" }
      let bounds = Set(
        (0..<Int.random(in: 0...6, using: &random)).map { _ in Int64.random(in: 0...1 << 50, using: &random) })
      return HistogramGroup(
        Family("t\(number)_h\(index)", .histogram, help: "Some histogram"), "kind", values,
        scale: scales[(index + number) % 3], bounds: bounds.sorted())
    }
    var builder = TableBuilder(scalars: scalarGroups, histograms: histogramGroups)
    for row in 0..<Int.random(in: 0...8, using: &random) {
      let value = randomText(using: &random)
      let labels = ["table": "\(number)", "row": "\(row)", "text": value]
      let rendered = "table=\"\(number)\",row=\"\(row)\",text=\"\(escaped(value))\""
      let numbers = scalarGroups.flatMap { group in
        group.values.map { _ in randomNumber(isWide: group.scale == .pico, using: &random) }
      }
      let blocks = histogramGroups.flatMap { group in
        group.values.map { _ -> TableBuilder.Histogram? in
          if Int.random(in: 0..<4, using: &random) == 0 { return nil }
          return TableBuilder.Histogram(
            counts: (0...group.bounds.count).map { _ in Int64.random(in: 0...1000, using: &random) },
            sum: randomNumber(isWide: true, using: &random))
        }
      }
      builder.addRow(rendered, numbers, blocks)
      expect(scalarGroups, numbers, labels)
      expect(histogramGroups, blocks, labels)
    }
    snapshot.tables.append(builder.table)
  }

  private mutating func expect(_ groups: [ScalarGroup], _ numbers: [Int128], _ labels: [String: String]) {
    var next = 0
    for group in groups {
      places[group.family.name] = group.scale.places
      for value in group.values {
        if numbers[next] != 0 || group.presence == .always {
          scalars[Key(family: group.family.name, labels: labels.adding(group.label, value))] = numbers[next]
        }
        next += 1
      }
    }
  }

  private mutating func expect(
    _ groups: [HistogramGroup], _ blocks: [TableBuilder.Histogram?], _ labels: [String: String]
  ) {
    var next = 0
    for group in groups {
      places[group.family.name] = group.scale.places
      for value in group.values {
        if let block = blocks[next] {
          histograms[Key(family: group.family.name, labels: labels.adding(group.label, value))] =
            ExpectedHistogram(counts: block.counts, sum: block.sum)
        }
        next += 1
      }
    }
  }

  private mutating func addSampled(_ number: Int, using random: inout SeededGenerator) {
    let name = "sampled_\(number)"
    places[name] = 12
    let samples = (0..<Int.random(in: 0...5, using: &random)).map { index in
      let labels = [("index", "\(index)"), ("text", randomText(using: &random))]
      let value = Int128.random(in: .min ... .max, using: &random) >> 3
      scalars[Key(family: name, labels: Dictionary(uniqueKeysWithValues: labels))] = value
      return SampledFamily.Sample(labels, .pico(value))
    }
    snapshot.families.append(SampledFamily(Family(name, .gauge, help: "Some gauge"), samples))
  }

  private func randomNumber(isWide: Bool, using random: inout SeededGenerator) -> Int128 {
    if Int.random(in: 0..<3, using: &random) == 0 { return 0 }
    return Int128.random(in: 0 ... .max, using: &random)
      >> Int128.random(in: isWide ? 3...126 : 64...126, using: &random)
  }

  private func randomText(using random: inout SeededGenerator) -> String {
    let pieces = ["a", "\"", "\\", "\n", "é", "😀", "\u{FFFD}", " ", "}", "{", "#", ",", "=", "n", "\t", "\u{301}"]
    return (0..<Int.random(in: 0...6, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
  }

  /// As the registry does it for rows.
  private func escaped(_ text: String) -> String {
    text.unicodeScalars.map { $0 == "\\" ? #"\\"# : $0 == "\"" ? #"\""# : $0 == "\n" ? #"\n"# : String($0) }.joined()
  }
}

extension NumberScale {
  fileprivate var places: Int { self == .one ? 0 : self == .nano ? 9 : 12 }
}

extension [String: String] {
  fileprivate func adding(_ name: String?, _ value: String) -> [String: String] {
    guard let name else { return self }
    return merging([name: value]) { $1 }
  }
}
