import Events
import Pricing

/// Where the numbers of a call's record lie. The first words are exposed; the private ones behind them are not.
enum CallWord {
  static let requests = 0
  static let errors = 2
  static let finishReasons = 15
  static let tokens = 21
  static let cost = 26
  static let retryCost = 42
  static let cacheSaved = 44
  static let priced = 46
  static let unpriced = 50
  static let compared = 54
  static let suspect = 58
  static let anomalous = 62
  static let retries = 65
  static let cacheLookups = 67
  static let repeatedPrompts = 69
  static let inFlight = 70
  static let lastSuccess = 71

  /// Private: three sums of each of three histories (`CallHistory`).
  static let history = 72
  static let failuresInRow = 81
  static let thirdFailure = 82
  static let count = 83
}

/// Numbers of the histograms of a call's record.
enum CallHistogram {
  static let duration = 0  // and 1, by status
  static let timeToFirstToken = 2
  static let timePerOutputToken = 3
  static let tokens = 4  // and 5, by direction
  static let contextUsed = 6
  static let cost = 7
  static let queueWait = 8
  static let modelLoad = 9
  static let recovery = 10
  static let count = 11
}

enum TokenType: UInt8, ClosedSet {
  case input, cachedInput, cacheWrite, output, reasoning
  var label: String {
    switch self {
    case .input: "input"
    case .cachedInput: "cached_input"
    case .cacheWrite: "cache_write"
    case .output: "output"
    case .reasoning: "reasoning"
    }
  }
}

enum AnomalyKind: UInt8, ClosedSet {
  case latency, tokens, cost
  var label: String {
    switch self {
    case .latency: "latency"
    case .tokens: "tokens"
    case .cost: "cost"
    }
  }
}

extension RecordLayout {
  /// The record of a call: some 60 series at first, some 170 when every histogram has been touched.
  static func call(_ bounds: HistogramBounds) -> RecordLayout {
    RecordLayout(
      scalars: CallCatalogue.scalars, histograms: CallCatalogue.histograms(bounds),
      wordCount: CallWord.count, histogramCount: CallHistogram.count, privateSlots: callHistorySlots)
  }

  private static var callHistorySlots: [StoredLayout.Slot] {
    let sums = AnomalyKind.allCases.flatMap { kind in
      ["count", "sum", "squares"].enumerated().map { index, part in
        StoredLayout.Slot(
          kind: .real, name: "history_of_\(kind.label)_\(part)",
          word: CallWord.history + CallHistory.words * Int(kind.rawValue) + index)
      }
    }
    return sums + [
      StoredLayout.Slot(kind: .count, name: "failures_in_row", word: CallWord.failuresInRow),
      StoredLayout.Slot(kind: .time, name: "third_failure", word: CallWord.thirdFailure),
    ]
  }

  /// Series that a record has from its first event on.
  var steadySeries: Int { scalars.reduce(0) { $0 + ($1.presence == .always ? $1.values.count : 0) } }

  /// Series of a record whose histograms have all been touched.
  var potentialSeries: Int {
    scalars.reduce(0) { $0 + $1.values.count }
      + histograms.reduce(0) { $0 + $1.values.count * ($1.bounds.count + 3) }
  }
}
