import Testing

@testable import CallMetrics

@Suite struct UsersActiveTests {
  static let day: Int64 = 86_400_000_000_000
  static let now: Int64 = 1_790_000_000_000_000_000

  /// Spread over all 64 bits, as keyed hashes are.
  private func user(_ number: Int) -> UInt64 {
    var stream = SipHash(key: Array(0..<16)).stream()
    stream.combine(UInt64(number))
    return stream.finish()
  }

  private func add(_ users: Range<Int>, to active: inout UsersActive, at now: Int64) {
    for number in users { active.add(user(number), now: now) }
  }

  private func shown(_ active: UsersActive) -> [String: Int64] {
    Dictionary(
      uniqueKeysWithValues: active.families[0].samples.map { sample in
        guard case .integer(let users) = sample.value else { return ("", -1) }
        return (sample.labels[0].value, users)
      })
  }

  /// Estimates: of so few users they are off by two at most.
  private func expect(_ active: UsersActive, _ wanted: [String: Int64]) {
    let shown = shown(active)
    #expect(shown.count == wanted.count)
    #expect(shown.allSatisfy { abs($1 - wanted[$0, default: -9]) <= 2 }, "\(shown)")
  }

  @Test func countsDistinctUsersOfEachWindow() {
    var active = UsersActive()
    add(0..<50, to: &active, at: Self.now - 3 * Self.day)
    add(40..<60, to: &active, at: Self.now)
    expect(active, ["1h": 20, "1d": 20, "7d": 60, "30d": 60])
  }

  /// By 400 days and an hour and a half, so that no step lies in the place of one that is needed again.
  @Test func aClockThatWasAheadLeavesNoTrace() {
    var active = UsersActive()
    add(0..<50, to: &active, at: Self.now)
    add(100..<105, to: &active, at: Self.now + 400 * Self.day + Self.day / 16)
    active.pass(to: Self.now)
    add(50..<80, to: &active, at: Self.now)
    expect(active, ["1h": 80, "1d": 80, "7d": 80, "30d": 80])
  }

  @Test func aStepThatAClockAheadHasFilledIsUsedAgain() {
    var active = UsersActive()
    add(0..<50, to: &active, at: Self.now + 360 * Self.day)
    active.pass(to: Self.now)
    add(50..<80, to: &active, at: Self.now)
    expect(active, ["1h": 30, "1d": 30, "7d": 30, "30d": 30])
  }

  @Test func whatAStoreHasOfTheFutureIsPassedOver() {
    var ahead = UsersActive()
    add(0..<50, to: &ahead, at: Self.now + 360 * Self.day)
    var active = UsersActive()
    active.pass(to: Self.now)
    add(50..<80, to: &active, at: Self.now)
    active.merge(ahead.takeChanges(), areChanged: false)
    expect(active, ["1h": 30, "1d": 30, "7d": 30, "30d": 30])
  }

  @Test func aStoreGetsAllOfItAgainOnceTheClockWasSetBack() {
    var active = UsersActive()
    active.pass(to: Self.now + 1)
    add(0..<5, to: &active, at: Self.now)
    #expect(active.takeChanges().count == 3)
    active.pass(to: Self.now + 2)
    #expect(active.takeChanges().isEmpty)
    active.pass(to: Self.now)
    #expect(active.takeChanges().count == 3)
  }
}

@Suite struct DistinctCounterTests {
  /// The mean of 50 counters is off by 0.33% as a rule.
  @Test(arguments: [1, 100, 2_000, 5_000, 8_000])
  func isAsGoodAsItSaysAtEverySize(size: Int) {
    let counters = 50
    var bias = 0.0
    var square = 0.0
    for number in 0..<counters {
      let hash = SipHash(key: [UInt8(number)])
      var counter = DistinctCounter()
      for value in 0..<size {
        var stream = hash.stream()
        stream.combine(UInt64(value))
        counter.add(stream.finish())
      }
      let error = counter.estimate / Double(size) - 1
      bias += error / Double(counters)
      square += error * error / Double(counters)
    }
    #expect(abs(bias) < 0.01, "bias \(bias)")
    #expect(square.squareRoot() < DistinctCounter.standardError * 1.25, "rms \(square.squareRoot())")
  }

  @Test func nothingIsNothing() { #expect(DistinctCounter().estimate == 0) }
}
