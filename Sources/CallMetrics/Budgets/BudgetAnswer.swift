public import Pricing
import Synchronization

/// May this call be made? Fields that are empty are not known.
public struct BudgetQuestion: Sendable {
  /// As it stands in events, not hashed.
  public var user = ""
  public var team = ""
  public var application = ""
  public var model = ""
  /// What the call is expected to take.
  public var dollars: Picodollars = 0
  public var tokens: Int64 = 0
  public init() {}
}

/// A budget and what was spent of it in its window.
public struct BudgetStanding: Sendable {
  public var budget: Budget
  /// Whose calls it is for; user ids are hashed.
  public var scope: String
  /// Nanoseconds since 1970.
  public var window: Range<Int64>
  public var spentDollars: Picodollars
  public var spentTokens: Int64

  /// Below 0 where more was spent than is allowed.
  public var remainingDollars: Picodollars? { budget.dollars.map { $0 - spentDollars } }
  public var remainingTokens: Int64? { budget.tokens.map { $0 &- spentTokens } }

  /// What would be left of the limits after a call, as a share; of the limit that is nearer.
  func shareLeft(after question: BudgetQuestion) -> Double {
    var least = Double.infinity
    if let limit = budget.dollars, let left = remainingDollars {
      least = min(least, Double(left - question.dollars) / Double(limit))
    }
    if let limit = budget.tokens, let left = remainingTokens {
      least = min(least, Double(Int128(left) - Int128(question.tokens)) / Double(limit))
    }
    return least
  }

  /// A budget that is used up refuses even what costs nothing.
  func refuses(_ question: BudgetQuestion) -> Bool {
    if let left = remainingDollars, left <= 0 || left < question.dollars { return true }
    if let left = remainingTokens, left <= 0 || left < question.tokens { return true }
    return false
  }
}

public struct BudgetAnswer: Sendable {
  public var isAllowed: Bool
  /// The one that refuses, else the one of which the smallest share is left; nil: no budget applies.
  public var tightest: BudgetStanding?
  /// The least that any of them leaves; nil: none has such a limit.
  public var remainingDollars: Picodollars?
  public var remainingTokens: Int64?

  public init(_ standings: [BudgetStanding], to question: BudgetQuestion) {
    let refusing = standings.filter { $0.refuses(question) }
    isAllowed = refusing.isEmpty
    tightest = (isAllowed ? standings : refusing).min {
      $0.shareLeft(after: question) < $1.shareLeft(after: question)
    }
    remainingDollars = standings.compactMap(\.remainingDollars).min()
    remainingTokens = standings.compactMap(\.remainingTokens).min()
  }
}

extension Registry {
  /// Takes these budgets in place of the ones before. What was spent of those that stay goes on, whatever their limits.
  public func setBudgets(_ budgets: [Budget], now: Int64) {
    state.withLock { state in state.setBudgets(budgets, now: now) }
  }

  public func budgets(for question: BudgetQuestion, now: Int64) -> [BudgetStanding] {
    state.withLock { state in state.standings(for: question, now: now) }
  }

  /// All budgets; one for each value stands as the value does that spent most.
  public func budgets(now: Int64) -> [BudgetStanding] {
    state.withLock { state in
      state.budgets.turn(now: now)
      return state.budgets.budgets.indices.map { state.budgets.standing($0) }
    }
  }
}
