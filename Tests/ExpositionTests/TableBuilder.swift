@testable import CallMetrics

/// Makes tables by hand, a row at a time, in the shape that the registry gives them.
struct TableBuilder {
  private(set) var table: TableSnapshot

  /// Lays groups out one after the other: their `firstWord` and `firstHistogram` are set here.
  init(scalars: [ScalarGroup], histograms: [HistogramGroup] = []) {
    var layout = RecordLayout(scalars: scalars, histograms: histograms, wordCount: 0, histogramCount: 0)
    for index in layout.scalars.indices {
      layout.scalars[index].firstWord = layout.wordCount
      layout.wordCount += layout.scalars[index].values.count * layout.scalars[index].scale.words
    }
    for index in layout.histograms.indices {
      layout.histograms[index].firstHistogram = layout.histogramCount
      layout.histogramCount += layout.histograms[index].values.count
    }
    layout.wordCount += 1  // private words lie between rows
    table = TableSnapshot(layout: layout)
  }

  struct Histogram {
    var counts: [Int64]
    var sum: Int128
    var exemplars: [Exemplar]?
  }

  /// - Parameters:
  ///   - scalars: a value for each series, in the order of the layout.
  ///   - histograms: likewise; nil where nothing was observed.
  mutating func addRow(_ labels: String, _ scalars: [Int128], _ histograms: [Histogram?] = [], created: Int64 = 0) {
    table.labels.append(Array(labels.utf8))
    table.created.append(created)
    var next = scalars.makeIterator()
    for group in table.layout.scalars {
      for _ in group.values {
        let value = next.next() ?? 0
        table.words.append(Int64(truncatingIfNeeded: value))
        if group.scale == .pico { table.words.append(Int64(truncatingIfNeeded: value >> 64)) }
      }
    }
    table.words.append(-1)
    for index in 0..<table.layout.histogramCount {
      guard index < histograms.count, let histogram = histograms[index] else {
        table.blocks.append(-1)
        table.exemplarBlocks.append(-1)
        continue
      }
      table.blocks.append(Int32(table.histogramWords.count))
      table.histogramWords += histogram.counts
      table.histogramWords.append(Int64(truncatingIfNeeded: histogram.sum))
      table.histogramWords.append(Int64(truncatingIfNeeded: histogram.sum >> 64))
      if let exemplars = histogram.exemplars {
        table.exemplarBlocks.append(Int32(table.exemplars.count))
        table.exemplars += exemplars
      } else {
        table.exemplarBlocks.append(-1)
      }
    }
  }
}

extension ScalarGroup {
  init(
    _ family: Family, _ label: String? = nil, _ values: [String] = [""], scale: NumberScale = .one,
    presence: Presence = .always
  ) {
    self.init(family: family, label: label, values: values, firstWord: 0, scale: scale, presence: presence)
  }
}

extension HistogramGroup {
  init(
    _ family: Family, _ label: String? = nil, _ values: [String] = [""], scale: NumberScale = .one, bounds: [Int64]
  ) {
    self.init(family: family, label: label, values: values, firstHistogram: 0, scale: scale, bounds: bounds)
  }
}

extension Exemplar {
  init(_ traceID: String, value: Int64, timestamp: Int64) {
    self.init()
    for (index, byte) in traceID.utf8.enumerated() where index < Exemplar.maxTraceIDBytes { self.traceID[index] = byte }
    traceIDCount = UInt8(min(traceID.utf8.count, Exemplar.maxTraceIDBytes))
    self.value = value
    self.timestamp = timestamp
  }
}
