import Events
import Pricing

/// What a call takes from budgets.
extension RegistryState {
  @inline(never)
  mutating func countBudgets(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    // A hit of the application's own cache takes what it is said to have cost, and nothing as a rule.
    if event.fields.cache == .hit, call.total == 0 { return }
    if call.now >= budgets.nextTurn { budgets.turn(now: call.now) }
    let marks: RowMarks = remembers ? [.changed, .promised] : .changed
    let dollars = call.total &* Int128(call.weight)
    let tokens = Self.tokens(of: event) &* call.weight
    for i in budgets.general.indices {
      budgets.spend(dollars, tokens, ended: call.ended, on: Int(budgets.general[i]), marks)
    }
    if budgets.fields.isEmpty { return }
    let key = budgetKey(of: event, in: line)
    let route = budgets.route(key) ?? makeBudgetRoute(event, in: line, key)
    if route.isLimited { budgets.unfollowed &+= call.weight }
    for i in 0..<route.count {
      let account = budgets.routed[Int(route.first &+ i)]
      budgets.spend(dollars, tokens, ended: call.ended, on: Int(account), marks)
    }
  }

  /// As in `llm_tokens_total`, all types together. At most 2^42, as the decoder bounds each.
  @inline(__always)
  private static func tokens(of event: borrowing Event) -> Int64 {
    guard event.fields.usage.shape == .known, event.fields.cache != .hit else { return 0 }
    return max(event.fields.usage.input, event.fields.usage.cachedInput &+ event.fields.usage.cacheWrite)
      &+ max(event.fields.usage.output, event.fields.usage.reasoning)
  }

  private func budgetKey(of event: borrowing Event, in line: Span<UInt8>) -> RouteKey {
    var key = RouteKey(low: 1, high: 0)
    if budgets.fields.contains(.user) { mix(event.fields.user, event, in: line, into: &key) }
    if budgets.fields.contains(.team) { mix(event.fields.team, event, in: line, into: &key) }
    if budgets.fields.contains(.application) { mix(event.fields.application, event, in: line, into: &key) }
    if budgets.fields.contains(.model) {
      mix(event.fields.requestModel, event, in: line, into: &key)
      mix(event.fields.model, event, in: line, into: &key)
      // An alias may be of one provider's model only.
      mix(event.fields.provider, event, in: line, into: &key)
    }
    return key
  }

  @inline(__always)
  private func mix(_ text: Text, _ event: borrowing Event, in line: Span<UInt8>, into key: inout RouteKey) {
    key = routeKeys.key(of: text, event, in: line, salt: key.low ^ (key.high << 1 | key.high >> 63))
  }

  @inline(never)
  private mutating func makeBudgetRoute(
    _ event: borrowing Event, in line: Span<UInt8>, _ key: RouteKey
  ) -> BudgetLedger.Route {
    var subject = BudgetSubject()
    if budgets.fields.contains(.model) { subject.model = pricer.resolve(event, in: line).model }
    subject.application = LabelText.mend(event.bytes(of: event.fields.application, in: line)).value
    subject.team = LabelText.mend(event.bytes(of: event.fields.team, in: line)).value
    subject.user = budgetHash(ofUser: event.bytes(of: event.fields.user, in: line))
    var list: [Int32] = []
    var isLimited = false
    for budget in budgets.budgets.indices where !budgets.budgets[budget].conditions.isEmpty {
      guard let value = value(of: budget, for: subject) else { continue }
      if value == 0 {
        list.append(Int32(truncatingIfNeeded: budget))
      } else if let account = budgets.account(of: budget, key: value) {
        list.append(account)
      } else {
        isLimited = true
      }
    }
    return budgets.addRoute(key, of: list, isLimited: isLimited)
  }

  /// Hashed as in the label `user`; nil for none.
  private func budgetHash(ofUser id: [UInt8]) -> UInt64? { id.isEmpty ? nil : sketchHash.hash(id.span) }

  /// - Returns: nil where the budget is not for this subject; 0 where it is one sum; else the key of the subject's own.
  private func value(of budget: Int, for subject: BudgetSubject) -> UInt64? {
    var key: UInt64 = 0
    for field in Budget.Field.allCases {
      guard let condition = budgets.budgets[budget].conditions[field] else { continue }
      let own: UInt64
      switch (field, condition) {
      case (.user, .only(let id)):
        guard subject.user == budgetHash(ofUser: Array(id.utf8)) else { return nil }
        continue
      case (.user, .each):
        guard let user = subject.user else { return nil }
        own = user
      case (_, .only(let only)):
        guard text(of: subject, field) == (field == .model ? pricer.alias(only) : only) else { return nil }
        continue
      case (_, .each):
        let given = text(of: subject, field)
        if given.isEmpty { return nil }
        own = sketchHash.hash(Array(given.utf8).span)
      }
      // One field's hash stays as it is: that of a user is the one in the label.
      key = key == 0 ? own : (key &* 0x9e37_79b9_7f4a_7c15) ^ own
      if key == 0 { key = 1 }
    }
    return key
  }

  private func text(of subject: BudgetSubject, _ field: Budget.Field) -> String {
    switch field {
    case .user: ""
    case .team: subject.team
    case .application: subject.application
    case .model: subject.model
    }
  }

  // MARK: Setting and asking

  mutating func setBudgets(_ new: [Budget], now: Int64) {
    let hash = sketchHash
    let before = budgets
    budgets = BudgetLedger(new, now: now) { hash.hash(Array($0.utf8).span) }
    budgets.unfollowed = before.unfollowed
    budgets.add(before.all, now: now)
    budgets.markAll()
  }

  /// The budgets that a call would come under, as they stand.
  mutating func standings(for question: BudgetQuestion, now: Int64) -> [BudgetStanding] {
    budgets.turn(now: now)
    var subject = BudgetSubject()
    subject.model = pricer.alias(LabelText.mend(Array(question.model.utf8)).value)
    subject.application = LabelText.mend(Array(question.application.utf8)).value
    subject.team = LabelText.mend(Array(question.team.utf8)).value
    subject.user = budgetHash(ofUser: Array(question.user.utf8))
    return budgets.budgets.indices.compactMap { budget in
      value(of: budget, for: subject).map { key in
        key == 0 ? budgets.standing(budget) : budgets.standing(budget, of: budgets.known(budget, key: key))
      }
    }
  }
}

extension BudgetLedger {
  /// A budget as it is exposed: one for each stands as the value does that spent most.
  func standing(_ budget: Int) -> BudgetStanding { standing(budget, of: accounts[budget]) }

  func standing(_ budget: Int, of account: Account?) -> BudgetStanding {
    BudgetStanding(
      budget: budgets[budget], scope: scopes[budget], window: spans[budget], spentDollars: account?.dollars ?? 0,
      spentTokens: account?.tokens ?? 0)
  }
}
