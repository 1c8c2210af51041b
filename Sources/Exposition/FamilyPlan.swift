import CallMetrics

/// A family as it will be written: its metadata once, then its series from wherever they are kept.
struct FamilyPlan: Sendable {
  enum Source: Sendable {
    case scalars(ScalarLines)
    case histograms(HistogramRows)
    case samples(SampleLines)
  }

  let kind: Family.Kind
  let header: FamilyHeader
  var sources: [Source] = []
}

extension FamilyPlan.Source {
  /// Rows are what a chunk may end between.
  var rowCount: Int {
    switch self {
    case .scalars(let lines): lines.table.labels.count
    case .histograms(let rows): rows.table.labels.count
    case .samples(let lines): lines.count
    }
  }

  /// Writes rows until there are no more or the output is full, and returns the next row to write.
  func append(from start: Int, header: inout PendingHeader, until fill: Int, to output: inout [UInt8]) -> Int {
    var row = start
    let end = rowCount
    switch self {
    case .scalars(let lines):
      while row < end && output.count < fill {
        lines.append(row: row, header: &header, to: &output)
        row += 1
      }
    case .histograms(let rows):
      while row < end && output.count < fill {
        rows.append(row: row, header: &header, to: &output)
        row += 1
      }
    case .samples(let lines):
      while row < end && output.count < fill {
        lines.append(row: row, header: &header, to: &output)
        row += 1
      }
    }
    return row
  }
}

/// Metadata that is written when the family's first series is, and never for a family without one: a header
/// alone tells a scraper nothing that it could store, and the client libraries print none either.
struct PendingHeader {
  private let lines: [UInt8]
  private(set) var isWritten = false

  init(_ header: FamilyHeader, isWritten: Bool) {
    lines = header.lines
    self.isWritten = isWritten
  }

  @inline(__always)
  mutating func write(to output: inout [UInt8]) {
    if isWritten { return }
    output.append(contentsOf: lines)
    isWritten = true
  }
}

/// The families of a snapshot by name, with everything constant in their lines prepared.
func planFamilies(_ snapshot: Snapshot, format: ExpositionFormat, hasCreated: Bool) -> [FamilyPlan] {
  var plans: [String: FamilyPlan] = [:]

  /// A name is one kind: of a second kind nothing is written, because the scrape would fail as a whole.
  func add(_ family: Family, _ source: (FamilyHeader) -> FamilyPlan.Source) {
    var plan =
      plans[family.name] ?? FamilyPlan(kind: family.kind, header: FamilyHeader(family, format: format))
    guard plan.kind == family.kind else { return }
    plan.sources.append(source(plan.header))
    plans[family.name] = plan
  }

  for table in snapshot.tables {
    for group in table.layout.scalars {
      add(group.family) { .scalars(ScalarLines(group, of: table, header: $0, hasCreated: hasCreated)) }
    }
    for group in table.layout.histograms {
      add(group.family) { _ in .histograms(HistogramRows(group, of: table, format: format, hasCreated: hasCreated)) }
    }
  }
  for family in snapshot.families {
    add(family.family) { _ in .samples(SampleLines(family, format: format)) }
  }
  return plans.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map(\.value)
}
