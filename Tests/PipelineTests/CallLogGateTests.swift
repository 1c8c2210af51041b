import Pipeline
import Testing

@Suite struct CallLogGateRules {
  static let second: Int64 = 1_000_000_000

  static func call(
    isError: Bool = false, latency: Int64 = 100_000_000, tokens: Int64 = 10, cost: Int128 = 0, weight: Int64 = 1
  ) -> CallLogGate.Call {
    CallLogGate.Call(isError: isError, latency: latency, tokens: tokens, cost: cost, weight: weight)
  }

  /// Admits so many calls within a second; gives back the rows and the calls that they stand for.
  static func run(
    _ gate: inout CallLogGate, calls: Int, second: Int64, call: CallLogGate.Call = call()
  ) -> (rows: Int64, weight: Int64) {
    var rows: Int64 = 0
    var weight: Int64 = 0
    for i in 0..<calls {
      let now = second * Self.second + Int64(i) * (Self.second / Int64(calls + 1))
      if let stoodFor = gate.weight(call, now: now) {
        rows += 1
        weight += stoodFor
      }
    }
    return (rows, weight)
  }

  @Test func underTheLimitEveryCallHasARowOfItsOwn() {
    var gate = CallLogGate(policy: CallLogPolicy(), seed: 1)
    for second in 0..<5 {
      let (rows, weight) = Self.run(&gate, calls: 4_999, second: Int64(second))
      #expect(rows == 4_999)
      #expect(weight == 4_999)
    }
  }

  @Test(arguments: [6_000, 20_000, 100_000, 1_000_000])
  func overTheLimitRowsStandForTheCallsBetweenThem(rate: Int) {
    var gate = CallLogGate(policy: CallLogPolicy(), seed: 7)
    var weight: Int64 = 0
    for second in 0..<4 {
      let result = Self.run(&gate, calls: rate, second: Int64(second))
      weight += result.weight
      #expect(result.rows <= (second == 0 ? 10_000 : 5_000 * 108 / 100))
    }
    #expect(weight + gate.calledButNotYetStoodFor == Int64(rate) * 4)
  }

  /// Nobody knows in its first second how long a flood will be: few calls are not to hang on one row all the same.
  @Test(arguments: [(200, 5_000), (200, 100_000), (5_000, 20_000), (5_000, 1_000_000)])
  func noRowOfAFloodsFirstSecondStandsForMuchOfIt(limit: Int64, calls: Int) {
    var policy = CallLogPolicy()
    policy.maxRowsPerSecond = limit
    var gate = CallLogGate(policy: policy, seed: 5)
    var largest: Int64 = 0
    for i in 0..<calls { largest = max(largest, gate.weight(Self.call(), now: Int64(i) * 900) ?? 0) }
    #expect(Int64(calls) / largest >= limit / 32)
  }

  @Test func whatIsSkippedAfterTheLastRowIsStoodForAfterAMinuteOrAtTheEnd() {
    var gate = CallLogGate(policy: CallLogPolicy(mode: .sampled(oneOf: 1_000_000)), seed: 1)
    #expect(gate.admit(Self.call(weight: 3), now: 0) == .skipped(isFirst: true, isNotable: false))
    #expect(gate.admit(Self.call(), now: 30 * Self.second) == .skipped(isFirst: false, isNotable: false))
    #expect(gate.takeRemainder(isNotable: false, now: 60 * Self.second - 1, isLast: false) == nil)
    #expect(gate.takeRemainder(isNotable: true, now: 60 * Self.second, isLast: true) == nil)
    #expect(gate.takeRemainder(isNotable: false, now: 60 * Self.second, isLast: false) == 4)
    #expect(gate.takeRemainder(isNotable: false, now: 60 * Self.second, isLast: true) == nil)
    #expect(gate.admit(Self.call(), now: 60 * Self.second) == .skipped(isFirst: true, isNotable: false))
    #expect(gate.takeRemainder(isNotable: false, now: 60 * Self.second, isLast: true) == 1)
  }

  @Test func slowAndFailedCallsKeepTheirRowsInAFlood() {
    var gate = CallLogGate(policy: CallLogPolicy(), seed: 3)
    var failed = 0
    for i in 0..<200_000 {
      let isError = i % 1_000 == 0
      let decision = gate.admit(Self.call(isError: isError), now: Int64(i) * 5_000)
      if isError, decision == .row(weight: 1, isNotable: true) { failed += 1 }
    }
    #expect(failed == 200)
  }

  @Test func aFloodOfFailuresIsBoundedToo() {
    var gate = CallLogGate(policy: CallLogPolicy(), seed: 3)
    let (rows, weight) = Self.run(&gate, calls: 100_000, second: 0, call: Self.call(isError: true))
    #expect(rows <= 10_000)
    #expect(weight + gate.calledButNotYetStoodFor == 100_000)
  }

  @Test func aSampleIsFairToTrafficThatRepeatsItself() {
    var gate = CallLogGate(policy: CallLogPolicy(mode: .sampled(oneOf: 10)), seed: 11)
    var weights = [Int64](repeating: 0, count: 10)
    for i in 0..<1_000_000 {
      if let weight = gate.weight(Self.call(), now: Int64(i) * 1_000_000) { weights[i % 10] += weight }
    }
    for weight in weights { #expect((95_000...105_000).contains(weight)) }
  }

  @Test func theBoundsOfWhatIsNotable() {
    var policy = CallLogPolicy(mode: .slowAndFailed)
    policy.slowLatency = 2 * Self.second
    policy.largeTokens = 1_000
    policy.dearCost = 50
    var gate = CallLogGate(policy: policy, seed: 1)
    #expect(gate.weight(Self.call(latency: 2 * Self.second - 1), now: 0) == nil)
    #expect(gate.weight(Self.call(latency: 2 * Self.second), now: 0) != nil)
    #expect(gate.weight(Self.call(tokens: 999), now: 0) == nil)
    #expect(gate.weight(Self.call(tokens: 1_000), now: 0) != nil)
    #expect(gate.weight(Self.call(cost: 49), now: 0) == nil)
    #expect(gate.weight(Self.call(cost: 50), now: 0) != nil)
    #expect(gate.weight(Self.call(isError: true), now: 0) != nil)
  }

  @Test func offIsOff() {
    var gate = CallLogGate(policy: CallLogPolicy(mode: .off), seed: 1)
    #expect(gate.weight(Self.call(isError: true), now: 0) == nil)
  }

  @Test func eventsThatStandForManyKeepTheirWeight() {
    var gate = CallLogGate(policy: CallLogPolicy(), seed: 1)
    #expect(gate.weight(Self.call(weight: 500), now: 0) == 500)
  }
}

extension CallLogGate {
  /// What the call's row stands for; nil: it has none.
  mutating func weight(_ call: Call, now: Int64) -> Int64? {
    if case .row(let weight, _) = admit(call, now: now) { return weight }
    return nil
  }
}
