import CallMetrics

/// A family given as values: few series, so their labels are rendered on the way.
struct SampleLines: Sendable {
  private let family: SampledFamily
  private let parts: LineParts
  private let format: ExpositionFormat

  var count: Int { family.samples.count }

  init(_ family: SampledFamily, format: ExpositionFormat) {
    self.family = family
    self.format = format
    parts = LineParts(family.family.name, labels: [[]])
  }

  func append(row: Int, header: inout PendingHeader, to output: inout [UInt8]) {
    let sample = family.samples[row]
    // A histogram among scalars, or the reverse, would fail the whole scrape.
    guard sample.value.isHistogram == (family.family.kind == .histogram) else { return }
    var labels: [UInt8] = []
    for (index, label) in sample.labels.enumerated() {
      if index > 0 { labels.append(UInt8(ascii: ",")) }
      labels.append(label: label.name, value: label.value)
    }
    if case .histogram(let bounds, let counts, let sum, let scale) = sample.value {
      guard counts.count == bounds.count + 1 else { return }
      header.write(to: &output)
      HistogramLines(family.family.name, labels: [[]], bounds: bounds, scale: scale, format: format, hasCreated: false)
        .append(row: labels, index: 0, counts: counts[...], sum: sum, exemplars: [], created: 0, to: &output)
      return
    }
    header.write(to: &output)
    parts.append(labels, 0, to: &output)
    switch sample.value {
    case .integer(let value): output.append(value, in: .one)
    case .nano(let value): output.append(value, in: .nano)
    case .pico(let value): output.append(value, in: .pico)
    case .double(let value): output.append(value)
    case .histogram: break
    }
    output.append(UInt8(ascii: "\n"))
  }
}

extension SampledFamily.Value {
  fileprivate var isHistogram: Bool {
    if case .histogram = self { true } else { false }
  }
}
