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
    var text = text
    if let first = text.unicodeScalars.first, ["=", "+", "@", "\t", "\r"].contains(first) || isFormula(text) {
      text = "'" + text
    }
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  private static func isFormula(_ text: String) -> Bool {
    text.first == "-" && text.dropFirst().contains { !("0"..."9").contains($0) && $0 != "." }
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
