import CallMetrics
import Pricing
import Testing

@testable import Daemon

@Suite struct LiveFeedTests {
  private let feed: LiveFeed

  init() throws {
    feed = LiveFeed(
      Registry(configuration: RegistryConfiguration(), prices: try PriceBook(layers: [])), started: WallClock.now)
  }

  private static func report(_ records: Int = 0) -> StatusReport {
    var report = StatusReport()
    report.records = records
    return report
  }

  @Test func whoJoinsIsToldAtOnce() async throws {
    let client = try #require(feed.join { Self.report(7) })
    var frames = client.frames.makeAsyncIterator()
    let frame = try #require(await frames.next())
    #expect(frame.now.contains(#""records":7"#))
  }

  @Test func whoDoesNotReadMissesAllButTheNewestAndNobodyWaits() async throws {
    let slow = try #require(feed.join { Self.report() })
    for i in 1...1_000 { feed.tick { Self.report(i) } }
    feed.end()
    var seen: [String] = []
    for await frame in slow.frames { seen.append(frame.now) }
    #expect(seen.count == 1)
    #expect(seen.first?.contains(#""records":1000"#) == true)
  }

  @Test func noReportIsMadeWhileNobodyWatches() throws {
    var reports = 0
    let client = try #require(feed.join { Self.report() })
    feed.leave(client)
    for _ in 0..<10 {
      feed.tick {
        reports += 1
        return Self.report()
      }
    }
    #expect(reports == 0)
  }

  @Test func thereIsRoomForSoManyAndAPlaceIsFreeAgain() throws {
    let clients = (0..<LiveFeed.maxClients).compactMap { _ in feed.join { Self.report() } }
    #expect(clients.count == LiveFeed.maxClients)
    #expect(feed.join { Self.report() } == nil)
    feed.leave(clients[3])
    #expect(feed.join { Self.report() } != nil)
  }

  @Test func afterTheEndEveryStreamIsOverAndNobodyJoins() async throws {
    let client = try #require(feed.join { Self.report() })
    feed.end()
    var frames = 0
    for await _ in client.frames { frames += 1 }
    #expect(frames == 1)
    #expect(feed.join { Self.report() } == nil)
  }
}
