import Events
import Pricing
import Synchronization

/// The order in which rows are exposed, kept until rows come or go.
struct RowOrders {
  var orders: [(generation: Int, rows: [Int32])] = Array(repeating: (-1, []), count: RegistryTable.allCases.count)
}

/// The kinds of records. The names stand in stored files.
public enum RegistryTable: String, CaseIterable, Sendable {
  case calls, fallbacks, feedback, scores

  var index: Int {
    switch self {
    case .calls: 0
    case .fallbacks: 1
    case .feedback: 2
    case .scores: 3
    }
  }

  func of(_ state: borrowing RegistryState) -> RecordTable {
    switch self {
    case .calls: state.calls
    case .fallbacks: state.fallbacks
    case .feedback: state.feedback
    case .scores: state.scores
    }
  }
}

extension Registry {
  /// Records copied under one hold of the lock: some 2.5 KB each, so well under a millisecond.
  private static let recordsPerHold = 256

  /// All numbers at this moment. Each record is whole; records are copied a few hundred at a time, so that events
  /// never wait for long.
  ///
  /// - Parameter exemplars: copy the traces too (only OpenMetrics shows them).
  public func snapshot(exemplars: Bool = false) -> Snapshot {
    let families = state.withLock { state in state.families }
    return Snapshot(tables: RegistryTable.allCases.map { copy($0, exemplars: exemplars) }, families: families)
  }

  private func copy(_ table: RegistryTable, exemplars: Bool) -> TableSnapshot {
    let (layout, labels, generation) = state.withLock { state in table.labels(in: state) }
    let order = rowOrders.withLock { $0.order(of: table, labels, generation) }
    var snapshot = TableSnapshot(layout: layout)
    snapshot.reserve(rows: order.count)
    var start = 0
    while start < order.count {
      let end = min(start + Self.recordsPerHold, order.count)
      state.withLock { state in
        table.copy(order[start..<end], labels, exemplars: exemplars, from: state, to: &snapshot)
      }
      start = end
    }
    return snapshot
  }
}

extension RowOrders {
  mutating func order(of table: RegistryTable, _ labels: [[UInt8]], _ generation: Int) -> [Int32] {
    if orders[table.index].generation == generation { return orders[table.index].rows }
    let rows = labels.indices.filter { !labels[$0].isEmpty }
      .sorted { labels[$0].lexicographicallyPrecedes(labels[$1]) }
      .map { Int32(truncatingIfNeeded: $0) }
    orders[table.index] = (generation, rows)
    return rows
  }
}

extension RegistryTable {
  fileprivate func labels(in state: borrowing RegistryState) -> (RecordLayout, [[UInt8]], Int) {
    let table = of(state)
    return (table.layout, table.labels, table.generation)
  }

  fileprivate func copy(
    _ rows: ArraySlice<Int32>, _ labels: [[UInt8]], exemplars: Bool, from state: borrowing RegistryState,
    to snapshot: inout TableSnapshot
  ) {
    let table = of(state)
    for row in rows.lazy.map(Int.init) where table.isSame(row: row, labels: labels[row]) {
      table.copy(row: row, exemplars: exemplars, to: &snapshot)
    }
  }
}

extension TableSnapshot {
  mutating func reserve(rows: Int) {
    labels.reserveCapacity(rows)
    words.reserveCapacity(rows * layout.wordCount)
    blocks.reserveCapacity(rows * layout.histogramCount)
    exemplarBlocks.reserveCapacity(rows * layout.histogramCount)
    created.reserveCapacity(rows)
  }
}

extension RegistryState {
  /// The families that are no records: the registry's own, and what applications and the configuration report.
  var families: [SampledFamily] {
    tallies.families + gauges.families + users.families + sessions.families(bounds: configuration.bounds.turns)
      + [prices, objectives] + budgets.families + topUsers.families + limits
  }

  private var prices: SampledFamily {
    let book = pricer.book
    let samples = pricesSeen.sorted.flatMap { model, use in
      book.baseRates(of: book.pricing(use.route), tier: use.tier, batch: use.isBatch).map { rate in
        SampledFamily.Sample(
          [("model", model.name), ("provider", model.provider), ("token_type", rate.component.label)],
          .pico(rate.perMillionTokens))
      }
    }
    return SampledFamily(
      Family(
        "llm_model_price_dollars_per_million_tokens", .gauge,
        help: "Price of a million tokens in US dollars, of the models seen: in a short prompt, in the service tier of "
          + "the last call that the table priced."),
      samples)
  }

  private var objectives: SampledFamily {
    SampledFamily(
      Family("llm_objective", .gauge, help: "Goals that the configuration sets."),
      configuration.objectives.map { objective in
        .init(
          [
            ("application", objective.application), ("function", objective.function),
            ("objective", objective.kind.rawValue),
          ], .double(objective.value))
      })
  }

  /// Records, and the series that they show as.
  var size: (records: Int, series: Int) {
    let tables = [calls, fallbacks, feedback, scores]
    return (tables.reduce(0) { $0 + $1.count }, tables.reduce(0) { $0 + $1.series })
  }

  private var limits: [SampledFamily] {
    let size = size
    func byLabel(_ counts: [Int64]) -> [SampledFamily.Sample] {
      zip(labelSets.countedNames, counts).map { .init([("label", $0)], .integer($1)) }
    }
    return [
      SampledFamily(
        Family("llm_exporter_records", .gauge, help: "Label sets with numbers."),
        [.init([], .integer(Int64(size.records)))]),
      SampledFamily(
        Family("llm_exporter_series", .gauge, help: "Exposed series of all records."),
        [.init([], .integer(Int64(size.series)))]),
      SampledFamily(
        Family(
          TallyName.limited, .counter,
          help: "Events that lost a label's value to a limit, by label."),
        byLabel(limited) + [.init([("label", LabelSets.budgets)], .integer(budgets.unfollowed))]),
      SampledFamily(
        Family(
          TallyName.altered, .counter,
          help: "Events of which a label's value was cut or mended, by label."),
        byLabel(altered)),
      SampledFamily(
        Family(
          TallyName.inFlightExpired, .counter, help: "Calls that began and were never said to have ended."),
        [.init([], .integer(inFlight.expired))]),
      SampledFamily(
        Family(
          TallyName.idsEvicted, .counter,
          help: "Remembered events that were forgotten before their time, for want of room: a resend would count again."
        ),
        [.init([], .integer(seen.evicted &+ restoredEvictions))]),
    ]
  }
}
