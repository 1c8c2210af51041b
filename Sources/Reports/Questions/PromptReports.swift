import Events
import Pricing
import Storage

extension CallSource {
  /// Prompts by their hash: how often, when first and last, what they cost; and how often people had to ask again.
  public func prompts(_ query: ReportQuery) throws -> Report {
    struct Prompt {
      var sums = Sums()
      var users: Set<String> = []
      var first = Int64.max
      var last = Int64.min
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
      prompt.sums.add(Sums(call))
      if !call.user.isEmpty, prompt.users.count < 10_000 { prompt.users.insert(call.user) }
      prompt.first = min(prompt.first, call.time)
      prompt.last = max(prompt.last, call.time)
      prompts[call.promptHash] = prompt
    }
    let sorted = prompts.sorted { ($1.value.sums.calls, $0.key) < ($0.value.sums.calls, $1.key) }
    let top = query.top ?? 25
    let all = prompts.values.reduce(into: Sums()) { $0.add($1.sums) }
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
            .count(all.calls), .count(Int64(prompts.count)), .count(repeats.count),
            .share(Int128(repeats.count), of: Int128(all.calls)),
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
          .text(hash), .count(prompt.sums.calls), .count(Int64(prompt.users.count)), .time(prompt.first),
          .time(prompt.last), .count(prompt.sums.tokens), .dollars(prompt.sums.cost),
          .share(prompt.sums.cost, of: all.cost),
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
      var sums = Sums()
      var user = ""
      var first = Int64.max
      var last = Int64.min
      var positive: Int64 = 0
      var negative: Int64 = 0
    }
    var conversations: [String: Conversation] = [:]
    func add(_ judgement: StoredJudgement, to session: String) {
      guard judgement.kind == .feedback else { return }
      if judgement.rating == .positive { conversations[session]?.positive += judgement.weight }
      if judgement.rating == .negative { conversations[session]?.negative += judgement.weight }
    }
    try eachJudged(query, texts: [.session, .user]) { call, judged in
      guard !call.session.isEmpty else { return }
      var conversation = conversations[call.session] ?? Conversation()
      conversation.sums.add(Sums(call))
      if conversation.user.isEmpty { conversation.user = call.user }
      conversation.first = min(conversation.first, call.time)
      conversation.last = max(conversation.last, call.time)
      conversations[call.session] = conversation
      for judgement in judged { add(judgement, to: judgement.session.isEmpty ? call.session : judgement.session) }
    } rest: { judgement in
      add(judgement, to: judgement.session)
    }
    var turns = Quantiles()
    for conversation in conversations.values { turns.add(conversation.sums.calls, weight: 1) }
    let sorted = conversations.sorted { a, b in
      let costs = (a.value.sums.cost, b.value.sums.cost)
      return costs.0 != costs.1 ? costs.0 > costs.1 : a.key < b.key
    }
    // A conversation with more thumbs up than down ended well; with as many of both, who knows.
    let rated = Int64(conversations.values.count { $0.positive != $0.negative })
    let satisfied = Int64(conversations.values.count { $0.positive > $0.negative })
    /// Exact, as amounts of money are: of the costs themselves, the dearest first.
    func cost(_ thousandths: Int) -> Cell {
      let rank = max(1, (sorted.count * thousandths + 999) / 1000)
      return rank <= sorted.count ? .dollars(sorted[sorted.count - rank].value.sums.cost) : .none
    }
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
            cost(500), cost(950), cost(1000), .count(rated),
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
          .duration(conversation.last - conversation.first), .count(conversation.sums.calls),
          .count(conversation.sums.tokens), .dollars(conversation.sums.cost), some(conversation.sums.errors),
          some(conversation.positive), some(conversation.negative),
        ]
      })
    return Report(
      name: "conversations", title: "Conversations", range: query.range, tables: [overview, table])
  }

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

  /// Each call that the filters let through with what was judged of it, and judgements of this time whose call is not
  /// there.
  func eachJudged(
    _ query: ReportQuery, texts: CallLogReader.Texts, _ body: (StoredCall, [StoredJudgement]) -> Void,
    rest: (StoredJudgement) -> Void
  ) throws {
    var grouping = try Grouping(by: [], filters: query.filters, zone: query.zone)
    let needed = grouping.needsUser ? texts.union(.user) : texts
    for (number, reader) in readers.enumerated() {
      grouping.add(sets: try reader.sets())
      var judgements = try JudgedCalls(reader, query)
      try reader.calls(in: query.range, texts: needed.union(judgements.texts)) { call in
        let judged = judgements.take(of: call)
        let key = grouping.key(
          reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time)
        if key != nil { body(call, judged) }
      }
      for judgement in judgements.rest {
        let key = judgement.set.flatMap { set in
          grouping.key(reader: number, set: set, user: judgement.user, outcome: 0, time: judgement.time)
        }
        if query.filters.isEmpty || key != nil { rest(judgement) }
      }
    }
  }
}
