public import CivilTime

/// Reports for documents and mail: Markdown, and a page of HTML that needs nothing else.
public struct DocumentRendering: Sendable {
  private let text: CellText
  private let zone: TimeZone

  public init(zone: TimeZone) {
    self.zone = zone
    text = CellText(zone: zone)
  }

  /// Rows as people read them, the total last.
  private func rows(_ table: ReportTable) -> [[String]] {
    let all = table.rows + (table.total.map { [$0] } ?? [])
    let places = table.columns.indices.map { column in CellText.moneyPlaces(all.map { $0[column] }) }
    return all.map { row in
      row.indices.map { column in
        row[column] == .none && !table.columns[column].isNumber
          ? "" : text.human(row[column], moneyPlaces: places[column])
      }
    }
  }

  // MARK: Markdown

  public func markdown(_ report: Report) -> String {
    var lines = ["# \(Self.markdown(report.title))", "", ReportHeading.period(report.range, zone), ""]
    for table in report.tables {
      if report.tables.count > 1 || table.title != report.title { lines += ["## \(Self.markdown(table.title))", ""] }
      if table.rows.isEmpty {
        lines += ["Nothing in this time.", ""]
        continue
      }
      lines.append("| " + table.columns.map { Self.markdown($0.title) }.joined(separator: " | ") + " |")
      lines.append("|" + table.columns.map { $0.isNumber ? "---:" : "---" }.joined(separator: "|") + "|")
      for (i, row) in rows(table).enumerated() {
        let isTotal = i == table.rows.count
        let cells = row.map { cell in
          let escaped = Self.markdown(cell)
          return isTotal && !escaped.isEmpty ? "**\(escaped)**" : escaped
        }
        lines.append("| " + cells.joined(separator: " | ") + " |")
      }
      lines.append("")
    }
    lines += report.notes.map { "- " + Self.markdown($0) }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func markdown(_ text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if "\\|*_`<>[]#".unicodeScalars.contains(scalar) { escaped.append("\\") }
      escaped.append(scalar.isLineBreak ? " " : scalar)
    }
    return String(escaped)
  }

  // MARK: HTML

  public func html(_ report: Report) -> String {
    var lines = [
      "<!doctype html>", "<html lang=\"en\">", "<head>", "<meta charset=\"utf-8\">",
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
      "<title>\(Self.html(report.title))</title>", "<style>", Self.style, "</style>", "</head>", "<body>",
      "<h1>\(Self.html(report.title))</h1>",
      "<p class=\"period\">\(Self.html(ReportHeading.period(report.range, zone)))</p>",
    ]
    for table in report.tables {
      if report.tables.count > 1 || table.title != report.title { lines.append("<h2>\(Self.html(table.title))</h2>") }
      lines += html(table)
    }
    if !report.notes.isEmpty {
      lines += ["<ul>"] + report.notes.map { "<li>\(Self.html($0))</li>" } + ["</ul>"]
    }
    return (lines + ["</body>", "</html>"]).joined(separator: "\n") + "\n"
  }

  private func html(_ table: ReportTable) -> [String] {
    if table.rows.isEmpty { return ["<p>Nothing in this time.</p>"] }
    func cells(_ row: [String], _ tag: String) -> String {
      zip(table.columns, row).map { column, cell in
        "<\(tag)\(column.isNumber ? " class=\"n\"" : "")>\(Self.html(cell))</\(tag)>"
      }.joined()
    }
    let rows = rows(table)
    var lines = ["<table>", "<thead><tr>\(cells(table.columns.map(\.title), "th"))</tr></thead>", "<tbody>"]
    lines += rows.prefix(table.rows.count).map { "<tr>\(cells($0, "td"))</tr>" }
    lines.append("</tbody>")
    if table.total != nil, let total = rows.last { lines.append("<tfoot><tr>\(cells(total, "td"))</tr></tfoot>") }
    return lines + ["</table>"]
  }

  private static func html(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static let style = """
    body { font: 15px/1.5 system-ui, sans-serif; color: #1c2330; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
    h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem } .period { color: #667 }
    table { border-collapse: collapse; width: 100% } th, td { padding: .35rem .6rem; text-align: left }
    th { border-bottom: 2px solid #1c2330; font-size: .85rem } td { border-bottom: 1px solid #e3e6ec }
    .n { text-align: right; font-variant-numeric: tabular-nums } tfoot td { font-weight: 600; border-bottom: 0 }
    """
}

extension Report {
  /// - Parameters:
  ///   - width: of the terminal; nil: as wide as it comes.
  ///   - isStyled: whether a table may use bold and dim.
  public func rendered(
    as format: ReportFormat, zone: TimeZone, width: Int? = nil, isStyled: Bool = false
  ) -> String {
    switch format {
    case .table: TableRendering(width: width, isStyled: isStyled, zone: zone).render(self)
    case .csv: DataRendering(zone: zone).csv(self)
    case .json: DataRendering(zone: zone).json(self)
    case .markdown: DocumentRendering(zone: zone).markdown(self)
    case .html: DocumentRendering(zone: zone).html(self)
    }
  }
}
