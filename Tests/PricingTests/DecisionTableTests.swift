import Events
import Pricing
import Testing

/// "Priced, free, unpriced", line by line: the first line that holds decides.
@Suite struct DecisionTableTests {
  let book: PriceBook

  init() throws {
    book = try Fixture.book(
      with: """
        "free-model": {"litellm_provider": "ollama", "input_cost_per_token": 0, "output_cost_per_token": 0},
        "input-only": {"litellm_provider": "openai", "input_cost_per_token": 1e-06},
        "by-request": {"litellm_provider": "openai", "input_cost_per_request": 0.5}
        """)
  }

  private let used = TestCall("gpt-4o").usage(1_000, 100)
  private let dollar: Int64 = 1_000_000_000_000

  private func verdict(_ call: TestCall) -> CallCost.Verdict { call.cost(book).verdict }

  // 1: the caller

  @Test func callersCostWins() {
    let cost = used.with { $0.fields.callerCost = dollar }.cost(book)
    #expect(cost.verdict == .priced(.caller))
    #expect(cost[.reported] == Picodollars(dollar))
    #expect(cost.total == Picodollars(dollar))
    #expect(cost.stated == Picodollars(dollar))
    #expect(Dollars.text(cost.byTable) == "0.0035")
  }

  @Test func callersCostWinsOverTheProvidersAndOverACacheHit() {
    #expect(
      verdict(
        used.with {
          $0.fields.callerCost = 1
          $0.fields.providerCost = dollar
        }) == .priced(.caller))
    #expect(
      verdict(
        used.with {
          $0.fields.callerCost = 1
          $0.fields.cache = .hit
        }) == .priced(.caller))
    #expect(verdict(TestCall("nobody-knows").with { $0.fields.callerCost = 1 }) == .priced(.caller))
    #expect(
      verdict(
        TestCall("gpt-4o").with {
          $0.fields.callerCost = 1
          $0.fields.status = .error
        }) == .priced(.caller))
  }

  @Test func callersZeroIsNoneBesideTokensThatTheTablePrices() {
    let cost = used.with { $0.fields.callerCost = 0 }.cost(book)
    #expect(cost.verdict == .priced(.table))
    #expect(Dollars.text(cost.total) == "0.0035")
    #expect(cost.stated == -1)
  }

  @Test func callersZeroStandsBesideTokensThatTheTableCannotPrice() {
    for model in ["nobody-knows", "ollama/llama3.2", "input-only"] {
      let cost = TestCall(model).usage(10, 10).with { $0.fields.callerCost = 0 }.cost(book)
      #expect(cost.verdict == .priced(.caller), "\(model)")
      #expect(cost.total == 0)
    }
  }

  @Test func callersZeroIsNoneOnACacheHitAndWithoutUsage() {
    #expect(
      verdict(
        used.with {
          $0.fields.callerCost = 0
          $0.fields.cache = .hit
        }) == .priced(.free))
    #expect(verdict(TestCall("gpt-4o").with { $0.fields.callerCost = 0 }) == .unpriced(.noUsage))
    #expect(verdict(TestCall("nobody-knows").with { $0.fields.callerCost = 0 }) == .unpriced(.unknownModel))
    let failed = TestCall("gpt-4o").with {
      $0.fields.callerCost = 0
      $0.fields.status = .error
    }
    #expect(verdict(failed) == .priced(.free))
  }

  @Test func callersZeroIsNoneBesideAnAmountOfTheProviders() {
    let call = TestCall("nobody-knows").usage(1, 1).with {
      $0.fields.callerCost = 0
      $0.fields.providerCost = dollar
    }
    #expect(verdict(call) == .priced(.provider))
  }

  // 2: the provider

  @Test func providersCostComesNext() {
    let cost = used.with { $0.fields.providerCost = dollar }.cost(book)
    #expect(cost.verdict == .priced(.provider))
    #expect(cost[.reported] == Picodollars(dollar))
    #expect(
      verdict(
        used.with {
          $0.fields.providerCost = 1
          $0.fields.cache = .hit
        }) == .priced(.provider))
  }

  @Test func providersZeroIsNoneSaveWhereItIsMeant() {
    #expect(verdict(used.with { $0.fields.providerCost = 0 }) == .priced(.table))
    #expect(verdict(TestCall("nobody-knows").usage(1, 1).with { $0.fields.providerCost = 0 }) == .priced(.provider))
    let meant = used.with {
      $0.fields.providerCost = 0
      $0.fields.providerZeroIsMeant = true
    }
    #expect(verdict(meant) == .priced(.provider))
    #expect(meant.cost(book).total == 0)
    #expect(verdict(meant.with { $0.fields.cache = .hit }) == .priced(.free))
  }

  // 3: a hit of the application's cache

  @Test func cacheHitIsFreeAndSaves() {
    let cost = used.with { $0.fields.cache = .hit }.cost(book)
    #expect(cost.verdict == .priced(.free))
    #expect(cost.total == 0)
    #expect(Dollars.text(cost.saved) == "0.0035")
    #expect(verdict(used.with { $0.fields.cache = .miss }) == .priced(.table))
    #expect(verdict(TestCall("nobody-knows").with { $0.fields.cache = .hit }) == .priced(.free))
  }

  // 4: failures

  @Test func failureWithoutUsageIsFree() {
    let failed = TestCall("gpt-4o").with { $0.fields.status = .error }
    #expect(verdict(failed) == .priced(.free))
    #expect(verdict(failed.usage(0, 0)) == .priced(.free))
    #expect(verdict(TestCall("nobody-knows").with { $0.fields.status = .error }) == .priced(.free))
  }

  @Test func failureOfABegunAnswerWasBilledButNotMeasured() {
    let failed = TestCall("gpt-4o").with { $0.fields.status = .error }
    #expect(verdict(failed.with { $0.fields.timeToFirstToken = 0 }) == .unpriced(.noUsage))
    #expect(verdict(failed.with { $0.fields.finishReason = .error }) == .unpriced(.noUsage))
    #expect(verdict(failed.with { $0.fields.errorType = .cancelled }) == .unpriced(.noUsage))
    #expect(verdict(failed.with { $0.fields.errorType = .timeout }) == .priced(.free))
  }

  @Test func failureWithUsageIsPricedLikeASuccess() {
    #expect(verdict(used.with { $0.fields.status = .error }) == .priced(.table))
    #expect(verdict(TestCall("gpt-4o").usage(0, 1).with { $0.fields.status = .error }) == .priced(.table))
  }

  @Test func failureWithUsageOfNoKnownShapeIsNotFree() {
    let failed = TestCall("gpt-4o").with {
      $0.fields.status = .error
      $0.fields.usage.shape = .unknown
    }
    #expect(verdict(failed) == .unpriced(.unknownUsage))
  }

  // 5: unpriced

  @Test func unknownModelComesBeforeUnknownUsage() {
    #expect(verdict(TestCall("nobody-knows").usage(1, 1)) == .unpriced(.unknownModel))
    #expect(verdict(TestCall("nobody-knows").with { $0.fields.usage.shape = .unknown }) == .unpriced(.unknownModel))
    #expect(verdict(TestCall("gpt-4o").with { $0.fields.usage.shape = .unknown }) == .unpriced(.unknownUsage))
  }

  @Test func successWithoutUsageIsUnpricedWhereTheEntryNeedsIt() {
    #expect(verdict(TestCall("gpt-4o")) == .unpriced(.noUsage))
    #expect(verdict(TestCall("gpt-4o").usage(0, 0)) == .unpriced(.noUsage))
    #expect(verdict(TestCall("free-model")) == .priced(.table))
    #expect(Dollars.text(TestCall("by-request").cost(book).total) == "0.5")
  }

  @Test func classWithoutARateLeavesTheRestCounted() {
    let cost = TestCall("input-only").usage(100, 1).cost(book)
    #expect(cost.verdict == .unpriced(.noRate))
    #expect(Dollars.text(cost.total) == "0.0001")
    #expect(verdict(TestCall("input-only").usage(100, 0)) == .priced(.table))
    #expect(verdict(TestCall("ollama/llama3.2").usage(1, 1)) == .unpriced(.noRate))
    #expect(
      verdict(TestCall("gpt-4o").usage(1, 1).with { $0.fields.units.webSearchRequests = 1 }) == .unpriced(.noRate))
  }

  // 6: the table

  @Test func tablePricesAndZeroIsAPrice() {
    #expect(verdict(used) == .priced(.table))
    let free = TestCall("free-model").usage(10, 10).cost(book)
    #expect(free.verdict == .priced(.table))
    #expect(free.total == 0)
  }
}
