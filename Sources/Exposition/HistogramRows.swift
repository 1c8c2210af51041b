import CallMetrics

/// The histograms of one group of a table.
struct HistogramRows: Sendable {
  let table: TableSnapshot
  private let group: HistogramGroup
  private let lines: HistogramLines
  private let showsExemplars: Bool

  init(_ group: HistogramGroup, of table: TableSnapshot, format: ExpositionFormat, hasCreated: Bool) {
    self.table = table
    self.group = group
    showsExemplars = format.isOpenMetrics
    lines = HistogramLines(
      group.family.name, labels: group.values.map { labelBytes(group.label, $0) }, bounds: group.bounds,
      scale: group.scale, format: format, hasCreated: hasCreated)
  }

  func append(row: Int, header: inout PendingHeader, to output: inout [UInt8]) {
    let buckets = group.bounds.count + 1
    for index in group.values.indices {
      let histogram = row * table.layout.histogramCount + group.firstHistogram + index
      let block = Int(table.blocks[histogram])
      guard block >= 0 else { continue }
      let exemplars = showsExemplars ? Int(table.exemplarBlocks[histogram]) : -1
      header.write(to: &output)
      lines.append(
        row: table.labels[row], index: index, counts: table.histogramWords[block..<(block + buckets)],
        sum: Int128(
          lowWord: table.histogramWords[block + buckets], highWord: table.histogramWords[block + buckets + 1]),
        exemplars: exemplars < 0 ? [] : table.exemplars[exemplars..<(exemplars + buckets)],
        created: table.created[row], to: &output)
    }
  }
}
