import CivilTime
import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct BudgetTests {
  static let second: Int64 = 1_000_000_000
  static let dollar: Picodollars = 1_000_000_000_000
  /// 2026-11-18, a Wednesday, 12:00 UTC.
  static let noon: Int64 = 1_795_003_200

  func registry(_ budgets: Budget..., key: [UInt8]? = nil) -> Registry {
    let registry = Registry(configuration: RegistryConfiguration(userHashKey: key), prices: .testBook)
    registry.setBudgets(budgets, now: Self.noon * Self.second)
    return registry
  }

  /// A call that costs a thousandth of a dollar: 100 input tokens and 100 output tokens.
  func call(model: String = "priced", _ change: (inout HandMadeEvent) -> Void = { _ in }) -> HandMadeEvent {
    var event = HandMadeEvent(model: model)
    event.usage(input: 100, output: 100)
    change(&event)
    return event
  }

  func spent(_ registry: Registry, _ name: String = "b") -> Picodollars? {
    guard case .pico(let value) = registry.snapshot().sample("llm_budget_spent_dollars", ["budget": name]) else {
      return nil
    }
    return value
  }

  func answer(_ registry: Registry, _ change: (inout BudgetQuestion) -> Void, at: Int64 = noon) -> BudgetAnswer {
    var question = BudgetQuestion()
    change(&question)
    return BudgetAnswer(registry.budgets(for: question, now: at * Self.second), to: question)
  }

  // MARK: Exposed

  @Test func limitAndSpentAreThereFromTheStart() {
    let registry = registry(
      Budget(name: "b", window: .day, dollars: 5 * Self.dollar), Budget(name: "t", window: .week, tokens: 700))
    let snapshot = registry.snapshot()
    #expect(spent(registry) == 0)
    #expect(snapshot.sample("llm_budget_spent_tokens", ["budget": "t", "window": "week"])?.integer == 0)
    #expect(snapshot.sample("llm_budget_limit_tokens", ["budget": "t"])?.integer == 700)
    #expect(snapshot.sample("llm_budget_limit_dollars", ["budget": "t"]) == nil, "it has no limit in dollars")
    guard case .nano(let end) = snapshot.sample("llm_budget_window_end_timestamp_seconds", ["budget": "b"]) else {
      Issue.record("no end")
      return
    }
    #expect(end == (Self.noon + 43_200) * Self.second)
  }

  @Test func withoutBudgetsThereAreNoFamilies() {
    let names = registry().snapshot().families.map(\.family.name)
    #expect(!names.contains { $0.hasPrefix("llm_budget_") })
  }

  @Test func dollarsAndTokensOfEveryCallAreTaken() {
    let registry = registry(Budget(name: "b", window: .day, dollars: Self.dollar, tokens: 10_000))
    call().record(in: registry, at: Self.noon)
    call { $0.event.fields.weight = 3 }.record(in: registry, at: Self.noon)
    call { $0.event.fields.cache = .hit }.record(in: registry, at: Self.noon)
    #expect(spent(registry) == Self.dollar / 1000 * 4)
    #expect(registry.snapshot().sample("llm_budget_spent_tokens", ["budget": "b"])?.integer == 800)
  }

  @Test func aCacheHitTakesTheCostThatItStates() {
    let registry = registry(Budget(name: "b", window: .day, dollars: Self.dollar, tokens: 10_000))
    call {
      $0.event.fields.cache = .hit
      $0.event.fields.callerCost = Int64(Self.dollar / 2)
    }.record(in: registry, at: Self.noon)
    let snapshot = registry.snapshot()
    #expect(spent(registry) == Self.dollar / 2)
    #expect(snapshot.value("llm_cost_dollars_total", extra: "reported") == Self.dollar / 2)
    #expect(snapshot.sample("llm_budget_spent_tokens", ["budget": "b"])?.integer == 0)
  }

  @Test func tokensAreThoseOfTheCounter() {
    let registry = registry(Budget(name: "b", window: .day, tokens: 10_000))
    var event = HandMadeEvent(model: "priced")
    event.usage(input: 100, cached: 40, written: 10, output: 50, reasoning: 20)
    event.record(in: registry, at: Self.noon)
    let snapshot = registry.snapshot()
    let types = ["input", "cached_input", "cache_write", "output", "reasoning"]
    let counted = types.compactMap { snapshot.value("llm_tokens_total", extra: $0) }.reduce(0, +)
    #expect(snapshot.sample("llm_budget_spent_tokens", ["budget": "b"])?.integer == Int64(counted))
  }

  // MARK: Whose

  @Test func onlyCallsThatMeetEveryConditionAreTaken() {
    let conditions: [Budget.Field: Budget.Value] = [.team: .only("search"), .model: .only("priced")]
    let registry = registry(Budget(name: "b", window: .day, dollars: Self.dollar, conditions: conditions))
    call { $0.set(\.team, "search") }.record(in: registry, at: Self.noon)
    call { $0.set(\.team, "ads") }.record(in: registry, at: Self.noon)
    call(model: "other") { $0.set(\.team, "search") }.record(in: registry, at: Self.noon)
    call().record(in: registry, at: Self.noon)
    #expect(spent(registry) == Self.dollar / 1000)
  }

  @Test func aUserIsKnownByItsPlainId() {
    let budget = Budget(name: "b", window: .day, dollars: Self.dollar, conditions: [.user: .only("ann")])
    let registry = registry(budget, key: Array(0..<16))
    call { $0.set(\.user, "ann") }.record(in: registry, at: Self.noon)
    call { $0.set(\.user, "bob") }.record(in: registry, at: Self.noon)
    #expect(spent(registry) == Self.dollar / 1000)
    #expect(answer(registry) { $0.user = "ann" }.remainingDollars == Self.dollar / 1000 * 999)
    #expect(answer(registry) { $0.user = "bob" }.tightest == nil)
  }

  @Test func aBudgetForEachShowsWhoSpentMost() {
    let registry = registry(
      Budget(name: "b", window: .day, dollars: Self.dollar / 500, conditions: [.user: .each]), key: Array(0..<16))
    for user in ["ann", "bob", "bob", "cid", ""] {
      call { if !user.isEmpty { $0.set(\.user, user) } }.record(in: registry, at: Self.noon)
    }
    #expect(spent(registry) == Self.dollar / 500)
    #expect(answer(registry) { $0.user = "bob" }.isAllowed == false)
    #expect(answer(registry) { $0.user = "ann" }.remainingDollars == Self.dollar / 1000)
    #expect(answer(registry) { $0.user = "new" }.remainingDollars == Self.dollar / 500)
    #expect(answer(registry) { _ in }.tightest == nil, "no user, no budget")
    let family = registry.snapshot().families.first { $0.family.name == "llm_budget_spent_dollars" }
    #expect(family?.samples.count == 1)
  }

  @Test func usersBeyondTheBoundAreCountedAndAllowed() {
    var ledger = BudgetLedger([Budget(name: "b", window: .day, dollars: 1, conditions: [.user: .each])], now: 0)
    for key in 1...UInt64(BudgetLedger.maxValues) { #expect(ledger.account(of: 0, key: key) != nil) }
    #expect(ledger.account(of: 0, key: .max) == nil)
    #expect(ledger.account(of: 0, key: 1) == 1)
  }

  // MARK: When

  @Test(arguments: [
    (Budget.Window.day, "2026-11-18", "2026-11-19"), (.week, "2026-11-16", "2026-11-23"),
    (.month, "2026-11-01", "2026-12-01"),
  ])
  func aWindowIsOfTheCalendarInItsZone(window: Budget.Window, first: String, next: String) throws {
    let zone = try #require(TimeZone(named: "America/New_York"))
    let budget = Budget(name: "b", window: window, zone: zone, dollars: 1)
    let span = budget.span(at: Self.noon * Self.second)
    #expect(Instant.shortText(span.lowerBound, in: zone) == first + " 00:00:00")
    #expect(Instant.shortText(span.upperBound, in: zone) == next + " 00:00:00")
  }

  @Test func theDayOnWhichTheClockIsPutForwardHas23Hours() throws {
    let zone = try #require(TimeZone(named: "Europe/Berlin"))
    let changeOver: Int64 = 1_774_774_800  // 2026-03-29 10:00 UTC
    let span = Budget(name: "b", window: .day, zone: zone, dollars: 1).span(at: changeOver * Self.second)
    #expect(span.upperBound - span.lowerBound == 23 * 3_600 * Self.second)
  }

  @Test func aNewWindowBeginsAtZero() {
    let registry = registry(
      Budget(name: "b", window: .day, dollars: Self.dollar),
      Budget(name: "u", window: .day, dollars: Self.dollar, conditions: [.user: .each]))
    call { $0.set(\.user, "ann") }.record(in: registry, at: Self.noon)
    registry.tick(now: (Self.noon + 43_199) * Self.second)
    #expect(spent(registry) == Self.dollar / 1000)
    registry.tick(now: (Self.noon + 43_200) * Self.second)
    #expect(spent(registry) == 0)
    #expect(spent(registry, "u") == 0)
    #expect(answer(registry, { $0.user = "ann" }, at: Self.noon + 43_200).remainingDollars == Self.dollar)
  }

  @Test func aCallThatComesAfterTheWindowsEndIsInTheNextOne() {
    let registry = registry(Budget(name: "b", window: .day, dollars: Self.dollar))
    call().record(in: registry, at: Self.noon)
    call().record(in: registry, at: Self.noon + 43_200)
    #expect(spent(registry) == Self.dollar / 1000)
  }

  @Test func aCallThatEndedBeforeTheWindowIsNoPartOfIt() {
    let registry = registry(Budget(name: "b", window: .day, dollars: Self.dollar))
    call { $0.event.fields.timestamp = (Self.noon - 43_201) * Self.second }.record(in: registry, at: Self.noon)
    call { $0.event.fields.timestamp = (Self.noon - 43_200) * Self.second }.record(in: registry, at: Self.noon)
    #expect(spent(registry) == Self.dollar / 1000)
  }

  @Test func aClockThatGoesBackALittleDoesNotBeginAnew() {
    let registry = registry(Budget(name: "b", window: .day, dollars: Self.dollar))
    let midnight = Self.noon + 43_200
    registry.tick(now: midnight * Self.second)
    call().record(in: registry, at: midnight + 1)
    registry.tick(now: (midnight - 60) * Self.second)
    #expect(spent(registry) == Self.dollar / 1000)
    registry.tick(now: (midnight - 86_400) * Self.second)
    #expect(spent(registry) == 0, "a day back is another window")
  }

  // MARK: Asked

  @Test func theTightestBudgetAnswers() {
    let registry = registry(
      Budget(name: "wide", window: .month, dollars: 100 * Self.dollar),
      Budget(name: "narrow", window: .day, dollars: Self.dollar / 100, conditions: [.team: .only("search")]))
    call { $0.set(\.team, "search") }.record(in: registry, at: Self.noon)
    let inTeam = answer(registry) { $0.team = "search" }
    #expect(inTeam.isAllowed)
    #expect(inTeam.tightest?.budget.name == "narrow")
    #expect(inTeam.remainingDollars == Self.dollar / 1000 * 9)
    #expect(answer(registry) { $0.team = "ads" }.tightest?.budget.name == "wide")
  }

  @Test func whatTheCallWouldCostCounts() {
    let registry = registry(Budget(name: "b", window: .day, dollars: Self.dollar, tokens: 1_000))
    #expect(answer(registry) { $0.dollars = Self.dollar }.isAllowed)
    #expect(!answer(registry) { $0.dollars = Self.dollar + 1 }.isAllowed)
    #expect(answer(registry) { $0.tokens = 1_000 }.isAllowed)
    #expect(!answer(registry) { $0.tokens = 1_001 }.isAllowed)
  }

  @Test func whatIsUsedUpRefusesEverything() {
    let registry = registry(Budget(name: "b", window: .day, dollars: Self.dollar / 1000))
    call().record(in: registry, at: Self.noon)
    #expect(!answer(registry) { _ in }.isAllowed)
  }

  @Test func withoutABudgetEverythingIsAllowed() {
    let answer = answer(registry()) { $0.dollars = .max }
    #expect(answer.isAllowed)
    #expect(answer.tightest == nil)
    #expect(answer.remainingDollars == nil)
  }

  // MARK: Set anew

  @Test func aChangedLimitKeepsWhatWasSpent() {
    let each = Budget(name: "u", window: .day, dollars: 1, conditions: [.user: .each])
    let registry = registry(Budget(name: "b", window: .day, dollars: 1), each)
    call { $0.set(\.user, "ann") }.record(in: registry, at: Self.noon)
    registry.setBudgets(
      [each, Budget(name: "new", window: .day, dollars: 1), Budget(name: "b", window: .day, dollars: Self.dollar)],
      now: Self.noon * Self.second)
    #expect(spent(registry) == Self.dollar / 1000)
    #expect(spent(registry, "u") == Self.dollar / 1000)
    #expect(spent(registry, "new") == 0)
    call { $0.set(\.user, "ann") }.record(in: registry, at: Self.noon)
    #expect(spent(registry, "u") == Self.dollar / 500)
  }

  @Test func aBudgetThatWasAwayGoesOnWithinItsWindow() {
    let each = Budget(name: "u", window: .day, dollars: 1, conditions: [.user: .each])
    let registry = registry(Budget(name: "b", window: .day, dollars: 1), each)
    call { $0.set(\.user, "ann") }.record(in: registry, at: Self.noon)
    registry.setBudgets([], now: Self.noon * Self.second)
    registry.setBudgets([Budget(name: "c", window: .day, dollars: 1)], now: Self.noon * Self.second)
    registry.setBudgets([Budget(name: "b", window: .day, dollars: 1), each], now: Self.noon * Self.second)
    #expect(spent(registry) == Self.dollar / 1000)
    #expect(spent(registry, "u") == Self.dollar / 1000)
    registry.setBudgets([], now: Self.noon * Self.second)
    registry.setBudgets([each], now: (Self.noon + 86_400) * Self.second)
    #expect(spent(registry, "u") == 0, "another day")
  }

  @Test func aBudgetThatIsForOthersNowBeginsAnew() {
    let registry = registry(Budget(name: "b", window: .day, dollars: 1))
    call { $0.set(\.team, "ads") }.record(in: registry, at: Self.noon)
    registry.setBudgets(
      [Budget(name: "b", window: .day, dollars: 1, conditions: [.team: .only("ads")])], now: Self.noon * Self.second)
    #expect(spent(registry) == 0)
  }
}
