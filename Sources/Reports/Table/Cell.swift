public import Pricing

/// One value of a report. Renderers decide how it looks; nothing is rounded before that.
public enum Cell: Equatable, Sendable {
  case none
  case text(String)
  case count(Int64)
  /// 1e-12 dollars.
  case dollars(Picodollars)
  /// Nanoseconds.
  case duration(Int64)
  /// Nanoseconds since 1970.
  case time(Int64)
  /// A part of a whole; absent where the whole is 0.
  case share(Int128, of: Int128)
  /// How much more than before; absent where there was nothing before.
  case change(from: Int128, to: Int128)
  /// So many times something else, in thousandths.
  case multiple(thousandths: Int64)
  /// A mean of whole things, in thousandths.
  case mean(thousandths: Int64)
  /// 0…1, in thousandths.
  case score(thousandths: Int64)
}

public struct Column: Equatable, Sendable {
  /// For programs: `cached_input_tokens`.
  public var key: String
  /// For people.
  public var title: String
  public var isNumber: Bool
  /// A bar beside the share, where there is room.
  public var hasBar = false
  /// Whether words may be cut where a terminal is too narrow.
  public var mayShrink: Bool

  public init(
    _ key: String, _ title: String, isNumber: Bool = true, hasBar: Bool = false, mayShrink: Bool? = nil
  ) {
    self.key = key
    self.title = title
    self.isNumber = isNumber
    self.hasBar = hasBar
    self.mayShrink = mayShrink ?? !isNumber
  }
}

public struct ReportTable: Equatable, Sendable {
  public var key: String
  public var title: String
  public var columns: [Column]
  public var rows: [[Cell]]
  /// What stands under the line; nil where sums make no sense.
  public var total: [Cell]?

  public init(key: String, title: String, columns: [Column], rows: [[Cell]] = [], total: [Cell]? = nil) {
    self.key = key
    self.title = title
    self.columns = columns
    self.rows = rows
    self.total = total
  }
}

/// The answer to a question, for any of the renderers.
public struct Report: Equatable, Sendable {
  /// `cost`, `latency`, …
  public var name: String
  public var title: String
  /// What it covers, in nanoseconds since 1970.
  public var range: Range<Int64>
  public var tables: [ReportTable]
  /// What a reader should know, in sentences.
  public var notes: [String] = []

  public init(name: String, title: String, range: Range<Int64>, tables: [ReportTable], notes: [String] = []) {
    self.name = name
    self.title = title
    self.range = range
    self.tables = tables
    self.notes = notes
  }
}

extension Cell {
  /// Money, or nothing where nothing is known of it: a cost that is unknown is not zero.
  static func dollars(_ amount: Picodollars, known: Bool) -> Cell {
    known || amount != 0 ? .dollars(amount) : .none
  }
}
