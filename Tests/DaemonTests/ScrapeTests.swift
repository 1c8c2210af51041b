import Testing

@testable import Daemon

@Suite struct ScrapeTests {
  @Test func theGateLetsInAsManyAsAreAllowedAtOnce() {
    let gate = ScrapeGate(limit: 2)
    #expect(gate.enter())
    #expect(gate.enter())
    #expect(!gate.enter())
    gate.leave()
    #expect(gate.enter())
  }

  @Test func zeroIsNoLimit() {
    let gate = ScrapeGate(limit: 0)
    for _ in 0..<1000 { #expect(gate.enter()) }
  }

  @Test func aNewLimitHoldsForTheNextScrape() {
    let gate = ScrapeGate(limit: 1)
    #expect(gate.enter())
    gate.setLimit(2)
    #expect(gate.enter())
  }

  @Test(arguments: [
    (nil, 9.0), ("2.0", 1.8), ("0.5", 0.45), ("soon", 9), ("-1", 9), ("0", 9), ("nan", 9), ("inf", 9),
    ("1e300", 108),
  ])
  func aTenthOfTheScrapersPatienceIsLeftForTheWayBack(header: String?, seconds: Double) {
    #expect(abs(Double(MetricsEndpoint.patience(header: header).nanoseconds) / 1e9 - seconds) < 1e-6)
  }

  @Test func theLastMinuteIsTheDifferenceToTheOldestSample() {
    var window = RateWindow()
    for second in 0...100 {
      window.add(.init(received: Int64(second) * 10), at: Int64(second) * 1_000_000_000)
    }
    let last = window.difference(to: .init(received: 1010), at: 101_000_000_000)
    #expect(last.seconds == 60)
    #expect(last.counts.received == 600)
  }
}
