import CivilTime
import Events
import Foundation
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

  @Test(arguments: [
    "no json", "{}", #"{"model":"gpt-4o"}"#, #"{"log":{"key":1}}"#,
    #"{"log":{"key":-1,"cost_dollars":"1","priced_by":"table"}}"#,
    #"{"log":{"key":1,"cost_dollars":"-1","priced_by":"table"}}"#,
    #"{"log":{"key":1,"cost_dollars":"1","priced_by":"nobody"}}"#,
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

  /// Sent to another daemon, the calls count as they did here.
  @Test func aReplayCountsAsTheOriginalDid() throws {
    let log = try CallLogTruth.log(seed: 31, calls: 500)
    let source = try log.finish()
    let other = try LoggedCalls(now: Self.now)
    try source.replay(Self.query()) { line, _ in other.send([line]) }
    let replayed = try other.finish()
    #expect(try replayed.cost(Self.query()) == source.cost(Self.query()))
    #expect(try replayed.errors(Self.query()) == source.errors(Self.query()))
  }

  @Test func aReplayKeepsThePace() {
    var pace = ReplayPace(speed: 10)
    #expect(pace.wait(for: 1_000, now: 50) == nil)
    #expect(pace.wait(for: 2_000, now: 60) == 90)
    #expect(pace.wait(for: 2_000, now: 150) == nil)
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
    let expected = try source.reprice(Self.query(), with: book).tables[0].total?[3]
    _ = try Correction.write(
      into: CallLogEditor(path: log.path), Self.query(), book, countersFollow: true)

    let again = try source.reprice(Self.query(), with: book).tables[0]
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
