public import CivilTime

/// How a report is written.
public enum ReportFormat: String, CaseIterable, Sendable {
  case table, csv, json, markdown, html
}

/// Tables for a terminal: as wide as it is and no wider, numbers to the right, bars for shares.
public struct TableRendering: Sendable {
  /// Columns of the terminal; nil: as wide as it comes.
  public var width: Int?
  /// Bold heads and dim lines by ECMA-48 sequences.
  public var isStyled: Bool
  private let text: CellText
  private let zone: TimeZone

  private static let barWidth = 10
  private static let narrowestText = 8

  public init(width: Int?, isStyled: Bool, zone: TimeZone) {
    self.width = width
    self.isStyled = isStyled
    self.zone = zone
    text = CellText(zone: zone)
  }

  public func render(_ report: Report) -> String {
    var lines = [bold(report.title), dim(ReportHeading.period(report.range, zone)), ""]
    for table in report.tables {
      if report.tables.count > 1 || table.title != report.title { lines.append(bold(table.title)) }
      lines += render(table)
      lines.append("")
    }
    lines += report.notes.flatMap { wrapped("• " + $0) }
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  private func render(_ table: ReportTable) -> [String] {
    if table.rows.isEmpty { return [dim("nothing in this time")] }
    var cells = table.columns.indices.map { column(table, $0) }
    let widths = fit(cells, table.columns)
    for (i, width) in widths.enumerated() where table.columns[i].mayShrink {
      cells[i] = cells[i].map { Printable.fit($0, width) }
    }
    func line(_ row: Int) -> String {
      let parts = cells.indices.map { pad(cells[$0][row], widths[$0], isRight: table.columns[$0].isNumber) }
      return parts.joined(separator: "  ").trimmedEnd
    }
    let rule = dim(widths.map { String(repeating: "─", count: $0) }.joined(separator: "──"))
    var lines = [bold(line(0)), rule]
    for row in 1...table.rows.count { lines.append(line(row)) }
    if table.total != nil { lines += [rule, bold(line(table.rows.count + 1))] }
    return lines
  }

  /// Head, rows and total of one column as text.
  private func column(_ table: ReportTable, _ index: Int) -> [String] {
    var cells = table.rows.map { $0[index] }
    if let total = table.total { cells.append(total[index]) }
    let places = CellText.moneyPlaces(cells)
    let column = table.columns[index]
    return [column.title]
      + cells.enumerated().map { row, cell in
        // A column of words needs no mark for nothing.
        if cell == .none, !column.isNumber { return "" }
        let human = text.human(cell, moneyPlaces: places)
        return column.hasBar && row < table.rows.count ? bar(cell) + " " + leftPadded(human, 6) : human
      }
  }

  private func leftPadded(_ text: String, _ width: Int) -> String { pad(text, width, isRight: true) }

  private func bar(_ cell: Cell) -> String {
    guard case .share(let part, let whole) = cell, whole > 0 else {
      return String(repeating: " ", count: Self.barWidth)
    }
    let eighths = Int(clamping: min(max(0, part), whole) * Int128(Self.barWidth * 8) / whole)
    let blocks = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    let bar = String(repeating: "█", count: eighths / 8) + blocks[eighths % 8]
    return bar + String(repeating: " ", count: Self.barWidth - bar.count)
  }

  /// Columns of words give way, the widest first; numbers never do.
  private func fit(_ cells: [[String]], _ columns: [Column]) -> [Int] {
    var widths = cells.map { $0.reduce(0) { max($0, Printable.width($1)) } }
    guard let width else { return widths }
    while widths.reduce(0, +) + 2 * (widths.count - 1) > width {
      let words = columns.indices.filter { columns[$0].mayShrink && widths[$0] > Self.narrowestText }
      guard let widest = words.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
    }
    return widths
  }

  private func pad(_ text: String, _ width: Int, isRight: Bool) -> String {
    let space = String(repeating: " ", count: max(0, width - Printable.width(text)))
    return isRight ? space + text : text + space
  }

  private func wrapped(_ text: String) -> [String] {
    guard let width else { return [text] }
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, Printable.width(line) + 1 + Printable.width(String(word)) > max(20, width) {
        lines.append(line)
        line = "  " + word
      } else {
        line += (line.isEmpty ? "" : " ") + word
      }
    }
    return lines + [line]
  }

  private func bold(_ text: String) -> String { isStyled ? "\u{1b}[1m\(text)\u{1b}[0m" : text }
  private func dim(_ text: String) -> String { isStyled ? "\u{1b}[2m\(text)\u{1b}[0m" : text }
}

enum ReportHeading {
  static func period(_ range: Range<Int64>, _ zone: TimeZone) -> String {
    "\(Instant.shortText(range.lowerBound, in: zone)) to \(Instant.shortText(range.upperBound, in: zone)), \(zone.name)"
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self
    while text.last == " " { text.removeLast() }
    return text
  }
}
