/// A metric family's fixed facts.
public struct Family: Sendable, Equatable {
  public enum Kind: Sendable { case counter, gauge, histogram }

  /// The full name as in text 0.0.4: a counter ends in `_total`.
  public var name: String
  public var kind: Kind
  /// One line, no final full stop needed; says "this instance" where values neither sum nor merge by max.
  public var help: String
  /// `seconds`, `bytes`, `ratio`, `dollars`…, only where the name ends in it (before `_total`).
  public var unit: String?

  public init(_ name: String, _ kind: Kind, unit: String? = nil, help: String) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.help = help
  }
}

/// What one unit of a stored integer means.
public enum NumberScale: Sendable, Equatable {
  /// A count. One word.
  case one
  /// 1e-9 of the unit (nanoseconds, billionths of a ratio). One word.
  case nano
  /// 1e-12 dollars. Two words, the low one first, as an Int128.
  case pico

  @inlinable public var words: Int { self == .pico ? 2 : 1 }
}

/// A family whose series are words of a record: one for each value of a closed set.
public struct ScalarGroup: Sendable {
  public enum Presence: Sendable { case always, whenNotZero }

  public var family: Family
  /// The extra label, or nil for a single series.
  public var label: String?
  /// One series each, in this order; `[""]` where there is no extra label.
  public var values: [String]
  public var firstWord: Int
  public var scale: NumberScale
  public var presence: Presence

  /// The word at which the series of `values[index]` starts.
  @inlinable public func word(_ index: Int) -> Int { firstWord + index * scale.words }
}

/// A family of histograms: one for each value of a closed set.
public struct HistogramGroup: Sendable {
  public var family: Family
  public var label: String?
  public var values: [String]
  /// Number of the first of them among the record's histograms.
  public var firstHistogram: Int
  /// Of the bounds and of the sum.
  public var scale: NumberScale
  /// Upper bounds, inclusive, ascending, without +Inf.
  public var bounds: [Int64]

  /// A block: a count for each bound and for +Inf (not cumulative), then the sum as an Int128, low word first.
  @inlinable public var blockWords: Int { bounds.count + 3 }
}

/// How the numbers of one kind of record lie in memory, and what they are called outside.
///
/// ```
/// words of a record:  [ scalar groups, in order … | private words (running means and the like) ]
/// histogram blocks:   [ counts of buckets … | sum low | sum high ]   made at the first observation
/// ```
public struct RecordLayout: Sendable {
  public var scalars: [ScalarGroup]
  public var histograms: [HistogramGroup]
  /// Words of one record, private ones included.
  public var wordCount: Int
  /// Histograms of one record.
  public var histogramCount: Int
  /// Private words that are stored.
  var privateSlots: [StoredLayout.Slot] = []
}
