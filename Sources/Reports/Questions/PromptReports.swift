import Events
import Pricing
import Storage

extension CallSource {
  /// Prompts by their hash: how often, when first and last, what they cost; and how often people had to ask again.
  public func prompts(_ query: ReportQuery) throws -> Report {
    struct Prompt {
      var calls: Int64 = 0
      var users: Set<String> = []
      var first = Int64.max
      var last = Int64.min
      var cost: Picodollars = 0
      var tokens: Int64 = 0
    }
    var prompts: [String: Prompt] = [:]
    var unnamed: Int64 = 0
    var repeats = RepeatedPrompts()
    try each(query, texts: [.promptHash, .user, .session]) { call, _ in
      if call.promptHash.isEmpty {
        unnamed += call.weight
        return
      }
      if !call.isCacheHit { repeats.add(call) }
      var prompt = prompts[call.promptHash] ?? Prompt()
      prompt.calls += call.weight
      if !call.user.isEmpty, prompt.users.count < 10_000 { prompt.users.insert(call.user) }
      prompt.first = min(prompt.first, call.time)
      prompt.last = max(prompt.last, call.time)
      prompt.cost += call.totalCost
      prompt.tokens += (call.usage.input + call.usage.output) * call.weight
      prompts[call.promptHash] = prompt
    }
    let sorted = prompts.sorted { ($1.value.calls, $0.key) < ($0.value.calls, $1.key) }
    let top = query.top ?? 25
    let all = prompts.values.reduce(Picodollars(0)) { $0 + $1.cost }
    let calls = prompts.values.reduce(Int64(0)) { $0 + $1.calls }
    let overview = ReportTable(
      key: "overview", title: "All prompts",
      columns: [
        Column("calls", "Calls"), Column("prompts", "Prompts"), Column("repeats", "Asked again"),
        Column("repeat_rate", "Share"),
      ],
      rows: prompts.isEmpty
        ? []
        : [
          [
            .count(calls), .count(Int64(prompts.count)), .count(repeats.count),
            .share(Int128(repeats.count), of: Int128(calls)),
          ]
        ])
    let table = ReportTable(
      key: "prompts", title: "Prompts by calls",
      columns: [
        Column("prompt_hash", "Prompt", isNumber: false), Column("calls", "Calls"), Column("users", "Users"),
        Column("first_seen", "First seen", isNumber: false, mayShrink: false),
        Column("last_seen", "Last seen", isNumber: false, mayShrink: false), Column("tokens", "Tokens"),
        Column("cost_dollars", "Cost"), Column("share", "Share", hasBar: true),
      ],
      rows: sorted.prefix(top).map { hash, prompt in
        [
          .text(hash), .count(prompt.calls), .count(Int64(prompt.users.count)), .time(prompt.first), .time(prompt.last),
          .count(prompt.tokens), .dollars(prompt.cost), .share(prompt.cost, of: all),
        ]
      })
    var notes: [String] = []
    if sorted.count > top { notes.append("\(sorted.count - top) more prompts; --top shows more.") }
    if unnamed > 0 { notes.append("\(DecimalText.grouped(String(unnamed))) calls carry no prompt_hash.") }
    return Report(name: "prompts", title: "Prompts", range: query.range, tables: [overview, table], notes: notes)
  }

  /// The rule of `llm_repeated_prompts_total`: the same prompt of the same user, or of the same session where no user is
  /// named, within ten minutes.
  private struct RepeatedPrompts {
    private static let window: Int64 = 600_000_000_000
    /// Pairs that are remembered: a period with more of them shows fewer repeats than there were.
    private static let limit = 1_000_000
    private struct Pair: Hashable {
      var prompt, who: String
    }
    private var last: [Pair: Int64] = [:]
    private(set) var count: Int64 = 0

    mutating func add(_ call: StoredCall) {
      let who = call.user.isEmpty ? call.session : call.user
      if who.isEmpty { return }
      let pair = Pair(prompt: call.promptHash, who: who)
      if let before = last[pair], abs(call.time - before) <= Self.window { count += call.weight }
      if last[pair] != nil || last.count < Self.limit { last[pair] = call.time }
    }
  }

  /// Conversations: their turns, length, cost, and how people liked them.
  public func conversations(_ query: ReportQuery) throws -> Report {
    struct Conversation {
      var turns: Int64 = 0
      var errors: Int64 = 0
      var user = ""
      var first = Int64.max
      var last = Int64.min
      var cost: Picodollars = 0
      var tokens: Int64 = 0
      var positive: Int64 = 0
      var negative: Int64 = 0
    }
    var conversations: [String: Conversation] = [:]
    var keys: [Int64: String] = [:]
    let judged = try judgements(query.range)
    let judgedKeys = Set(judged.compactMap(\.call))
    try each(query, texts: [.session, .user]) { call, _ in
      guard !call.session.isEmpty else { return }
      var conversation = conversations[call.session] ?? Conversation()
      conversation.turns += call.weight
      conversation.errors += call.isError ? call.weight : 0
      if conversation.user.isEmpty { conversation.user = call.user }
      conversation.first = min(conversation.first, call.time)
      conversation.last = max(conversation.last, call.time)
      conversation.cost += call.totalCost
      conversation.tokens += (call.usage.input + call.usage.output) * call.weight
      conversations[call.session] = conversation
      if judgedKeys.contains(call.key) { keys[call.key] = call.session }
    }
    for judgement in judged where judgement.kind == .feedback {
      let session = judgement.session.isEmpty ? judgement.call.flatMap { keys[$0] } ?? "" : judgement.session
      if judgement.rating == .positive { conversations[session]?.positive += judgement.weight }
      if judgement.rating == .negative { conversations[session]?.negative += judgement.weight }
    }
    var turns = Quantiles()
    var cost = Quantiles()
    for conversation in conversations.values {
      turns.add(conversation.turns, weight: 1)
      cost.add(Int64(clamping: conversation.cost), weight: 1)
    }
    let sorted = conversations.sorted { a, b in
      a.value.cost != b.value.cost ? a.value.cost > b.value.cost : a.key < b.key
    }
    // A conversation with more thumbs up than down ended well; with as many of both, who knows.
    let rated = Int64(conversations.values.count { $0.positive != $0.negative })
    let satisfied = Int64(conversations.values.count { $0.positive > $0.negative })
    func dollars(_ amount: Int64?) -> Cell { amount.map { .dollars(Picodollars($0)) } ?? .none }
    func count(_ count: Int64?) -> Cell { count.map(Cell.count) ?? .none }
    let overview = ReportTable(
      key: "overview", title: "All conversations",
      columns: [
        Column("conversations", "Conversations"), Column("turns_p50", "Turns p50"), Column("turns_p95", "p95"),
        Column("cost_p50_dollars", "Cost p50"), Column("cost_p95_dollars", "p95"), Column("cost_max_dollars", "Max"),
        Column("rated", "Rated"), Column("satisfied", "Satisfied"),
      ],
      rows: conversations.isEmpty
        ? []
        : [
          [
            .count(Int64(conversations.count)), count(turns.quantile(500)), count(turns.quantile(950)),
            dollars(cost.quantile(500)), dollars(cost.quantile(950)), dollars(cost.largest), .count(rated),
            .share(Int128(satisfied), of: Int128(rated)),
          ]
        ])
    let table = ReportTable(
      key: "conversations", title: "Dearest conversations",
      columns: [
        Column("session", "Conversation", isNumber: false), Column("user", "User", isNumber: false),
        Column("started", "Started", isNumber: false, mayShrink: false), Column("lasted_seconds", "Lasted"),
        Column("turns", "Turns"), Column("tokens", "Tokens"), Column("cost_dollars", "Cost"),
        Column("errors", "Errors"), Column("positive", "Positive"), Column("negative", "Negative"),
      ],
      rows: sorted.prefix(query.top ?? 25).map { session, conversation in
        func some(_ count: Int64) -> Cell { count > 0 ? .count(count) : .none }
        return [
          .text(session), .text(conversation.user), .time(conversation.first),
          .duration(conversation.last - conversation.first), .count(conversation.turns), .count(conversation.tokens),
          .dollars(conversation.cost), some(conversation.errors), some(conversation.positive),
          some(conversation.negative),
        ]
      })
    return Report(
      name: "conversations", title: "Conversations", range: query.range, tables: [overview, table])
  }

  /// The calls of a chain in order, with the waits between them, retries and fallbacks.
  public func trace(_ query: ReportQuery, id: String) throws -> Report {
    var calls: [(call: StoredCall, set: CallSet)] = []
    try each(query, texts: [.ids, .user, .session]) { call, set in
      if call.traceID == id || call.callID == id || call.session == id, calls.count < 10_000 {
        calls.append((call, set))
      }
    }
    // A call's time is its end: what began first stands first.
    func began(_ call: StoredCall) -> Int64 { call.time - max(0, call.latency) }
    calls.sort { (began($0.call), $0.call.key) < (began($1.call), $1.call.key) }
    guard let first = calls.first.map({ began($0.call) }) else {
      return Report(
        name: "trace", title: "Trace \(id)", range: query.range,
        tables: [ReportTable(key: "trace", title: "Trace \(id)", columns: Self.traceColumns)],
        notes: ["No logged call of this time has this trace, id or session."])
    }
    var end = first
    let rows = calls.map { call, set -> [Cell] in
      let start = began(call)
      defer { end = max(end, call.time) }
      var what: [String] = []
      if call.attempt > 1 { what.append("attempt \(call.attempt)") }
      if !set.fallbackFrom.isEmpty { what.append("instead of \(set.fallbackFrom)") }
      if call.isCacheHit { what.append("cache hit") }
      return [
        .duration(start - first), .duration(max(0, start - end)), .duration(max(0, call.latency)), .text(set.model),
        .text(call.errorType?.label ?? "success"), .text(what.joined(separator: ", ")),
        call.usage.shape == .known ? .count(call.usage.input) : .none,
        call.usage.shape == .known ? .count(call.usage.output) : .none,
        .dollars(call.totalCost, known: call.isPriced), .text(call.callID),
      ]
    }
    let cost = calls.reduce(Picodollars(0)) { $0 + $1.call.totalCost }
    let last = calls.reduce(first) { max($0, $1.call.time) }
    let table = ReportTable(
      key: "trace", title: "Trace \(id)", columns: Self.traceColumns, rows: rows,
      total: [.text("Total"), .none, .duration(last - first)] + [Cell](repeating: .none, count: 5)
        + [.dollars(cost), .none])
    return Report(name: "trace", title: "Trace \(id)", range: query.range, tables: [table])
  }

  private static let traceColumns = [
    Column("began_after_seconds", "Began after"), Column("waited_seconds", "Waited"), Column("took_seconds", "Took"),
    Column("model", "Model", isNumber: false), Column("status", "Status", isNumber: false, mayShrink: false),
    Column("remark", "Remark", isNumber: false), Column("input_tokens", "Input"), Column("output_tokens", "Output"),
    Column("cost_dollars", "Cost"), Column("call_id", "Call", isNumber: false),
  ]

  /// Each call that the filters let through, with what it has in common with others.
  func each(
    _ query: ReportQuery, texts: CallLogReader.Texts, _ body: (StoredCall, CallSet) -> Void
  ) throws {
    var grouping = try Grouping(by: [], filters: query.filters, zone: query.zone)
    let needed = grouping.needsUser ? texts.union(.user) : texts
    for (number, reader) in readers.enumerated() {
      let sets = try reader.sets()
      grouping.add(sets: sets)
      try reader.calls(in: query.range, texts: needed) { call in
        guard
          grouping.key(reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time) != nil
        else { return }
        body(call, sets[call.set] ?? CallSet())
      }
    }
  }

  /// Judgements of a time. A judgement may come long after its call: it is looked for in the time of the calls and up
  /// to the present.
  func judgements(_ range: Range<Int64>) throws -> [StoredJudgement] {
    var judgements: [StoredJudgement] = []
    for reader in readers { try reader.judgements(in: range) { judgements.append($0) } }
    return judgements
  }
}
