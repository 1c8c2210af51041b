import Synchronization

/// The calls of a registry summed up by model, and what came since the last look: little enough to look often. Its owner
/// keeps it from one look to the next, and nobody else uses it meanwhile.
public struct CallSums: Sendable {
  public struct Model: Hashable, Sendable {
    public var name: String
    public var provider: String

    public init(name: String, provider: String) {
      self.name = name
      self.provider = provider
    }
  }

  /// The clock of an event is read when its batch arrives, a little before the event is counted.
  private static let slack: Int64 = 1_000_000_000

  /// Upper bounds of the durations, in nanoseconds, without +Inf.
  public let bounds: [Int64]
  /// All calls there are.
  public private(set) var total: CallSum

  private struct Row {
    /// In `models`; -1: the row is free.
    var model: Int32
    var created: Int64
  }
  private var models: [Model] = []
  private var sums: [CallSum] = []
  private var rows: [Row] = []
  private var generation = -1
  private var lastLook: Int64

  /// - Parameter time: nanoseconds since 1970; calls of records that began earlier do not count as new.
  public init(of registry: Registry, since time: Int64) {
    bounds = registry.state.withLock { $0.configuration.bounds.duration }
    total = CallSum(buckets: bounds.count + 1)
    lastLook = time + Self.slack
  }

  /// Sums up what there is.
  ///
  /// What a record brings that comes back, from a store or after it expired, is not new. When one goes, its model shows
  /// nothing new in this look: how much others of the same model grew meanwhile can't be told from the sums.
  ///
  /// - Parameter now: nanoseconds since 1970.
  /// - Returns: what came since the last look, of the models that had calls.
  public mutating func look(at registry: Registry, now: Int64) -> [(model: Model, sum: CallSum)] {
    regroup(registry)
    var old = sums
    for i in sums.indices { sums[i].reset() }
    registry.addUp(rows.count) { table, range in addUp(table, range, returned: &old) }
    lastLook = now

    total = CallSum(buckets: bounds.count + 1)
    var news: [(model: Model, sum: CallSum)] = []
    for (i, sum) in sums.enumerated() {
      total += sum
      guard let new = sum.increase(since: old[i]), new.calls > 0 else { continue }
      news.append((models[i], new))
    }
    return news
  }

  private mutating func addUp(_ table: borrowing RecordTable, _ range: Range<Int>, returned: inout [CallSum]) {
    let isSame = table.generation == generation
    for row in range where rows[row].model >= 0 {
      let model = Int(rows[row].model)
      if table.created[row] != rows[row].created {
        // Another record took the row in the middle of this look: the next one sees it.
        guard isSame else { continue }
        rows[row].created = table.created[row]
        if table.created[row] < lastLook - Self.slack { returned[model].add(table, row: row) }
      }
      sums[model].add(table, row: row)
    }
  }

  /// Which row is of which model, when rows have come or gone.
  private mutating func regroup(_ registry: Registry) {
    guard let (generation, labels) = registry.rows(ifNot: generation) else { return }
    let known = Dictionary(zip(models, sums)) { first, _ in first }
    models = []
    sums = []
    var numbers: [ArraySlice<UInt8>: Int32] = [:]
    while rows.count < labels.count { rows.append(Row(model: -1, created: -1)) }
    for (row, labels) in labels.enumerated() {
      let text = Self.modelAndProvider(labels)
      if numbers[text] == nil, let model = Self.model(text) {
        numbers[text] = Int32(truncatingIfNeeded: models.count)
        models.append(model)
        sums.append(known[model] ?? CallSum(buckets: bounds.count + 1))
      }
      rows[row].model = numbers[text] ?? -1
      if rows[row].model < 0 { rows[row].created = -1 }
    }
    self.generation = generation
  }

  /// The first two labels of a rendered label part: `model="…",provider="…"`.
  private static func modelAndProvider(_ labels: [UInt8]) -> ArraySlice<UInt8> {
    var quotes = 0
    var isEscaped = false
    for (i, byte) in labels.enumerated() {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        quotes += 1
        if quotes == 4 { return labels[...i] }
      }
    }
    return []
  }

  private static func model(_ text: ArraySlice<UInt8>) -> Model? {
    guard let labels = LabelText.parse(String(decoding: text, as: UTF8.self)), labels.count == 2 else { return nil }
    return Model(name: labels[0].value, provider: labels[1].value)
  }
}

extension Registry {
  /// Records summed up under one hold of the lock: some 100 ns each.
  private static let recordsPerHold = 512

  /// - Parameter body: gets some rows of the table of calls at a time; events wait while it runs.
  fileprivate func addUp(_ count: Int, _ body: (borrowing RecordTable, Range<Int>) -> Void) {
    var start = 0
    while start < count {
      let end = min(start + Self.recordsPerHold, count)
      state.withLock { state in body(state.calls, start..<min(end, state.calls.capacity)) }
      start = end
    }
  }

  /// The labels by row and their generation, if that is another one.
  fileprivate func rows(ifNot known: Int) -> (Int, [[UInt8]])? {
    state.withLock { state in
      state.calls.generation == known ? nil : (state.calls.generation, state.calls.labels)
    }
  }
}
