@testable import CallMetrics

/// Reads numbers out of a snapshot by the names that a scrape would show.
extension Snapshot {
  /// The series' value: of a scalar in its own scale's units, of a histogram its count.
  func value(_ name: String, _ labels: String..., extra: String? = nil) -> Int128? {
    for table in tables {
      for row in table.labels.indices {
        let text = String(decoding: table.labels[row], as: UTF8.self)
        guard labels.allSatisfy(text.contains) else { continue }
        if let value = table.scalar(name, row: row, extra: extra) { return value }
        if let value = table.histogram(name, row: row, extra: extra) { return Int128(value.counts.reduce(0, +)) }
      }
    }
    return nil
  }

  func histogram(_ name: String, _ labels: String..., extra: String? = nil) -> (counts: [Int64], sum: Int128)? {
    for table in tables {
      for row in table.labels.indices {
        let text = String(decoding: table.labels[row], as: UTF8.self)
        if labels.allSatisfy(text.contains), let found = table.histogram(name, row: row, extra: extra) { return found }
      }
    }
    return nil
  }

  func sample(_ name: String, _ labels: [String: String] = [:]) -> SampledFamily.Value? {
    families.first { $0.family.name == name }?.samples
      .first { sample in labels.allSatisfy { label in sample.labels.contains { $0 == label } } }?.value
  }

  var rowLabels: [[String]] { tables.map { $0.labels.map { String(decoding: $0, as: UTF8.self) } } }
}

extension SampledFamily.Value {
  var integer: Int64? { if case .integer(let value) = self { value } else { nil } }
  var double: Double? { if case .double(let value) = self { value } else { nil } }
}

extension TableSnapshot {
  fileprivate func scalar(_ name: String, row: Int, extra: String?) -> Int128? {
    guard let group = layout.scalars.first(where: { $0.family.name == name }),
      let index = extra.map({ group.values.firstIndex(of: $0) }) ?? 0
    else { return nil }
    let word = row * layout.wordCount + group.word(index)
    return group.scale == .pico ? Wide.value(words[word], words[word + 1]) : Int128(words[word])
  }

  fileprivate func histogram(_ name: String, row: Int, extra: String?) -> (counts: [Int64], sum: Int128)? {
    guard let group = layout.histograms.first(where: { $0.family.name == name }),
      let index = extra.map({ group.values.firstIndex(of: $0) }) ?? 0
    else { return nil }
    let block = Int(blocks[row * layout.histogramCount + group.firstHistogram + index])
    guard block >= 0 else { return nil }
    let counts = Array(histogramWords[block...block + group.bounds.count])
    let sum = Wide.value(
      histogramWords[block + group.bounds.count + 1], histogramWords[block + group.bounds.count + 2])
    return (counts, sum)
  }
}
