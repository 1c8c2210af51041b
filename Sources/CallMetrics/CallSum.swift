public import Events
import Pricing

/// What a number of calls came to: those of one model, or all.
public struct CallSum: Sendable, Equatable {
  /// 1e-12 dollars.
  public private(set) var cost: Int128 = 0
  /// ```
  /// [ succeeded, failed | failed by type … | input, output tokens | unpriced | successful by duration, +Inf last … ]
  /// ```
  private var counts: [Int64]

  private enum Place {
    static let errors = CallWord.errors
    static let input = CallWord.finishReasons
    static let output = input + 1
    static let unpriced = output + 1
    static let durations = unpriced + 1
  }

  /// - Parameter buckets: of the histogram of durations, the one for +Inf included.
  public init(buckets: Int) { counts = Array(repeating: 0, count: Place.durations + buckets) }

  public var succeeded: Int64 { counts[0] }
  public var failed: Int64 { counts[1] }
  public var calls: Int64 { succeeded &+ failed }
  /// All that was read, from caches too, and all that was written, with reasoning.
  public var inputTokens: Int64 { counts[Place.input] }
  public var outputTokens: Int64 { counts[Place.output] }
  public var unpriced: Int64 { counts[Place.unpriced] }
  /// Successful calls by duration: a count for each bound and for +Inf, not cumulative.
  public var durations: ArraySlice<Int64> { counts[Place.durations...] }

  public func failed(of type: ErrorType) -> Int64 { counts[Place.errors + Int(type.rawValue)] }

  public static func += (a: inout CallSum, b: CallSum) {
    a.cost &+= b.cost
    for i in a.counts.indices where i < b.counts.count { a.counts[i] &+= b.counts[i] }
  }

  /// - Returns: nil where a number went down.
  func increase(since old: CallSum) -> CallSum? {
    var increase = self
    increase.cost &-= old.cost
    for i in counts.indices where i < old.counts.count {
      guard counts[i] >= old.counts[i] else { return nil }
      increase.counts[i] &-= old.counts[i]
    }
    return increase
  }

  mutating func reset() {
    cost = 0
    for i in counts.indices { counts[i] = 0 }
  }

  /// Adds the numbers of a call's record.
  mutating func add(_ table: borrowing RecordTable, row: Int) {
    let first = row * table.layout.wordCount
    for word in 0..<CallWord.finishReasons { counts[word] &+= table.words[first + word] }
    func tokens(_ type: TokenType) -> Int64 { table.words[first + CallWord.tokens + Int(type.rawValue)] }
    counts[Place.input] &+= tokens(.input) &+ tokens(.cachedInput) &+ tokens(.cacheWrite)
    counts[Place.output] &+= tokens(.output) &+ tokens(.reasoning)
    for reason in UnpricedReason.allCases {
      counts[Place.unpriced] &+= table.words[first + CallWord.unpriced + Int(reason.rawValue)]
    }
    for component in CostComponent.allCases {
      let word = first + CallWord.cost + 2 * Int(component.rawValue)
      cost &+= Wide.value(table.words[word], table.words[word + 1])
    }
    let histogram = CallHistogram.duration + Int(CallStatus.success.rawValue)
    guard let block = table.block(row: row, histogram: histogram) else { return }
    // Behind the counts the block holds its sum, in two words.
    for (place, word) in zip(counts.indices[Place.durations...], block.dropLast(2)) {
      counts[place] &+= table.histogramWords[word]
    }
  }
}
