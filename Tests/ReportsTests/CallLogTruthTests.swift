import CallMetrics
import CivilTime
import Events
import Foundation
import Pipeline
import Pricing
import Reports
import Storage
import Testing

/// The log says what the counters say: on random traffic through the real path into a real file.
@Suite struct CallLogTruth {
  struct Random {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    mutating func pick<T>(_ values: [T]) -> T { values[next(values.count)] }
  }

  static let now: Int64 = 1_795_255_200 * Instant.second

  static func line(_ random: inout Random, over hours: Int = 100) -> String {
    let model = random.pick(["gpt-4o", "gpt-4o-mini", "claude-haiku-4-5-20251001", "gemini-2.5-flash", "nobody-knows"])
    let ts = Double(now / Instant.second) - Double(random.next(hours * 3_600_000)) / 1000
    var fields = ["\"model\":\"\(model)\"", "\"ts\":\(ts)", "\"latency_ms\":\(random.next(30_000))"]
    fields.append("\"user\":\"user\(random.next(20))\"")
    fields.append("\"application\":\"\(random.pick(["chat", "search", ""]))\"")
    if random.next(10) == 0 {
      fields.append("\"error_type\":\"\(random.pick(["rate_limit", "timeout", "server_error"]))\"")
    } else {
      let input = random.next(5000)
      fields.append(
        """
        "usage":{"prompt_tokens":\(input),"completion_tokens":\(random.next(2000)),\
        "prompt_tokens_details":{"cached_tokens":\(random.next(input + 1))}}
        """)
    }
    if random.next(15) == 0 { fields.append("\"cache\":\"hit\"") }
    if random.next(15) == 0 { fields.append("\"attempt\":2") }
    if random.next(20) == 0 { fields.append("\"weight\":\(1 + random.next(50))") }
    if random.next(20) == 0 { fields.append("\"cost_usd\":\"0.00\(1 + random.next(900))\"") }
    return "{" + fields.joined(separator: ",") + "}"
  }

  static func log(seed: UInt64, calls: Int) throws -> LoggedCalls {
    var random = Random(state: seed)
    let log = try LoggedCalls(now: now)
    for _ in 0..<calls / 50 { log.send((0..<50).map { _ in line(&random) }) }
    return log
  }

  struct Totals: Equatable {
    var calls: Int64 = 0
    var errors: Int64 = 0
    var unpriced: Int64 = 0
    var cost: Picodollars = 0
    var tokens: [Int64] = [0, 0, 0, 0, 0]
  }

  private static func totalsOfRows(_ reader: CallLogReader) throws -> [Int64: Totals] {
    var hours: [Int64: Totals] = [:]
    try reader.calls(in: 0..<now + Instant.day) { call in
      var totals = hours[call.time / Instant.hour] ?? Totals()
      totals.calls += call.weight
      totals.errors += call.isError ? call.weight : 0
      totals.unpriced += call.isPriced ? 0 : call.weight
      totals.cost += call.totalCost
      if !call.isCacheHit {
        let usage = call.usage
        let tokens = [usage.input, usage.cachedInput, usage.cacheWrite, usage.output, usage.reasoning]
        for i in tokens.indices { totals.tokens[i] += tokens[i] * call.weight }
      }
      hours[call.time / Instant.hour] = totals
    }
    return hours
  }

  private static func totalsOfHours(_ reader: CallLogReader) throws -> [Int64: Totals] {
    var hours: [Int64: Totals] = [:]
    try reader.hours(in: 0..<now / Instant.hour + 24) { sums in
      var totals = hours[sums.hour] ?? Totals()
      totals.calls += sums.calls
      totals.errors += sums.outcome == 0 ? 0 : sums.calls
      totals.unpriced += sums.unpriced
      totals.cost += sums.cost
      let tokens = [sums.input, sums.cachedInput, sums.cacheWrite, sums.output, sums.reasoning]
      for i in tokens.indices { totals.tokens[i] += tokens[i] }
      hours[sums.hour] = totals
    }
    return hours
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func theSumsOfHoursAreTheSumsOfTheirRows(seed: UInt64) throws {
    let log = try Self.log(seed: seed &* 0x9e37_79b9, calls: 3_000)
    _ = try log.finish()
    let reader = try log.reader()
    let rows = try Self.totalsOfRows(reader)
    #expect(try Self.totalsOfHours(reader) == rows, "seed \(seed)")
    #expect(rows.count > 90)
  }

  /// Sums over all records of one word of the counters, by the family and label value that the catalogue gives it.
  private static func counter(_ family: String, _ value: String?, _ log: LoggedCalls) -> Int128 {
    var sum: Int128 = 0
    for table in log.registry.snapshot().tables {
      for group in table.layout.scalars where group.family.name == family {
        for (i, name) in group.values.enumerated() where value == nil || value == name {
          let isMoney = group.scale == .pico
          let word = group.firstWord + (isMoney ? 2 * i : i)
          for row in table.labels.indices {
            let base = row * table.layout.wordCount + word
            sum +=
              isMoney
              ? Int128(table.words[base + 1]) << 64 | Int128(UInt64(bitPattern: table.words[base]))
              : Int128(table.words[base])
          }
        }
      }
    }
    return sum
  }

  @Test(arguments: [5, 6] as [UInt64])
  func theLogOfAllCallsEqualsTheCounters(seed: UInt64) throws {
    let log = try Self.log(seed: seed &* 0x9e37_79b9, calls: 2_000)
    _ = try log.finish()
    let all = try Self.totalsOfRows(log.reader()).values.reduce(into: Totals()) { sum, hour in
      sum.calls += hour.calls
      sum.errors += hour.errors
      sum.unpriced += hour.unpriced
      sum.cost += hour.cost
      for i in sum.tokens.indices { sum.tokens[i] += hour.tokens[i] }
    }
    #expect(Int128(all.calls) == Self.counter("llm_requests_total", nil, log), "seed \(seed)")
    #expect(Int128(all.errors) == Self.counter("llm_errors_total", nil, log))
    #expect(Int128(all.unpriced) == Self.counter("llm_unpriced_requests_total", nil, log))
    #expect(all.cost == Self.counter("llm_cost_dollars_total", nil, log))
    #expect(Int128(all.tokens[1]) == Self.counter("llm_tokens_total", "cached_input", log))
    #expect(Int128(all.tokens[0] + all.tokens[3]) == Self.counter("llm_tokens_total", nil, log))
    #expect(log.dropped == 0)
  }

  /// The same question answered from rows alone (a time zone of half hours) and from the sums of hours.
  @Test func aReportFromHoursEqualsTheSameFromRows() throws {
    let log = try Self.log(seed: 77, calls: 2_000)
    let source = try log.finish()
    let halfHours = TimeZone(name: "half", offset: 1800)
    for by in [[Dimension.attribute(.model)], [.user, .status], [.errorType], [.attribute(.application), .user]] {
      var query = ReportQuery(range: Self.now - 70 * Instant.hour - 1..<Self.now + 7, zone: .utc, now: Self.now)
      query.by = by
      let fromHours = try source.cost(query)
      query.zone = halfHours
      #expect(try source.cost(query).tables == fromHours.tables)
    }
  }

  @Test func aSampleStandsForAllCalls() throws {
    var random = Random(state: 99)
    let log = try LoggedCalls(now: Self.now, policy: CallLogPolicy(mode: .sampled(oneOf: 10)))
    for _ in 0..<200 { log.send((0..<50).map { _ in Self.line(&random) }) }
    _ = try log.finish()
    var rows: Int64 = 0
    var calls: Int64 = 0
    try log.reader().calls(in: 0..<Self.now + Instant.day) { call in
      rows += 1
      calls += call.weight
    }
    let counted = Int64(Self.counter("llm_requests_total", nil, log))
    #expect(rows < 8_000)
    #expect(calls == counted)
  }

  @Test func usersAreHashedWhereTheConfigurationHasAKey() throws {
    let key = Array(0..<16).map(UInt8.init)
    let log = try LoggedCalls(now: Self.now, configuration: CallLogConfiguration(userHashKey: key))
    log.send([#"{"model":"gpt-4o","user":"ann"}"#])
    _ = try log.finish()
    var users: [String] = []
    try log.reader().calls(in: 0..<Self.now + Instant.day, texts: .user) { users.append($0.user) }
    #expect(users == [SipHash(key: key).hexadecimal(Array("ann".utf8))])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: log.path))
    #expect(bytes.range(of: Data("ann".utf8)) == nil)
  }

  /// The bounds of an event, often enough that their sums are beyond Int64.
  @Test func sumsBeyondAnyTrafficStopNoReport() throws {
    let log = try LoggedCalls(now: Self.now)
    let tokens = Int64(1) << 40
    for i in 0..<9 {
      log.send(
        (0..<100).map { n in
          """
          {"model":"gpt-4o","ts":\(Self.now / Instant.second - Int64(3600 * i + n)),"weight":10000,"user":"ann",\
          "session":"s","prompt_hash":"p","latency_ms":604800000,"error_type":"timeout","attempt":2,\
          "usage":{"prompt_tokens":\(tokens),"completion_tokens":\(tokens)}}
          """
        })
    }
    let source = try log.finish()
    var query = ReportQuery(range: Self.now - 3 * Instant.day..<Self.now + 7, zone: .utc, now: Self.now)
    for zone in [TimeZone.utc, TimeZone(name: "half", offset: 1800)] {
      query.zone = zone
      for name in ReportName.allCases where name != .trace {
        #expect(try !source.report(name, query).rendered(as: .json, zone: zone).isEmpty)
      }
      #expect(try source.usage(query).tables[0].rows[0].contains(.count(.max)))
    }
  }

  @Test func callsOfTheSameMomentAllHaveTheirRow() throws {
    let log = try LoggedCalls(now: Self.now)
    for _ in 0..<3 {
      log.send((0..<1_500).map { #"{"model":"gpt-4o","ts":1795250000,"id":"c\#($0)","user":"ann","cost_usd":1}"# })
    }
    _ = try log.finish()
    var count = 0
    var last: Int64 = 0
    try log.reader().calls(in: 0..<Self.now) { call in
      count += 1
      #expect(call.key > last)
      last = call.key
    }
    #expect(count == 4_500)
  }

  @Test func whatWasCapturedOfACallAndSaidAboutItGoesWithItsRow() throws {
    var policy = CallLogPolicy()
    policy.capturesText = true
    var configuration = CallLogConfiguration()
    configuration.maxFileBytes = 1
    let log = try LoggedCalls(now: Self.now, policy: policy, configuration: configuration)
    log.send([
      #"{"model":"gpt-4o","id":"a","error_type":"timeout","prompt":"a story of ann's"}"#,
      #"{"event":"feedback","id":"a","rating":"negative","comment":"what ann said"}"#,
      #"{"event":"feedback","model":"gpt-4o","rating":"negative","comment":"of no call"}"#,
    ])
    _ = try log.finish()
    #expect(try log.count("calls") == 1)
    #expect(try log.count("texts") == 3)
    try log.prune()
    #expect(try log.count("calls") == 0)
    #expect(try log.count("judgements") == 1)
    #expect(try log.count("texts") == 1)
  }
}
