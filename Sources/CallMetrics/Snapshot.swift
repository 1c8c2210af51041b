/// A trace that fell into a bucket.
public struct Exemplar: Sendable, BitwiseCopyable {
  public static let maxTraceIDBytes = 64
  public var traceID: [64 of UInt8]
  /// 0: no exemplar here.
  public var traceIDCount: UInt8
  /// In the scale of its histogram.
  public var value: Int64
  /// When the call ended, nanoseconds since 1970.
  public var timestamp: Int64
  /// When it arrived.
  var taken: Int64 = 0

  public init() {
    traceID = .init(repeating: 0)
    traceIDCount = 0
    value = 0
    timestamp = 0
  }
}

/// The numbers of one kind of record at one moment: each record is whole (no event is seen in half).
public struct TableSnapshot: Sendable {
  public var layout: RecordLayout
  /// Label part of each row, escaped and rendered, without braces: `model="gpt-4o",provider="openai"`. Row order is
  /// stable: ascending by these bytes.
  public var labels: [[UInt8]]
  /// `layout.wordCount` words a row.
  public var words: [Int64]
  /// `layout.histogramCount` a row: where the histogram's block starts in `histogramWords`, or -1 if nothing was observed.
  public var blocks: [Int32]
  public var histogramWords: [Int64]
  /// Parallel to `blocks`: where the histogram's exemplars (one a bucket, +Inf included) start in `exemplars`, or -1.
  public var exemplarBlocks: [Int32]
  public var exemplars: [Exemplar]
  /// When each row began, nanoseconds since 1970.
  public var created: [Int64]

  public init(layout: RecordLayout) {
    self.layout = layout
    labels = []
    words = []
    blocks = []
    histogramWords = []
    exemplarBlocks = []
    exemplars = []
    created = []
  }
}

/// A family with few series, given as values.
public struct SampledFamily: Sendable {
  public struct Sample: Sendable {
    /// Names and raw (unescaped) values.
    public var labels: [(name: String, value: String)]
    public var value: Value
    public init(_ labels: [(name: String, value: String)] = [], _ value: Value) {
      self.labels = labels
      self.value = value
    }
  }
  public enum Value: Sendable {
    case integer(Int64)
    /// 1e-9 of the unit.
    case nano(Int64)
    /// 1e-12 dollars.
    case pico(Int128)
    case double(Double)
    /// Not cumulative, +Inf last; sum in `scale`.
    case histogram(bounds: [Int64], counts: [Int64], sum: Int128, scale: NumberScale)
  }
  public var family: Family
  public var samples: [Sample]
  public init(_ family: Family, _ samples: [Sample]) {
    self.family = family
    self.samples = samples
  }
}

/// Everything there is to expose, at one moment.
public struct Snapshot: Sendable {
  public var tables: [TableSnapshot]
  /// Families of few series: the exporter's own, and what the configuration sets.
  public var families: [SampledFamily]

  public init(tables: [TableSnapshot] = [], families: [SampledFamily] = []) {
    self.tables = tables
    self.families = families
  }
}
