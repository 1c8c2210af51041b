public import CivilTime

/// What is asked: of which time, of which calls, grouped how.
public struct ReportQuery: Sendable {
  /// Nanoseconds since 1970.
  public var range: Range<Int64>
  public var zone: TimeZone
  /// Empty: what the report is grouped by when nobody says.
  public var by: [Dimension] = []
  /// Rows at most; the rest become one row. nil: what the report shows when nobody says.
  public var top: Int?
  /// Only calls of which all of these hold.
  public var filters: [Filter] = []
  /// Where the present is: forecasts and whole periods need it.
  public var now: Int64

  public struct Filter: Hashable, Sendable {
    public var dimension: Dimension
    public var value: String
    public init(_ dimension: Dimension, _ value: String) {
      self.dimension = dimension
      self.value = value
    }
  }

  public init(range: Range<Int64>, zone: TimeZone, now: Int64) {
    self.range = range
    self.zone = zone
    self.now = now
  }
}

/// A question that has no answer: what was asked for and what can be asked for.
public struct ReportError: Error, Equatable, Sendable, CustomStringConvertible {
  public var description: String
  public init(_ description: String) { self.description = description }
}
