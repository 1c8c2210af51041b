public import CivilTime
import Events

/// Reports for programs: numbers exact and in base units (dollars, seconds, ratios).
public struct DataRendering: Sendable {
  private let text: CellText
  private let zone: TimeZone

  public init(zone: TimeZone) {
    self.zone = zone
    text = CellText(zone: zone)
  }

  // MARK: CSV

  /// RFC 4180. Several tables become one with the table's name in front of each row, where their columns agree; else
  /// one after the other, an empty line between them.
  public func csv(_ report: Report) -> String {
    report.tables.map { table in
      let head = table.columns.map(\.key).map(Self.field).joined(separator: ",")
      let rows = table.rows.map { row in row.map { Self.field(text.exact($0)) }.joined(separator: ",") }
      return ([head] + rows).map { $0 + "\r\n" }.joined()
    }.joined(separator: "\r\n")
  }

  /// A field in quotes where it needs them. A leading sign of a formula gets an apostrophe before it, so that a
  /// spreadsheet does not run what a user's name says; numbers of ours never begin with one but the minus.
  static func field(_ text: String) -> String {
    let text = isFormula(text.unicodeScalars[...]) ? "'" + text : text
    // Scalars and not characters: a quote with an accent over it is a quote to whoever reads the file.
    let scalars = text.unicodeScalars
    guard scalars.contains(where: { $0 == "," || $0 == "\"" || $0.isLineBreak }) else { return text }
    var quoted = "\""
    for scalar in scalars {
      if scalar == "\"" { quoted += "\"" }
      quoted.unicodeScalars.append(scalar)
    }
    return quoted + "\""
  }

  /// The text of a field, its quotes taken off.
  static func text(ofField field: String) -> String {
    let isMarked = field.unicodeScalars.first == "'" && isFormula(field.unicodeScalars.dropFirst())
    return isMarked ? String(field.unicodeScalars.dropFirst()) : field
  }

  /// What a spreadsheet may run, or would after an apostrophe was taken off.
  private static func isFormula(_ text: Substring.UnicodeScalarView) -> Bool {
    let rest = text.drop { $0 == "'" }
    guard let first = rest.first else { return false }
    if first == "-" { return rest.dropFirst().contains { !("0"..."9").contains($0) && $0 != "." } }
    return ["=", "+", "@", "\t", "\r"].contains(first)
  }

  // MARK: JSON

  public func json(_ report: Report) -> String {
    var lines = ["{"]
    lines.append("  \"report\": \(JSONText.quote(report.name)),")
    lines.append("  \"title\": \(JSONText.quote(report.title)),")
    lines.append("  \"since\": \(JSONText.quote(Instant.text(report.range.lowerBound, in: zone))),")
    lines.append("  \"until\": \(JSONText.quote(Instant.text(report.range.upperBound, in: zone))),")
    lines.append("  \"zone\": \(JSONText.quote(zone.name)),")
    lines.append("  \"tables\": [")
    lines += report.tables.enumerated().flatMap { i, table in json(table, isLast: i == report.tables.count - 1) }
    lines.append("  ],")
    lines.append("  \"notes\": [" + report.notes.map(JSONText.quote).joined(separator: ", ") + "]")
    lines.append("}")
    return lines.joined(separator: "\n") + "\n"
  }

  private func json(_ table: ReportTable, isLast: Bool) -> [String] {
    func object(_ row: [Cell]) -> String {
      let members = zip(table.columns, row).map { JSONText.quote($0.key) + ": " + value($1) }
      return "{" + members.joined(separator: ", ") + "}"
    }
    var lines = ["    {", "      \"table\": \(JSONText.quote(table.key)),", "      \"rows\": ["]
    for (i, row) in table.rows.enumerated() {
      lines.append("        " + object(row) + (i == table.rows.count - 1 ? "" : ","))
    }
    lines.append("      ]" + (table.total == nil ? "" : ","))
    if let total = table.total { lines.append("      \"total\": \(object(total))") }
    return lines + ["    }" + (isLast ? "" : ",")]
  }

  private func value(_ cell: Cell) -> String {
    switch cell {
    case .none: return "null"
    case .text(let text): return JSONText.quote(text)
    case .time: return JSONText.quote(text.exact(cell))
    default:
      let number = text.exact(cell)
      return number.isEmpty ? "null" : number
    }
  }
}

extension Unicode.Scalar {
  /// Those that end a line. Source: Unicode Standard Annex 14, mandatory breaks.
  var isLineBreak: Bool { (0x0a...0x0d).contains(value) || value == 0x85 || value == 0x2028 || value == 0x2029 }
}
