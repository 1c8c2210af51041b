import Events
import Testing

@Suite struct TimeTests {
  private func timestamp(_ json: String) throws -> Int64 { try call(#""ts":\#(json)"#).fields.timestamp }

  @Test func rfc3339() throws {
    #expect(try timestamp(#""2026-11-21T09:00:00Z""#) == arrival)
    #expect(try timestamp(#""2026-11-21t09:00:00z""#) == arrival)
    #expect(try timestamp(#""2026-11-21T10:30:00+01:30""#) == arrival)
    #expect(try timestamp(#""2026-11-20T23:00:00-10:00""#) == arrival)
    #expect(try timestamp(#""2026-11-21T09:00:00+0000""#) == arrival)
    #expect(try timestamp(#""2026-11-21T05:30:00.000-0330""#) == arrival)
    #expect(try timestamp(#""2026-11-21T09:00:00.000Z""#) == arrival)
    #expect(try timestamp(#""2026-11-21T08:59:59.123456789Z""#) == arrival - 876_543_211)
    #expect(try timestamp(#""2026-11-21T08:59:59.1234567899Z""#) == arrival - 876_543_211)
    #expect(try timestamp(#""2026-11-21 09:00:00+00:00""#) == arrival)
    #expect(try timestamp(#""1970-01-01T00:00:00Z""#) == 0)
    #expect(try timestamp(#""2000-02-29T12:00:00Z""#) == 951_825_600_000_000_000)
    #expect(try timestamp(#""2016-12-31T23:59:60Z""#) == 1_483_228_800_000_000_000)
  }

  @Test func withoutAnOffsetItIsUTC() throws {
    #expect(try timestamp(#""2026-11-21T09:00:00""#) == arrival)
    #expect(try timestamp(#""2026-11-21T09:00:00.5""#) == arrival + 500_000_000)
  }

  @Test func epochsBySize() throws {
    #expect(try timestamp("1795251600") == arrival)
    #expect(try timestamp("1795251600.25") == arrival + 250_000_000)
    #expect(try timestamp("1795251600000") == arrival)
    #expect(try timestamp("1795251600000.5") == arrival + 500_000)
    #expect(try timestamp("1795251600000000") == arrival)
    #expect(try timestamp("1795251600000000000") == arrival)
    #expect(try timestamp(#""1795251600""#) == arrival)
    #expect(try timestamp("1.7952516e9") == arrival)
    #expect(try timestamp("0") == 0)
    #expect(try timestamp("100000000000") == 100_000_000_000_000_000)
  }

  @Test func anHourAheadIsTheLimit() throws {
    #expect(try timestamp(#""2026-11-21T10:00:00Z""#) == arrival + 3_600_000_000_000)
    #expect(rejection(#"{"model":"m","ts":"2026-11-21T10:00:00.000000001Z"}"#) == "bad_field: ts")
    #expect(rejection(#"{"model":"m","ts":99999999999}"#) == "bad_field: ts")
  }

  @Test(arguments: [
    #""yesterday""#, #""2026-13-01T00:00:00Z""#, #""2026-02-29T00:00:00Z""#, #""2026-11-21""#,
    #""2026-11-21T24:00:00Z""#,
    #""2026-11-21T09:60:00Z""#, #""2026-11-21T09:00:00.Z""#, #""2026-11-21T09:00:00+01""#,
    #""2026-11-21T09:00:00+01:0""#, #""2026-11-21T09:00:00+2400""#, #""2026-11-21T09:00:00+0:00""#,
    #""2026-11-21T09:00:00Zx""#,
    #""1900-01-01T00:00:00Z""#, "-1", "true", "[]", "1e30", #""1970-01-01T00:00:00+01:00""#,
    #""2026-11-21T09:00:00+24:00""#,
  ])
  func isNoTime(_ time: String) {
    #expect(rejection(#"{"model":"m","ts":\#(time)}"#) == "bad_field: ts", "\(time)")
  }

  @Test func startAndEndGiveLatencyAndTime() throws {
    let event = try call(#""start":1795251590,"end":1795251598.75,"completion_start_time":1795251591.5"#)
    #expect(event.fields.latency == 8_750_000_000)
    #expect(event.fields.timeToFirstToken == 1_500_000_000)
    #expect(event.fields.timestamp == arrival - 1_250_000_000)
    let texts = try call(#""startTime":"2026-11-21T08:00:00Z","endTime":"2026-11-21T08:00:02.5Z""#)
    #expect(texts.fields.latency == 2_500_000_000)
  }

  /// LiteLLM says the end where it saw no first token.
  @Test func anAnswerThatBeganAtItsEndCameInOnePiece() throws {
    for first in ["1795251598.75", "1795251598.8"] {
      let event = try call(#""start":1795251590,"end":1795251598.75,"completion_start_time":\#(first)"#)
      #expect(event.fields.latency == 8_750_000_000)
      #expect(event.fields.timeToFirstToken == -1)
    }
    let unfinished = try call(#""start":1795251590,"completion_start_time":1795251591"#)
    #expect(unfinished.fields.timeToFirstToken == 1_000_000_000)
  }

  /// Go's zero time among them.
  @Test(arguments: [#""yesterday""#, "true", "{}", "-1", #""0001-01-01T00:00:00Z""#])
  func whatIsNoTimeLeavesTheLatencyUnknown(_ time: String) throws {
    let noStart = try call(#""start":\#(time),"end":1795251590"#).fields
    #expect(noStart.latency == -1)
    #expect(noStart.timestamp == arrival - 10_000_000_000)
    let noEnd = try call(#""start":1795251590,"end":\#(time),"completion_start_time":\#(time)"#).fields
    #expect((noEnd.latency, noEnd.timeToFirstToken, noEnd.timestamp) == (-1, -1, -1))
  }

  @Test func statedTimesWin() throws {
    let event = try call(
      #""start":1795251590,"end":1795251598,"ts":1795251599,"latency_ms":5,"ttft_ms":2,"completionStartTime":1795251591"#
    )
    #expect(event.fields.latency == 5_000_000)
    #expect(event.fields.timeToFirstToken == 2_000_000)
    #expect(event.fields.timestamp == arrival - 1_000_000_000)
  }

  @Test func aClockThatWasSetBackLeavesTheLatencyUnknown() throws {
    #expect(try call(#""start":1795251598,"end":1795251590"#).fields.latency == -1)
    #expect(rejection(#"{"model":"m","start":1795251600,"end":1794000000}"#) == nil)
    #expect(rejection(#"{"model":"m","start":1700000000,"end":1795251600}"#) == "bad_field: end")
  }
}
