import Events
import Pricing
import Storage

/// How a group was judged, and what it cost.
struct Quality {
  var sums = Sums()
  /// Of the calls that have a price.
  var priced = Sums()
  var latency = Quantiles()
  var positive: Int64 = 0
  var negative: Int64 = 0
  var neutral: Int64 = 0
  var faults: [FaultCategory: Int64] = [:]
  /// In 1e-9.
  var scores: Int128 = 0
  var scored: Int64 = 0

  var rated: Int64 { positive + negative + neutral }

  mutating func add(_ judgement: StoredJudgement) {
    switch judgement.rating {
    case .positive: positive += judgement.weight
    case .negative: negative += judgement.weight
    case .neutral: neutral += judgement.weight
    case nil: break
    }
    if judgement.category != .none { faults[judgement.category, default: 0] += judgement.weight }
    if judgement.scoreNano >= 0 {
      scores += Int128(judgement.scoreNano) * Int128(judgement.weight)
      scored += judgement.weight
    }
  }

  mutating func add(_ call: StoredCall) {
    sums.add(Sums(call))
    if call.isPriced { priced.add(Sums(call)) }
    if !call.isError, !call.isCacheHit { latency.add(call.latency, weight: call.weight) }
  }

  /// In thousandths; nil where nobody scored.
  var meanScore: Int64? {
    scored > 0 ? Int64(clamping: (scores + Int128(scored) * 500_000) / (Int128(scored) * 1_000_000)) : nil
  }

  var costPerCall: Picodollars? { priced.calls > 0 ? priced.cost / Picodollars(priced.calls) : nil }

  /// Dollars of a million tokens as they were used, which is what one pays, whatever the mix of classes.
  var costPerMillionTokens: Picodollars? {
    priced.tokens > 0 ? priced.cost * 1_000_000 / Picodollars(priced.tokens) : nil
  }
}

extension CallSource {
  /// Calls and what was judged about them, by group: a judgement counts where its call does. One that names no call
  /// that is known counts where its own model and labels put it.
  func quality(_ query: ReportQuery, by: [Dimension]) throws -> Gathered<Quality> {
    var gathered = Gathered<Quality>(grouping: try Grouping(by: by, filters: query.filters, zone: query.zone))
    for (number, reader) in readers.enumerated() {
      gathered.grouping.add(sets: try reader.sets())
      var judgements = try JudgedCalls(reader, query)
      try reader.calls(in: query.range, texts: judgements.texts.union(.user)) { call in
        let judged = judgements.take(of: call)
        guard
          let key = gathered.grouping.key(
            reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time)
        else { return }
        gathered.groups[key, default: Quality()].add(call)
        for judgement in judged { gathered.groups[key, default: Quality()].add(judgement) }
      }
      for judgement in judgements.rest {
        guard let set = judgement.set,
          let key = gathered.grouping.key(
            reader: number, set: set, user: judgement.user, outcome: 0, time: judgement.time)
        else { continue }
        gathered.groups[key, default: Quality()].add(judgement)
      }
    }
    return gathered
  }

  /// How answers were judged, by people and by evaluators.
  public func quality(_ query: ReportQuery) throws -> Report {
    let by = query.by.isEmpty ? [.attribute(.model)] : query.by
    let gathered = try quality(query, by: by)
    let (first, rest) = gathered.ordered(
      top: query.top ?? 25, size: { Int128($0.rated.plus($0.scored)) << 64 + Int128($0.sums.calls) })
    func some(_ count: Int64) -> Cell { count > 0 ? .count(count) : .none }
    let faults = FaultCategory.allCases.filter { fault in
      fault != .none && gathered.groups.values.contains { $0.faults[fault] != nil }
    }
    let table = ReportTable(
      key: "quality", title: "Quality",
      columns: by.map(\.column) + [
        Column("calls", "Calls"), Column("mean_score", "Score"), Column("scores", "Scores"),
        Column("positive", "Positive"), Column("negative", "Negative"), Column("neutral", "Neutral"),
        Column("negative_share", "Negative share"), Column("feedback_share", "Calls rated"),
      ]
        + faults.map {
          Column("fault_" + $0.label, $0.label.split(separator: "_").joined(separator: " ").capitalizedFirst)
        }
        + [Column("cost_per_call_dollars", "Cost per call")],
      rows: first.map { values, quality in
        values.map(Cell.text) + [
          .count(quality.sums.calls), quality.meanScore.map(Cell.score(thousandths:)) ?? .none, some(quality.scored),
          some(quality.positive), some(quality.negative), some(quality.neutral),
          .share(Int128(quality.negative), of: Int128(quality.rated)),
          .share(Int128(quality.rated), of: Int128(quality.sums.calls)),
        ] + faults.map { some(quality.faults[$0] ?? 0) } + [quality.costPerCall.map(Cell.dollars) ?? .none]
      })
    return Report(
      name: "quality", title: "Quality", range: query.range, tables: [table],
      notes: rest.isEmpty ? [] : ["\(rest.count) more groups; --top shows more."])
  }

  /// What a model has to hold to be recommended.
  public struct ModelBounds: Sendable {
    /// 0…1 in thousandths.
    public var minQuality: Int64?
    /// Nanoseconds.
    public var maxLatencyP95: Int64?
    /// In thousandths.
    public var maxErrorRate: Int64?
    /// Calls below which a model's numbers say little.
    public var minCalls: Int64 = 20
    public init() {}
  }

  /// Models side by side, the cheapest first: price as a multiple of the cheapest, and which of them hold the bounds.
  public func models(_ query: ReportQuery, bounds: ModelBounds) throws -> Report {
    let gathered = try quality(query, by: [.attribute(.model)])
    let models = gathered.groups.map { (name: gathered.grouping.values($0.key)[0], quality: $0.value) }
      .filter { $0.quality.sums.calls > 0 }
    let sorted = models.sorted { a, b in
      let prices = (a.quality.costPerMillionTokens ?? .max, b.quality.costPerMillionTokens ?? .max)
      return prices.0 != prices.1 ? prices.0 < prices.1 : a.name < b.name
    }
    // The cheapest of those that cost anything: a model of one's own may cost nothing.
    let cheapest = sorted.lazy.compactMap { $0.quality.costPerMillionTokens }.first { $0 > 0 } ?? 1
    var recommended: String?
    let rows = sorted.map { model -> [Cell] in
      let misses = Self.misses(model.quality, bounds)
      let price = model.quality.costPerMillionTokens
      if misses.isEmpty, recommended == nil, price != nil { recommended = model.name }
      let errors = model.quality.sums
      return [
        .text(model.name), .count(errors.calls), price.map(Cell.dollars) ?? .none,
        price.map { .multiple(thousandths: Int64(clamping: $0 * 1000 / cheapest)) } ?? .none,
        model.quality.costPerCall.map(Cell.dollars) ?? .none,
        model.quality.meanScore.map(Cell.score(thousandths:)) ?? .none,
        model.quality.latency.quantile(950).map(Cell.duration) ?? .none,
        .share(Int128(errors.errors), of: Int128(errors.calls)),
        .text(misses.isEmpty ? "yes" : "no: " + misses.joined(separator: ", ")),
      ]
    }
    let table = ReportTable(
      key: "models", title: "Models",
      columns: [
        Column("model", "Model", isNumber: false), Column("calls", "Calls"),
        Column("dollars_per_million_tokens", "Per million tokens"), Column("relative_price", "Relative"),
        Column("cost_per_call_dollars", "Per call"), Column("mean_score", "Score"),
        Column("p95_seconds", "p95"), Column("error_rate", "Errors"), Column("holds", "Holds", isNumber: false),
      ], rows: rows)
    let verdict =
      recommended.map { "The cheapest model that holds the bounds is \($0)." } ?? "No model holds the bounds."
    return Report(name: "models", title: "Models", range: query.range, tables: [table], notes: [verdict])
  }

  /// What of the bounds a model does not hold; unknown is not held.
  private static func misses(_ quality: Quality, _ bounds: ModelBounds) -> [String] {
    var misses: [String] = []
    if quality.sums.calls < bounds.minCalls { misses.append("few calls") }
    // What a tenth of the calls cost nobody knows.
    if Int128(quality.sums.unpriced) * 10 > Int128(quality.sums.calls) { misses.append("unpriced") }
    if let least = bounds.minQuality, quality.meanScore.map({ $0 < least }) ?? true { misses.append("score") }
    if let most = bounds.maxLatencyP95, quality.latency.quantile(950).map({ $0 > most }) ?? true {
      misses.append("latency")
    }
    if let most = bounds.maxErrorRate, Int128(quality.sums.errors) * 1000 > Int128(most) * Int128(quality.sums.calls) {
      misses.append("errors")
    }
    return misses
  }
}
