import CallMetrics

/// What the lines of a family's histograms have in common, whatever holds the numbers: cumulative buckets up to
/// `+Inf`, then sum and count.
struct HistogramLines: Sendable {
  private let buckets: LineParts
  private let sum: LineParts
  private let count: LineParts
  private let created: LineParts?
  private let bounds: [Int64]
  private let scale: NumberScale

  /// - Parameter labels: rendered labels after the row's own, one text for each histogram of a row; empty for none.
  init(
    _ name: String, labels: [[UInt8]], bounds: [Int64], scale: NumberScale, format: ExpositionFormat, hasCreated: Bool
  ) {
    self.bounds = bounds
    self.scale = scale
    let ends = bounds.map { leLabel($0, in: scale, format: format) } + [labelBytes("le", "+Inf")]
    buckets = LineParts(
      "\(name)_bucket",
      labels: labels.flatMap { label in
        ends.map { le in label.isEmpty ? le : label + [UInt8(ascii: ",")] + le }
      })
    sum = LineParts("\(name)_sum", labels: labels)
    count = LineParts("\(name)_count", labels: labels)
    created = hasCreated ? LineParts("\(name)_created", labels: labels) : nil
  }

  /// Adds all lines of one histogram.
  ///
  /// - Parameters:
  ///   - row: the row's own labels, rendered.
  ///   - index: which of the row's histograms.
  ///   - counts: where its counts lie, one for each bound and one above, not cumulative.
  ///   - exemplars: one for each count, or none at all.
  ///   - time: when it began, nanoseconds since 1970; 0: not known.
  func append(
    row: [UInt8], index: Int, counts: ArraySlice<Int64>, sum total: Int128, exemplars: ArraySlice<Exemplar>,
    created time: Int64, to output: inout [UInt8]
  ) {
    var running: Int64 = 0
    for bucket in 0...bounds.count {
      // Wraps where the truth would: a scrape is no place to stop for a count of 2^63.
      running &+= counts[counts.startIndex + bucket]
      buckets.append(row, index * (bounds.count + 1) + bucket, to: &output)
      output.append(running, in: .one)
      if !exemplars.isEmpty { append(exemplars[exemplars.startIndex + bucket], of: bucket, to: &output) }
      output.append(UInt8(ascii: "\n"))
    }
    sum.append(row, index, to: &output)
    output.append(total, in: scale)
    output.append(UInt8(ascii: "\n"))
    count.append(row, index, to: &output)
    output.append(running, in: .one)
    output.append(UInt8(ascii: "\n"))
    if let created, time > 0 {
      created.append(row, index, to: &output)
      output.append(time, in: .nano)
      output.append(UInt8(ascii: "\n"))
    }
  }

  /// ` # {trace_id="…"} value timestamp`. A parser may refuse the whole scrape for an exemplar outside of its bucket, and
  /// one that nobody could look up is of no use: such are left out. The limit of 128 characters for names and values
  /// holds by the size of the trace id.
  private func append(_ exemplar: Exemplar, of bucket: Int, to output: inout [UInt8]) {
    let count = min(Int(exemplar.traceIDCount), Exemplar.maxTraceIDBytes)
    guard count > 0, bucket == bounds.count || exemplar.value <= bounds[bucket],
      bucket == 0 || exemplar.value > bounds[bucket - 1],
      (0..<count).allSatisfy({ isPlain(exemplar.traceID[$0]) })
    else { return }
    output.append(contentsOf: " # {trace_id=\"".utf8)
    for position in 0..<count { output.append(exemplar.traceID[position]) }
    output.append(contentsOf: "\"} ".utf8)
    output.append(exemplar.value, in: scale)
    if exemplar.timestamp > 0 {
      output.append(UInt8(ascii: " "))
      output.append(exemplar.timestamp, in: .nano)
    }
  }
}

/// Printable ASCII that needs no escape.
private func isPlain(_ byte: UInt8) -> Bool {
  (0x20...0x7e).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
}

private func leLabel(_ bound: Int64, in scale: NumberScale, format: ExpositionFormat) -> [UInt8] {
  var bytes = Array("le=\"".utf8)
  // Rightly rounded while the integer has at most 53 bits: the units are powers of ten that a Double holds exactly.
  let unit: Double =
    switch scale {
    case .one: 1
    case .nano: 1e9
    case .pico: 1e12
    }
  bytes.append(bound: Double(bound) / unit, isCanonical: format.isOpenMetrics)
  bytes.append(UInt8(ascii: "\""))
  return bytes
}
