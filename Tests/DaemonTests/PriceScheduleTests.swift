import Testing

@testable import Daemon

@Suite struct PriceScheduleTests {
  private let second: Int64 = 1_000_000_000

  private func settings(url: String = "https://example.org/prices.json", every seconds: Int64 = 1000)
    -> Configuration.Prices
  {
    var settings = Configuration.Prices()
    settings.url = url
    settings.refreshInterval = .seconds(seconds)
    return settings
  }

  @Test func withoutAURLNothingIsEverDue() {
    var schedule = PriceSchedule()
    schedule.observe(settings(url: ""), keptSince: nil, now: 5)
    #expect(schedule.due == nil)
  }

  @Test func theFirstFetchIsDueAtOnce() {
    var schedule = PriceSchedule()
    schedule.observe(settings(), keptSince: nil, now: 5)
    #expect(schedule.isDue(now: 5))
  }

  @Test func aTableKeptFromAnEarlierRunIsNotFetchedAgainBeforeItsTime() {
    var schedule = PriceSchedule()
    schedule.observe(settings(), keptSince: 10 * second, now: 500 * second)
    #expect(schedule.due == 1010 * second)
  }

  @Test(arguments: [(0.0, 900), (0.5, 1000), (0.999, 1099)])
  func theNextFetchComesATenthSoonerOrLater(random: Double, seconds: Int64) {
    var schedule = PriceSchedule()
    schedule.observe(settings(), keptSince: nil, now: 0)
    schedule.attempted(succeeded: true, now: 0, random: random)
    #expect(schedule.due.map { $0 / second } == seconds)
  }

  @Test func afterAFailureItComesSooner() {
    var schedule = PriceSchedule()
    schedule.observe(settings(), keptSince: nil, now: 0)
    schedule.attempted(succeeded: false, now: 0, random: 0.5)
    #expect(schedule.due == PriceSchedule.retry)
  }

  @Test func anIntervalOfZeroFetchesUntilItSucceedsOnce() {
    var schedule = PriceSchedule()
    schedule.observe(settings(every: 0), keptSince: nil, now: 0)
    schedule.attempted(succeeded: false, now: 0, random: 0.5)
    #expect(schedule.due == PriceSchedule.retry)
    schedule.attempted(succeeded: true, now: 0, random: 0.5)
    #expect(schedule.due == nil)
    schedule.observe(settings(every: 0), keptSince: nil, now: 1)
    #expect(schedule.due == nil)
  }

  @Test func anotherURLIsFetchedAtOnce() {
    var schedule = PriceSchedule()
    schedule.observe(settings(), keptSince: nil, now: 0)
    schedule.attempted(succeeded: true, now: 0, random: 0.5)
    schedule.observe(settings(url: "https://example.org/other.json"), keptSince: nil, now: 7)
    #expect(schedule.isDue(now: 7))
  }
}
