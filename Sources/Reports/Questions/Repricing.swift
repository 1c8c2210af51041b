import Events
public import Pricing
import Storage

/// Prices stored calls again. Keeps what it found out about each combination of names.
struct Repricing: ~Copyable {
  private var pricer: Pricer
  private var routes: [Int64: PriceRoute] = [:]
  private var rebuilt = RebuiltCall()
  private let model: String?

  /// - Parameter model: that all calls are priced as; nil: their own.
  init(book: PriceBook, as model: String? = nil) {
    pricer = Pricer(book: book)
    self.model = model
  }

  /// Numbers of combinations belong to one file.
  mutating func nextFile() { routes.removeAll() }

  /// What the call costs by this book. The call needs its detail.
  mutating func cost(of call: StoredCall, in set: CallSet) -> CallCost {
    rebuilt.rebuild(call, of: set, as: model)
    return Self.cost(of: rebuilt, set.id, at: call.time, &pricer, &routes)
  }

  private static func cost(
    of rebuilt: borrowing RebuiltCall, _ set: Int64, at time: Int64, _ pricer: inout Pricer,
    _ routes: inout [Int64: PriceRoute]
  ) -> CallCost {
    let line = rebuilt.line.span
    let route = routes[set] ?? pricer.resolve(rebuilt.event, in: line).route
    routes[set] = route
    return pricer.cost(of: rebuilt.event, in: line, route: route, now: time)
  }
}

/// What would have changed, or changes, by another price.
public struct PriceDifference: Sendable {
  var calls: Int64 = 0
  var before: Picodollars = 0
  var after: Picodollars = 0
  var changed: Int64 = 0
  /// Calls that have a price now and had none before, and the other way round.
  var newlyPriced: Int64 = 0
  public private(set) var noLongerPriced: Int64 = 0

  mutating func add(_ call: StoredCall, _ cost: CallCost) {
    calls += call.weight
    before += call.totalCost
    after += cost.total * Picodollars(call.weight)
    if cost.total != call.cost { changed += call.weight }
    let isPriced = if case .priced = cost.verdict { true } else { false }
    if isPriced, !call.isPriced { newlyPriced += call.weight }
    if !isPriced, call.isPriced { noLongerPriced += call.weight }
  }

  mutating func add(_ other: PriceDifference) {
    calls += other.calls
    before += other.before
    after += other.after
    changed += other.changed
    newlyPriced += other.newlyPriced
    noLongerPriced += other.noLongerPriced
  }
}

extension CallSource {
  /// The stored calls priced again by a book: the difference by model (or what else is asked). Changes nothing.
  public func repriced(
    _ query: ReportQuery, with book: PriceBook
  ) throws -> (report: Report, difference: PriceDifference) {
    let by = query.by.isEmpty ? [.attribute(.model)] : query.by
    return try priced(
      query, by: by, book: book, as: nil,
      name: "reprice", title: "Priced again", before: "Stored", after: "By this table")
  }

  /// The same calls at another model's prices. Tokens stay what they were: another model would have counted and
  /// answered otherwise.
  public func whatIf(_ query: ReportQuery, model: String, with book: PriceBook) throws -> Report {
    guard book.lookup(model: model).entry != nil else { throw ReportError("no price is known of a model “\(model)”") }
    let by = query.by.isEmpty ? [.attribute(.model)] : query.by
    var (report, _) = try priced(
      query, by: by, book: book, as: model,
      name: "what-if", title: "As \(model)", before: "Cost", after: "As \(model)")
    report.notes.append(
      "The same calls with the same tokens at the prices of \(model): its own tokens and answers would differ.")
    return report
  }

  private func priced(
    _ query: ReportQuery, by: [Dimension], book: PriceBook, as model: String?, name: String, title: String,
    before: String, after: String
  ) throws -> (report: Report, difference: PriceDifference) {
    var gathered = Gathered<PriceDifference>(
      grouping: try Grouping(by: by, filters: query.filters, zone: query.zone))
    var repricing = Repricing(book: book, as: model)
    for (number, reader) in readers.enumerated() {
      let sets = try reader.sets()
      gathered.grouping.add(sets: sets)
      repricing.nextFile()
      try reader.calls(in: query.range, texts: [.detail, .user]) { call in
        guard
          let key = gathered.grouping.key(
            reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time)
        else { return }
        let cost = repricing.cost(of: call, in: sets[call.set] ?? CallSet())
        gathered.groups[key, default: PriceDifference()].add(call, cost)
      }
    }
    let (first, rest) = gathered.ordered(top: query.top ?? 50) { difference in
      let change = difference.after - difference.before
      return model == nil ? (change < 0 ? -change : change) : difference.before
    }
    func cells(_ difference: PriceDifference) -> [Cell] {
      [
        .count(difference.calls), .dollars(difference.before), .dollars(difference.after),
        .dollars(difference.after - difference.before), .change(from: difference.before, to: difference.after),
        difference.changed > 0 ? .count(difference.changed) : .none,
        difference.newlyPriced > 0 ? .count(difference.newlyPriced) : .none,
        difference.noLongerPriced > 0 ? .count(difference.noLongerPriced) : .none,
      ]
    }
    var all = PriceDifference()
    for difference in gathered.groups.values { all.add(difference) }
    func label(_ text: String) -> [Cell] { [.text(text)] + by.dropFirst().map { _ in Cell.none } }
    var rows = first.map { $0.values.map(Cell.text) + cells($0.value) }
    if !rest.isEmpty {
      var others = PriceDifference()
      for difference in rest { others.add(difference) }
      rows.append(label("(\(rest.count) more)") + cells(others))
    }
    let table = ReportTable(
      key: name, title: title,
      columns: by.map(\.column) + [
        Column("calls", "Calls"), Column("before_dollars", before), Column("after_dollars", after),
        Column("difference_dollars", "Difference"), Column("change", "Change"), Column("changed_calls", "Changed"),
        Column("newly_priced_calls", "Newly priced"), Column("no_longer_priced_calls", "No longer"),
      ], rows: rows, total: rows.count > 1 ? label("Total") + cells(all) : nil)
    let report = Report(
      name: name, title: title, range: query.range, tables: [table], notes: ["Price table \(book.version)."])
    return (report, all)
  }
}
