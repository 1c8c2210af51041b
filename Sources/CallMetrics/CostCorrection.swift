public import Pricing
import Synchronization

/// What a counter of money is to be corrected by.
public enum CorrectedAmount: Int64, CaseIterable, Sendable {
  // The parts of the cost, in the order of `CostComponent`.
  case input, cachedInput, cacheWrite, output, reasoning, tool, request, reported
  /// What attempts after the first cost.
  case retries
  /// What hits of the application's own cache would have cost.
  case saved

  fileprivate var word: Int {
    switch self {
    case .retries: CallWord.retryCost
    case .saved: CallWord.cacheSaved
    default: CallWord.cost + 2 * Int(rawValue)
    }
  }
}

/// What the calls of one label set cost more, or less, than was counted.
public struct CostCorrection: Sendable {
  /// Values by the label's name; the others are empty.
  public var labels: [String: String]
  public var amounts: [CorrectedAmount: Picodollars]

  public init(labels: [String: String], amounts: [CorrectedAmount: Picodollars]) {
    self.labels = labels
    self.amounts = amounts
  }
}

extension Registry {
  /// Adds what calls turned out to cost more, and takes away what they cost less. A counter that goes down has been reset
  /// to what it should have been; none falls below zero.
  ///
  /// - Returns: counters that went down.
  public func correct(_ corrections: [CostCorrection], now: Int64) -> Int {
    state.withLock { state in
      state.mark(.changed)
      return corrections.reduce(0) { $0 + state.correct($1, now: now) }
    }
  }
}

extension RegistryState {
  fileprivate mutating func correct(_ correction: CostCorrection, now: Int64) -> Int {
    let values = labelSets.names.enumerated().map { label, name in
      labelSets.admit(correction.labels[name] ?? "", label: label).value
    }
    let row = correctedRow(of: values, now: now)
    return calls.withWords(of: row) { words in
      var lowered = 0
      for (amount, difference) in correction.amounts {
        let before = Wide.value(words[amount.word], words[amount.word + 1])
        words.add(wide: max(difference, -before), at: amount.word)
        if difference < 0, before > 0 { lowered += 1 }
      }
      return lowered
    }
  }

  /// The row that counted such calls. Its last event stays when it was: a correction is none.
  private mutating func correctedRow(of values: [String], now: Int64) -> Int {
    var folded = values
    folded[0] = LabelText.other
    // A model without a price may have been counted as another.
    let isFolded = configuration.foldUnknownModels && !labelSets.isKnown(values) && labelSets.isKnown(folded)
    let counted = isFolded ? folded : hasRoom(for: values) ? values : labelSets.overflow
    let number = labelSets.number(of: counted)
    let row = Int(labelSets.sets[Int(number)].row)
    return callRow(of: number, now: row >= 0 ? calls.lastEvent[row] : now)
  }
}
