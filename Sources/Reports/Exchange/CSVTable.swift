/// Rows of CSV by the names of their columns, line by line. Source: RFC 4180.
struct CSVTable {
  /// Bytes of a row at most: beyond it, a quote was never closed.
  private static let maxRowBytes = 1 << 20

  private let columns: [String]
  /// A row that goes on: a line ended within quotes.
  private var begun: String?

  init(head: String) { columns = Self.fields(head) }

  static func isHead(_ line: String) -> Bool { line.hasPrefix("time,status,error_type,") }

  var isWithinRow: Bool { begun != nil }

  /// - Returns: nil where the row goes on in the next line, or the line is empty; a row that makes no sense is empty.
  mutating func row(_ line: String) -> [String: String]? {
    let text = begun.map { $0 + "\n" + line } ?? line
    if text.utf8.count > Self.maxRowBytes {
      begun = nil
      return [:]
    }
    let isWhole = text.utf8.count { $0 == UInt8(ascii: "\"") }.isMultiple(of: 2)
    begun = isWhole ? nil : text
    if !isWhole || text.utf8.allSatisfy({ $0 == UInt8(ascii: "\r") }) { return nil }
    let fields = Self.fields(text)
    guard fields.count == columns.count else { return [:] }
    return Dictionary(zip(columns, fields.map(DataRendering.text(ofField:))), uniquingKeysWith: { first, _ in first })
  }

  private static func fields(_ row: String) -> [String] {
    var fields: [[UInt8]] = [[]]
    var isQuoted = false
    var wasQuote = false
    for byte in row.utf8 {
      if byte == UInt8(ascii: "\"") {
        // Two of them within quotes are one.
        if wasQuote { fields[fields.count - 1].append(byte) }
        wasQuote = isQuoted
        isQuoted.toggle()
        continue
      }
      wasQuote = false
      if byte == UInt8(ascii: ","), !isQuoted {
        fields.append([])
      } else if isQuoted || byte != UInt8(ascii: "\r") {
        fields[fields.count - 1].append(byte)
      }
    }
    return fields.map { String(decoding: $0, as: UTF8.self) }
  }
}
