import Reports

/// What a report is asked for with, in a URL's query or in the configuration.
struct ReportRequest {
  var text = ReportQuery.Text()
  var extras = ReportExtras()
  var whatIf: String?

  static let names = [
    "since", "until", "zone", "by", "where", "top", "id", "side", "cycle", "min_quality", "max_p95", "max_error_rate",
    "what_if",
  ]

  init(_ parameters: [(name: String, value: String)]) throws(ReportError) {
    for parameter in parameters { try take(parameter.name, parameter.value) }
  }

  private mutating func take(_ name: String, _ value: String) throws(ReportError) {
    switch name {
    case "since": text.since = value
    case "until": text.until = value
    case "zone": text.zone = value
    case "by": text.by.append(value)
    case "where": text.filters.append(value)
    case "id": extras.id = value
    case "side": extras.sides.append(value)
    case "what_if": whatIf = value
    case "top":
      guard let top = Int(value) else { throw ReportError("top is “\(value)”: expected a whole number") }
      text.top = top
    case "cycle":
      guard let cycle = ReportCycle(rawValue: value) else {
        throw ReportError("cycle is “\(value)”: expected daily or weekly")
      }
      extras.cycle = cycle
    case "min_quality": extras.bounds.minQuality = try Self.thousandths(value, name, upTo: 1)
    case "max_error_rate": extras.bounds.maxErrorRate = try Self.thousandths(value, name, upTo: 1)
    case "max_p95": extras.bounds.maxLatencyP95 = try Self.thousandths(value, name, upTo: 1_000_000) * 1_000_000
    default: throw ReportError("“\(name)” is no parameter: expected one of \(Self.names.joined(separator: ", "))")
    }
  }

  private static func thousandths(_ text: String, _ name: String, upTo limit: Double) throws(ReportError) -> Int64 {
    guard let value = Double(text), value >= 0, value <= limit else {
      throw ReportError("\(name) is “\(text)”: expected a number from 0 to \(Int(limit))")
    }
    return Int64((value * 1000).rounded())
  }
}
