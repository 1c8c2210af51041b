import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct TopSpendersTests {
  /// The same numbers every time: xorshift64.
  struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return state
    }
  }

  @Test func fewUsersAreCountedExactly() {
    var spenders = TopSpenders()
    for round in 1...3 {
      for user in 1...UInt64(TopSpenders.capacity) { spenders.add(user, Int128(user) * Int128(round)) { "" } }
    }
    let first = spenders.first(3)
    #expect(first.map(\.user) == [1024, 1023, 1022])
    let sums: [Int128] = [6_144, 6_138, 6_132]
    #expect(first.map(\.certain) == sums)
    let errors = spenders.counters.map(\.error).filter { $0 != 0 }
    #expect(errors.isEmpty)
  }

  @Test(arguments: [1, 2, 3, 4, 5])
  func ofManyUsersEverySumIsOffByAThousandthOfAllAtMost(seed: UInt64) {
    var random = Seeded(state: seed)
    var spenders = TopSpenders()
    var truth: [UInt64: Int128] = [:]
    var total: Int128 = 0
    for _ in 0..<50_000 {
      // Few spend much, many a little.
      let user =
        UInt64.random(in: 1...20, using: &random) == 1
        ? UInt64.random(in: 1...50, using: &random) : UInt64.random(in: 100...20_000, using: &random)
      let dollars = Int128(
        user <= 50 ? Int.random(in: 100...1_000, using: &random) : Int.random(in: 1...10, using: &random))
      spenders.add(user &* 0x9e37_79b9_7f4a_7c15, dollars) { "" }
      truth[user &* 0x9e37_79b9_7f4a_7c15, default: 0] += dollars
      total += dollars
    }
    #expect(spenders.counters.count == TopSpenders.capacity)
    #expect(Set(spenders.counters.map(\.user)).count == TopSpenders.capacity)
    for counter in spenders.counters {
      let spent = truth[counter.user] ?? 0
      #expect(counter.certain <= spent && spent <= counter.dollars, "seed \(seed)")
      #expect(counter.error <= total / Int128(TopSpenders.capacity), "seed \(seed)")
    }
    let wanted = truth.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(10).map(\.key)
    #expect(Set(spenders.first(10).map(\.user)) == Set(wanted), "seed \(seed)")
  }

  @Test(arguments: [1, 2, 3])
  func theIndexAgreesWithADictionary(seed: UInt64) {
    var random = Seeded(state: seed)
    var index = HashIndex(capacity: 64)
    var model: [UInt64: Int32] = [:]
    for step in 0..<20_000 {
      // Few different hashes, with the same home for many of them.
      let hash = UInt64.random(in: 1...40, using: &random) % 7 << 32 | UInt64.random(in: 60...66, using: &random)
      if model[hash] != nil {
        index.remove(hash)
        model[hash] = nil
      } else if model.count < 32 {
        index.insert(Int32(step), of: hash)
        model[hash] = Int32(step)
      }
      if step % 50 == 0 {
        for (hash, value) in model { #expect(index.value(of: hash) == value, "seed \(seed), step \(step)") }
      }
      #expect(index.value(of: hash) == model[hash], "seed \(seed), step \(step)")
    }
  }
}

@Suite struct TopUsersTests {
  /// 2026-11-18, 12:00 UTC.
  static let noon: Int64 = 1_795_003_200

  func registry(_ change: (inout RegistryConfiguration) -> Void = { _ in }) -> Registry {
    var configuration = RegistryConfiguration(userHashKey: Array(0..<16))
    change(&configuration)
    return Registry(configuration: configuration, prices: .testBook)
  }

  /// A thousandth of a dollar for each of `calls`.
  func spend(_ user: String, calls: Int64, in registry: Registry, at seconds: Int64 = noon) {
    var event = HandMadeEvent(model: "priced")
    event.usage(input: 100, output: 100)
    event.set(\.user, user)
    event.event.fields.weight = calls
    event.record(in: registry, at: seconds)
  }

  func shown(_ registry: Registry, _ window: String) -> [(user: String, thousandths: Int128)] {
    let family = registry.snapshot().families.first { $0.family.name == "llm_top_user_cost_dollars" }
    return (family?.samples ?? []).filter { $0.labels[1].value == window }.compactMap {
      if case .pico(let value) = $0.value { ($0.labels[0].value, value / 1_000_000_000) } else { nil }
    }
  }

  @Test func theOnesWhoSpentMostAreShownHashedAndInOrder() {
    let registry = registry { $0.topUsers = 2 }
    for (user, calls) in [("ann", 3), ("bob", 7), ("cid", 5), ("ann", 3)] as [(String, Int64)] {
      spend(user, calls: calls, in: registry)
    }
    let hash = SipHash(key: Array(0..<16))
    for window in ["day", "month"] {
      let shown = shown(registry, window)
      #expect(shown.map(\.user) == ["bob", "ann"].map { hash.hexadecimal(Array($0.utf8)) })
      #expect(shown.map(\.thousandths) == [7, 6])
    }
  }

  @Test func aNewDayBeginsAtZeroAndTheMonthGoesOn() {
    let registry = registry()
    spend("ann", calls: 1, in: registry)
    registry.tick(now: (Self.noon + 43_200) * 1_000_000_000)
    #expect(shown(registry, "day").isEmpty)
    #expect(shown(registry, "month").map(\.thousandths) == [1])
    spend("ann", calls: 2, in: registry, at: Self.noon + 43_201)
    #expect(shown(registry, "day").map(\.thousandths) == [2])
    #expect(shown(registry, "month").map(\.thousandths) == [3])
  }

  @Test func idsThatAreNotHashedAreShownAsTheyAre() {
    let registry = registry { $0.userHashKey = nil }
    spend("ann", calls: 1, in: registry)
    #expect(shown(registry, "day").map(\.user) == ["ann"])
  }

  @Test func withoutAPlaceNobodyIsShown() {
    let registry = registry { $0.topUsers = 0 }
    spend("ann", calls: 1, in: registry)
    #expect(!registry.snapshot().families.contains { $0.family.name == "llm_top_user_cost_dollars" })
  }

  @Test func freeCallsRankNobody() {
    let registry = registry()
    var event = HandMadeEvent(model: "priced")
    event.set(\.user, "ann")
    event.event.fields.cache = .hit
    event.record(in: registry, at: Self.noon)
    #expect(shown(registry, "day").isEmpty)
  }
}
