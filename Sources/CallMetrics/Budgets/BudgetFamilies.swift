extension BudgetLedger {
  /// There from the start, and none where no budgets are.
  var families: [SampledFamily] {
    if budgets.isEmpty { return [] }
    let standings = budgets.indices.map { standing($0) }
    func family(
      _ name: String, unit: String? = nil, _ help: String, _ value: (BudgetStanding) -> SampledFamily.Value?
    ) -> SampledFamily {
      SampledFamily(
        Family(name, .gauge, unit: unit, help: help),
        standings.compactMap { standing in
          value(standing).map {
            .init([("budget", standing.budget.name), ("window", standing.budget.window.rawValue)], $0)
          }
        })
    }
    let spent = "in its window, as this instance saw it; of a budget for each, what the one who spent most has."
    return [
      family("llm_budget_limit_dollars", unit: "dollars", "What may be spent in a window, in US dollars.") {
        $0.budget.dollars.map { .pico($0) }
      },
      family("llm_budget_spent_dollars", unit: "dollars", "What was spent of a budget " + spent) {
        $0.budget.dollars == nil ? nil : .pico($0.spentDollars)
      },
      family("llm_budget_limit_tokens", "Tokens that may be used in a window.") {
        $0.budget.tokens.map { .integer($0) }
      },
      family("llm_budget_spent_tokens", "Tokens used of a budget " + spent) {
        $0.budget.tokens == nil ? nil : .integer($0.spentTokens)
      },
      family("llm_budget_window_end_timestamp_seconds", unit: "seconds", "When the window ends, since 1970.") {
        .nano($0.window.upperBound)
      },
    ]
  }
}
