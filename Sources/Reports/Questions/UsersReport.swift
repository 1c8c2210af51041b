import CivilTime
import Events
import Pricing
import Storage

extension CallSource {
  /// Who uses it: how often, for how much, who came back, who said something about it.
  public func users(_ query: ReportQuery) throws -> Report {
    let gathered = try sums(query, by: [.user, .time(.day)])
    var users: [String: UserSums] = [:]
    var activeByDay: [Int64: Int64] = [:]
    var anonymous: Int64 = 0
    for (key, sums) in gathered.groups {
      if key.user.isEmpty {
        anonymous += sums.calls
        continue
      }
      users[key.user, default: UserSums()].add(sums, day: key.time)
      activeByDay[key.time, default: 0] += 1
    }
    try addFeedback(query, to: &users)
    let sorted = users.sorted { a, b in
      a.value.sums.cost != b.value.sums.cost ? a.value.sums.cost > b.value.sums.cost : a.key < b.key
    }
    let all = users.values.reduce(into: Sums()) { $0.add($1.sums) }
    let top = query.top ?? 25
    let table = ReportTable(
      key: "users", title: "Users", columns: Self.userColumns,
      rows: sorted.prefix(top).map { [.text($0.key)] + $0.value.cells(all) })
    var notes: [String] = []
    if sorted.count > top { notes.append("\(sorted.count - top) more users; --top shows more.") }
    if anonymous > 0 { notes.append("\(DecimalText.grouped(String(anonymous))) calls name no user.") }
    notes += gathered.notes
    return Report(
      name: "users", title: "Users", range: query.range,
      tables: [Self.activity(users, activeByDay, try activeDays(query, users), query), table], notes: notes)
  }

  private static let userColumns = [
    Column("user", "User", isNumber: false), Column("calls", "Calls"), Column("active_days", "Active days"),
    Column("calls_per_active_day", "Per active day"), Column("tokens", "Tokens"), Column("cost_dollars", "Cost"),
    Column("share", "Share", hasBar: true), Column("errors", "Errors"), Column("feedback", "Feedback"),
    Column("negative_feedback", "Negative"), Column("last_active_day", "Last active", isNumber: false),
  ]

  private static func activity(
    _ users: [String: UserSums], _ activeByDay: [Int64: Int64], _ activeDays: [String: Set<Int64>],
    _ query: ReportQuery
  ) -> ReportTable {
    let first = query.zone.local(Instant.seconds(query.range.lowerBound)).date.daysSinceEpoch
    let last = query.zone.local(Instant.seconds(max(query.range.lowerBound, query.range.upperBound - 1))).date
      .daysSinceEpoch
    let days = Int64(last - first + 1)
    let daily = activeByDay.values.reduce(0, +)
    func active(_ window: Int) -> Int64 {
      Int64(activeDays.values.count { days in days.contains { $0 > Int64(last - window) } })
    }
    return ReportTable(
      key: "activity", title: "Activity",
      columns: [
        Column("users", "Users"), Column("daily_active", "Daily active, mean"),
        Column("active_1d", "Last day"), Column("active_7d", "Last 7 days"), Column("active_30d", "Last 30 days"),
        Column("stickiness", "Daily of 30 days"), Column("gave_feedback", "Gave feedback"),
      ],
      rows: users.isEmpty
        ? []
        : [
          [
            .count(Int64(users.count)), .mean(thousandths: daily * 1000 / days), .count(active(1)), .count(active(7)),
            .count(active(30)), .share(Int128(daily), of: Int128(days) * Int128(active(30))),
            .count(Int64(users.values.count { $0.feedback > 0 })),
          ]
        ])
  }

  /// A judgement is its user's, else that of its call's user.
  private func addFeedback(_ query: ReportQuery, to users: inout [String: UserSums]) throws {
    func add(_ judgement: StoredJudgement, of user: String) {
      guard judgement.kind == .feedback, users[user] != nil else { return }
      users[user]?.feedback += judgement.weight
      if judgement.rating == .negative { users[user]?.negative += judgement.weight }
    }
    try eachJudged(query, texts: .user) { call, judged in
      for judgement in judged { add(judgement, of: judgement.user.isEmpty ? call.user : judgement.user) }
    } rest: { judgement in
      add(judgement, of: judgement.user)
    }
  }

  /// Who called on which days in the month up to the end of the time asked about, whenever that begins.
  private func activeDays(_ query: ReportQuery, _ users: [String: UserSums]) throws -> [String: Set<Int64>] {
    var days = users.mapValues(\.days)
    var before = query
    let start = max(0, query.range.upperBound - 30 * Instant.day)
    guard start < query.range.lowerBound else { return days }
    before.range = start..<query.range.lowerBound
    for key in try sums(before, by: [.user, .time(.day)]).groups.keys where !key.user.isEmpty {
      days[key.user, default: []].insert(key.time)
    }
    return days
  }
}

/// What one user did.
private struct UserSums {
  var sums = Sums()
  /// Days since 1970 with a call.
  var days: Set<Int64> = []
  var feedback: Int64 = 0
  var negative: Int64 = 0

  mutating func add(_ other: Sums, day: Int64) {
    sums.add(other)
    days.insert(day)
  }

  func cells(_ all: Sums) -> [Cell] {
    [
      .count(sums.calls), .count(Int64(days.count)),
      days.isEmpty ? .none : .mean(thousandths: Int64(clamping: Int128(sums.calls) * 1000 / Int128(days.count))),
      .count(sums.tokens),
      .dollars(sums.cost), .share(sums.cost, of: all.cost), sums.errors > 0 ? .count(sums.errors) : .none,
      feedback > 0 ? .count(feedback) : .none, negative > 0 ? .count(negative) : .none,
      .text(CivilDate(daysSinceEpoch: Int(days.max() ?? 0)).text),
    ]
  }
}
