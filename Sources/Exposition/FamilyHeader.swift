import CallMetrics

/// A family's metadata lines, and the names that go with them.
struct FamilyHeader {
  /// Of the family: an OpenMetrics counter has lost its `_total` here.
  let name: String
  private(set) var lines: [UInt8] = []

  init(_ family: Family, format: ExpositionFormat) {
    let isCounter = family.kind == .counter
    guard format.isOpenMetrics else {
      name = family.name
      append("HELP", escaping: family.help, quotes: false)
      append("TYPE", family.kind.word)
      return
    }
    // Without that suffix its samples could not be a counter's. Better of unknown type than a failed scrape.
    let isUnknown = isCounter && !family.name.hasSuffix("_total")
    name = isCounter && !isUnknown ? String(family.name.dropLast("_total".count)) : family.name
    // In the order that the specification recommends.
    append("TYPE", isUnknown ? "unknown" : family.kind.word)
    // A unit that is no suffix of the name would be an error of the whole scrape.
    if let unit = family.unit, !unit.isEmpty, name.hasSuffix("_" + unit) { append("UNIT", unit) }
    append("HELP", escaping: family.help, quotes: true)
  }

  private mutating func append(_ keyword: String, _ value: String) {
    append(keyword, escaping: value, quotes: false)
  }

  private mutating func append(_ keyword: String, escaping text: String, quotes: Bool) {
    lines.append(contentsOf: "# \(keyword) \(name) ".utf8)
    lines.append(escaping: text, quotes: quotes)
    lines.append(UInt8(ascii: "\n"))
  }
}

extension Family.Kind {
  fileprivate var word: String {
    switch self {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    }
  }
}
