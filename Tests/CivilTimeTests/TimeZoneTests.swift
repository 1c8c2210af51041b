import CivilTime
import Foundation
import Testing

private typealias Zone = CivilTime.TimeZone
private typealias TheirZone = Foundation.TimeZone

@Suite struct TimeZones {
  /// Every hour and a bit, over years with listed transitions and years with the rule only, against Foundation.
  @Test(arguments: [
    "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/St_Johns", "Asia/Tokyo",
    "Europe/Dublin", "Pacific/Apia",
  ])
  func offsetsAreThoseOfFoundation(name: String) throws {
    let ours = try #require(Zone(named: name))
    let theirs = try #require(TheirZone(identifier: name))
    for time in stride(from: 946_684_800, to: 2_000_000_000, by: 40_009) {
      #expect(ours.offset(at: time) == theirs.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time))))
    }
  }

  @Test func aDayThatLosesAnHourIsAnHourShorter() throws {
    let berlin = try #require(Zone(named: "Europe/Berlin"))
    let spring = try #require(CivilDate(year: 2026, month: 3, day: 29))
    let autumn = try #require(CivilDate(year: 2026, month: 10, day: 25))
    #expect(berlin.time(of: spring.adding(days: 1)) - berlin.time(of: spring) == 23 * 3600)
    #expect(berlin.time(of: autumn.adding(days: 1)) - berlin.time(of: autumn) == 25 * 3600)
  }

  @Test func anHourThatComesTwiceMeansTheFirst() throws {
    let berlin = try #require(Zone(named: "Europe/Berlin"))
    let autumn = try #require(CivilDate(year: 2026, month: 10, day: 25))
    let time = berlin.time(of: autumn, seconds: 2 * 3600 + 1800)
    #expect(Instant.text(Int64(time) * Instant.second, in: berlin) == "2026-10-25T02:30:00+02:00")
    #expect(Instant.text(Int64(time + 3600) * Instant.second, in: berlin) == "2026-10-25T02:30:00+01:00")
  }

  @Test func aFileWithoutListedTransitionsLivesByItsRule() throws {
    // What zic -b slim writes for a zone that changed its mind long ago: headers, one type, the rule.
    func header(_ version: Character) -> [UInt8] {
      Array("TZif\(version)".utf8) + Array(repeating: 0, count: 15)
        + [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4]
    }
    let type: [UInt8] = [0, 0, 0x0e, 0x10, 0, 0] + Array("CET\0".utf8)
    let file = header("2") + type + header("2") + type + Array("\nCET-1CEST,M3.5.0,M10.5.0/3\n".utf8)
    let slim = try #require(Zone(name: "slim", file: file))
    let berlin = try #require(Zone(named: "Europe/Berlin"))
    for time in stride(from: 1_000_000_000, to: 4_000_000_000, by: 100_003) {
      #expect(slim.offset(at: time) == berlin.offset(at: time))
    }
  }

  @Test(arguments: ["", "Mars/Phobos", "../../etc/passwd", "/etc/localtime", "Europe"])
  func noSuchZone(name: String) {
    #expect(Zone(named: name) == nil)
  }

  @Test func aDamagedFileIsNoZone() throws {
    let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: "/usr/share/zoneinfo/Europe/Berlin")))
    #expect(Zone(name: "whole", file: whole) != nil)
    for count in 0..<min(whole.count, 2000) {
      #expect(Zone(name: "cut", file: Array(whole[..<count])) == nil)
    }
  }
}
