import CivilTime
import Events
import Foundation
import Pipeline
import Pricing
import Reports
import Storage
import Testing

@Suite struct Exchange {
  static let now: Int64 = 1_795_255_200 * Instant.second
  static func query() -> ReportQuery { ReportQuery(range: 0..<now + Instant.day, zone: .utc, now: now) }

  static func exported(_ source: CallSource, as format: ExportFormat = .ndjson) throws -> String {
    var text = ""
    try source.export(query(), as: format) { text += $0 }
    return text
  }

  @Test func whatIsExportedComesBackAsTheSameRows() throws {
    let log = try CallLogTruth.log(seed: 4_242, calls: 1_500)
    let source = try log.finish()
    let text = try Self.exported(source)
    #expect(text.split(separator: "\n").count == 1_500)

    let copy = try LoggedCalls(now: Self.now)
    let copied = try copy.finish()
    var taken = CallImport(try CallLogEditor(path: copy.path))
    for line in text.split(separator: "\n") { try taken.take(String(line)) }
    try taken.finish()
    #expect((taken.added, taken.known, taken.refused) == (1_500, 0, 0))
    #expect(try Self.exported(copied) == text)
    for by in [[Dimension.attribute(.model)], [.user, .errorType]] {
      var query = Self.query()
      query.by = by
      #expect(try copied.cost(query) == source.cost(query))
      #expect(try copied.usage(query) == source.usage(query))
    }

    var again = CallImport(try CallLogEditor(path: copy.path))
    for line in text.split(separator: "\n") { try again.take(String(line)) }
    try again.finish()
    #expect((again.added, again.known) == (0, 1_500))
    #expect(try Self.exported(copied) == text)
  }

  /// With all that a field of CSV can hold: quotes, line ends, signs of a formula, and an apostrophe before one.
  @Test(arguments: ExportFormat.allCases)
  func eitherFormatComesBackAsTheSameRows(format: ExportFormat) throws {
    let log = try LoggedCalls(now: Self.now, labelNames: ["tenant"])
    log.send((GoldenReports.lines() + GoldenReports.judgedLines()).filter { !$0.contains(#""event""#) })
    log.send([
      """
      {"model":"a,\"b\"","user":"=1+1","session":"'=1+1","id":"two\\nlines \\"x\\"","trace_id":"-1","span_id":"+","order":3,\
      "labels":{"tenant":"x=1;\\"y\\""},"latency_ms":1.5,"stream":false,"temperature":0.25,"audio_seconds":3,"batch":true}
      """
    ])
    let source = try log.finish()
    let text = try Self.exported(source, as: format)
    let copy = try LoggedCalls(now: Self.now)
    let copied = try copy.finish()
    for isFirst in [true, false] {
      var taken = CallImport(try CallLogEditor(path: copy.path))
      for line in text.unicodeScalars.split(separator: "\n") { try taken.take(String(line)) }
      try taken.finish()
      #expect(taken.refused == 0)
      #expect((taken.added > 0) == isFirst)
    }
    for format in ExportFormat.allCases {
      #expect(try Self.exported(copied, as: format) == Self.exported(source, as: format))
    }
  }

  @Test(arguments: ["a,b", "\"never closed", "2026-11-21T08:33:20.25Z,success"])
  func aRowOfCSVThatIsNoneIsRefused(row: String) throws {
    let log = try LoggedCalls(now: Self.now)
    log.send([#"{"model":"gpt-4o"}"#])
    let head = try Self.exported(try log.finish(), as: .csv).split(separator: "\r\n")[0]
    var taken = CallImport(try CallLogEditor(path: log.path))
    for line in [String(head), row] { try taken.take(line) }
    try taken.finish()
    #expect((taken.added, taken.refused) == (0, 1))
  }

  @Test func judgementsComeBackWithTheirCalls() throws {
    let log = try LoggedCalls(now: Self.now)
    log.send(GoldenReports.lines() + GoldenReports.judgedLines())
    log.send([
      #"{"event":"feedback","model":"gpt-4o","application":"shop","score":4,"max":5,"user":"ann","session":"s"}"#,
      #"{"event":"score","model":"gpt-4o","name":"tone","score":0.25,"evaluator":"rule","weight":3}"#,
      #"{"event":"score","model":"gpt-4o","name":"tone","score":0.25,"evaluator":"rule","weight":3}"#,
    ])
    let source = try log.finish()
    let text = try Self.exported(source)
    let copy = try LoggedCalls(now: Self.now)
    let copied = try copy.finish()
    for expected in [(9, 0), (0, 9)] {
      var taken = CallImport(try CallLogEditor(path: copy.path))
      for line in text.split(separator: "\n") { try taken.take(String(line)) }
      try taken.finish()
      #expect((taken.judgementsAdded, taken.judgementsKnown) == expected)
    }
    #expect(try Self.exported(copied) == text)
    for name in [ReportName.quality, .conversations, .models, .users] {
      #expect(try copied.report(name, GoldenReports.query()) == source.report(name, GoldenReports.query()))
    }
  }

  /// Senders without ids, by a clock of whole seconds: they cannot be told apart, and are ten calls all the same.
  @Test func equalCallsAreAsManyAsTheyWere() throws {
    let log = try LoggedCalls(now: Self.now)
    log.send((0..<1_500).map { _ in #"{"model":"gpt-4o","ts":1795250000,"cost_usd":1}"# })
    let source = try log.finish()
    let text = try Self.exported(source)
    let copy = try LoggedCalls(now: Self.now)
    let copied = try copy.finish()
    for expected in [(1_500, 0), (0, 1_500)] {
      var taken = CallImport(try CallLogEditor(path: copy.path))
      for line in text.split(separator: "\n") { try taken.take(String(line)) }
      try taken.finish()
      #expect((taken.added, taken.known) == expected)
      #expect(try Self.exported(copied) == text)
    }
  }

  /// Two hosts' calls in one file, of which some have the same place.
  @Test func callsOfAnotherHostFindRoomBesideThem() throws {
    let line = { (user: String) in #"{"model":"gpt-4o","ts":1795250000,"user":"\#(user)"}"# }
    let hosts = try ["ann", "bob"].map { user in
      let log = try LoggedCalls(now: Self.now)
      log.send((0..<100).map { _ in line(user) })
      return try Self.exported(try log.finish())
    }
    let copy = try LoggedCalls(now: Self.now)
    _ = try copy.finish()
    for expected in [(200, 0), (0, 200)] {
      var taken = CallImport(try CallLogEditor(path: copy.path))
      for line in hosts.joined().split(separator: "\n") { try taken.take(String(line)) }
      try taken.finish()
      #expect((taken.added, taken.known) == expected)
    }
  }

  @Test(arguments: [
    "no json", "{}", #"{"model":"gpt-4o"}"#, #"{"log":{"key":1}}"#,
    #"{"log":{"key":-1,"cost_dollars":"1","priced_by":"table"}}"#,
    #"{"log":{"key":1,"cost_dollars":"-1","priced_by":"table"}}"#,
    #"{"log":{"key":1,"cost_dollars":"1","priced_by":"nobody"}}"#,
    #"{"log":{"key":9223372036854775807,"cost_dollars":"1","priced_by":"table"}}"#,
    #"{"weight":4611686018427387904,"log":{"key":1,"cost_dollars":"1","priced_by":"table"}}"#,
    #"{"weight":0,"log":{"key":1,"cost_dollars":"1","priced_by":"table"}}"#,
    #"{"input_tokens":1099511627777,"log":{"key":1,"cost_dollars":"1","priced_by":"table"}}"#,
    #"{"input_tokens":1,"output_tokens":-1,"log":{"key":1,"cost_dollars":"1","priced_by":"table"}}"#,
    // A negative count of images, in the row's detail.
    #"{"log":{"key":1,"cost_dollars":"1","priced_by":"table","detail":"0d01"}}"#,
  ])
  func aLineOfNoExportIsRefused(line: String) throws {
    let log = try LoggedCalls(now: Self.now)
    _ = try log.finish()
    var taken = CallImport(try CallLogEditor(path: log.path))
    try taken.take(line)
    try taken.finish()
    #expect((taken.added, taken.refused) == (0, 1))
  }

  @Test func csvHasAHeadAndARowACall() throws {
    let log = try LoggedCalls(now: Self.now)
    log.send([
      #"{"model":"gpt-4o","ts":1795250000.25,"user":"=cmd()","usage":{"prompt_tokens":10,"completion_tokens":1}}"#
    ])
    let lines = try Self.exported(try log.finish(), as: .csv).split(separator: "\r\n")
    #expect(lines.count == 2)
    #expect(lines[1].hasPrefix("2026-11-21T08:33:20.25Z,success,,,,,1,1,,,10,0,0,1,0,0.000035,table,"))
    #expect(lines[1].contains(",'=cmd(),"))
  }

  @Test func aReplayKeepsThePace() {
    var pace = ReplayPace(speed: 10)
    #expect(pace.wait(for: 1_000, now: 50) == nil)
    #expect(pace.wait(for: 2_000, now: 60) == 90)
    #expect(pace.wait(for: 2_000, now: 150) == nil)
    var slow = ReplayPace(speed: 1e-300)
    #expect(slow.wait(for: 1_000, now: 50) == nil)
    #expect(slow.wait(for: 2_000, now: 50) ?? 0 > 1_000_000_000_000_000_000)
    #expect(slow.wait(for: 0, now: 50) == nil)
    var unpaced = ReplayPace(speed: 0)
    #expect(unpaced.wait(for: 1_000, now: 0) == nil)
    #expect(unpaced.wait(for: 9_000, now: 0) == nil)
  }

  @Test func aForgottenUserLeavesNothingInTheFile() throws {
    let log = try LoggedCalls(now: Self.now)
    log.send((0..<1_200).map { #"{"model":"gpt-4o","user":"forgettable-\#($0 % 2)","id":"x\#($0)"}"# })
    log.send([#"{"event":"feedback","id":"x0","user":"forgettable-0","rating":"positive"}"#])
    let source = try log.finish()
    let gone = try CallLogEditor(path: log.path).forget(users: ["forgettable-0"])
    #expect(gone == CallLogEditor.Forgotten(calls: 600, judgements: 1, texts: 0, hours: 1))
    for name in [log.path, log.path + "-wal"] where FileManager.default.fileExists(atPath: name) {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: name))
      #expect(bytes.range(of: Data("forgettable-0".utf8)) == nil, "\(name)")
    }
    let users = try source.users(Self.query())
    #expect(users.tables[1].rows.map { $0[0] } == [.text("forgettable-1")])
  }

  /// What was said of the user's calls goes too, by whatever it names them, and nothing of anybody else's.
  @Test func whatWasSaidOfAForgottenUsersCallsGoesWithItsText() throws {
    var policy = CallLogPolicy()
    policy.capturesText = true
    let log = try LoggedCalls(now: Self.now, policy: policy)
    log.send([
      #"{"event":"feedback","id":"early","rating":"negative","comment":"before its call"}"#,
      #"{"model":"gpt-4o","user":"ann","id":"early"}"#,
      #"{"model":"gpt-4o","user":"ann","id":"a","trace_id":"t","error_type":"timeout","prompt":"a story"}"#,
      #"{"model":"gpt-4o","user":"bob","id":"b"}"#,
      #"{"event":"feedback","id":"a","rating":"negative","comment":"ann's"}"#,
      #"{"event":"score","trace_id":"t","name":"good","score":0.1,"evaluator":"expert"}"#,
      #"{"event":"feedback","id":"b","rating":"negative","comment":"bob's"}"#,
    ])
    let source = try log.finish()
    let gone = try CallLogEditor(path: log.path).forget(users: ["ann"])
    #expect(gone == CallLogEditor.Forgotten(calls: 2, judgements: 3, texts: 3, hours: 2))
    let bytes = try Data(contentsOf: URL(fileURLWithPath: log.path))
    for text in ["a story", "ann's", "before its call"] { #expect(bytes.range(of: Data(text.utf8)) == nil, "\(text)") }
    #expect(bytes.range(of: Data("bob's".utf8)) != nil)
    #expect(try source.quality(Self.query()).tables[0].rows[0].contains(.count(1)))
  }

  @Test func aCorrectionIsInRowsAndSumsOfHoursAlike() throws {
    let log = try CallLogTruth.log(seed: 808, calls: 1_000)
    let source = try log.finish()
    let table = """
      {"gpt-4o": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1e-06,
        "cache_read_input_token_cost": 1e-07, "output_cost_per_token": 2e-05},
       "nobody-knows": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 3.3e-07,
        "output_cost_per_token": 7e-07}}
      """
    let book = try PriceBook(layers: [.shipped, .table(Array(table.utf8), name: "corrected")])
    let expected = try source.repriced(Self.query(), with: book).report.tables[0].total?[3]
    _ = try Correction.write(
      into: CallLogEditor(path: log.path), Self.query(), book, countersFollow: true)

    let again = try source.repriced(Self.query(), with: book).report.tables[0]
    #expect(again.total?[2] == expected)
    #expect(again.total?[4] == .dollars(0))
    var query = Self.query()
    let fromHours = try source.cost(query)
    query.zone = TimeZone(name: "half", offset: 1800)
    #expect(try source.cost(query).tables == fromHours.tables)
  }

  @Test func aReportThatMayTakeNoTimeIsGivenUp() throws {
    let log = try CallLogTruth.log(seed: 99, calls: 50)
    _ = try log.finish()
    let source = CallSource([try CallLogReader(path: log.path, patience: .zero)])
    for name in [ReportName.cost, .slow, .quality] {
      #expect(throws: ReadTookTooLong.self) { try source.report(name, Self.query()) }
    }
  }

  @Test func aFileOfAnotherKindIsRefused() throws {
    let path = NSTemporaryDirectory() + "no-log-\(UUID().uuidString).db"
    try Data("nothing of ours".utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(throws: (any Error).self) { try CallLogReader(path: path) }
    #expect(throws: (any Error).self) { try CallLogEditor(path: path) }
  }
}
