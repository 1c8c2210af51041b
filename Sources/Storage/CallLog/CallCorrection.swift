import CallMetrics
import Foundation
import GRDB
public import Pricing

extension CallLogEditor {
  public struct Corrected: Equatable, Sendable {
    public var rows = 0
    /// What the calls cost more than before; negative where less.
    public var difference: Picodollars = 0
    /// Counters that will be lower: combinations of calls and parts of their cost.
    public var lowered = 0
  }

  /// Writes new costs into rows, and what they differ by into the sums of their hours, and leaves it for the counters.
  ///
  /// - Parameters:
  ///   - range: nanoseconds since 1970.
  ///   - version: of the price table that priced anew.
  ///   - countersFollow: a daemon that runs on the file, or the next one, lets its counters carry the difference.
  ///   - price: the cost of a call, its detail read; nil: it stays as it is.
  public func correct(
    in range: Range<Int64>, version: String, countersFollow: Bool, now: Int64,
    price: (StoredCall, CallSet) -> CallCost?
  ) throws -> Corrected {
    let lock = try FileLock(path: path + ".reprice.lock")
    defer { lock.release() }
    let sets = try reader.sets()
    let (versionID, run) = try queue.write { db -> (Int64, Int64) in
      try db.execute(sql: "INSERT OR IGNORE INTO price_versions (version) VALUES (?)", arguments: [version])
      let id = try Int64.fetchOne(db, sql: "SELECT id FROM price_versions WHERE version = ?", arguments: [version]) ?? 0
      return (id, try CostCorrections.run(db, now: now))
    }
    var corrected = Corrected()
    var differences: [CostCorrections.Place: Picodollars] = [:]
    let minute: Int64 = 60_000_000_000
    var next = range.lowerBound
    while let from = try reader.firstCall(from: next), from < range.upperBound {
      next = from + minute
      var changed: [(call: StoredCall, cost: CallCost)] = []
      try reader.calls(in: from..<min(from + minute, range.upperBound), texts: [.user, .detail]) { call in
        guard let cost = price(call, sets[call.set] ?? CallSet()),
          cost.total != call.cost || cost.verdict != call.verdict
        else { return }
        changed.append((call, cost))
      }
      for first in stride(from: 0, to: changed.count, by: Self.rowsPerStep) {
        let step = changed[first..<min(first + Self.rowsPerStep, changed.count)]
        let found = countersFollow ? Self.differences(step) : [:]
        try queue.write { db in
          for (call, cost) in step { try Self.write(call, cost, versionID, db) }
          try CostCorrections.add(found, run: run, db)
        }
        differences.merge(found, uniquingKeysWith: +)
      }
      corrected.rows += changed.count
      for (call, cost) in changed { corrected.difference += (cost.total - call.cost) * Picodollars(call.weight) }
    }
    try queue.write { try CostCorrections.finish(run: run, $0) }
    corrected.lowered = differences.values.count { $0 < 0 }
    return corrected
  }

  private static func differences(
    _ step: ArraySlice<(call: StoredCall, cost: CallCost)>
  ) -> [CostCorrections.Place: Picodollars] {
    var differences: [CostCorrections.Place: Picodollars] = [:]
    for (call, cost) in step {
      let weight = Picodollars(call.weight)
      func add(_ amount: CorrectedAmount, _ difference: Picodollars) {
        guard difference != 0 else { return }
        let place = CostCorrections.Place(set: call.set, user: call.user, amount: amount)
        differences[place, default: 0] += difference * weight
      }
      let before = StoredCost(detail: call.detail)
      for (i, amount) in CorrectedAmount.allCases.prefix(8).enumerated() {
        add(amount, (cost.total == 0 ? 0 : cost.components[i]) - before.components[i])
      }
      if call.attempt > 1 { add(.retries, cost.total - call.cost) }
      add(.saved, cost.saved - before.saved)
    }
    return differences
  }

  private static func write(_ call: StoredCall, _ cost: CallCost, _ version: Int64, _ db: Database) throws {
    var detail = CallDetailWriter()
    detail.replaceCost(in: call.detail, with: cost)
    try db.cachedStatement(sql: "UPDATE calls SET cost = ?, price = ?, price_version = ?, detail = ? WHERE key = ?")
      .execute(arguments: [
        Int64(clamping: cost.total), PriceVerdict.number(cost.verdict), version,
        detail.bytes.isEmpty ? nil : Data(detail.bytes), call.key,
      ])
    let unit: Picodollars = 1_000_000_000_000
    let (dollars, rest) = CostCorrections.split((cost.total - call.cost) * Picodollars(call.weight))
    let wasUnpriced: Int64 = call.isPriced ? 0 : call.weight
    let isUnpriced: Int64 = if case .unpriced = cost.verdict { call.weight } else { 0 }
    try db.cachedStatement(
      sql: """
        UPDATE hours SET cost_dollars = cost_dollars + ?1 + (cost_rest + ?2) / \(unit),
          cost_rest = (cost_rest + ?2) % \(unit), unpriced = unpriced + ?3
        WHERE hour = ?4 AND set_id = ?5 AND user = ?6 AND outcome = ?7
        """
    ).execute(arguments: [
      dollars, rest, isUnpriced - wasUnpriced, call.time / 3_600_000_000_000, call.set, call.user, Int64(call.outcome),
    ])
  }
}

/// The parts of a cost as a detail has them.
struct StoredCost {
  var components: [8 of Picodollars] = .init(repeating: 0)
  var saved: Picodollars = 0

  init(detail: [UInt8]) {
    var reader = CallDetailReader(detail)
    let first = CallDetail.Number.component.rawValue
    while let item = reader.next() {
      guard case .number(let tag, let value) = item else { continue }
      if tag == CallDetail.Number.saved.rawValue { saved = Picodollars(value) }
      if tag >= first, tag < first + 8 { components[Int(tag - first)] = Picodollars(value) }
    }
  }
}

extension CallDetailWriter {
  /// The same detail with the parts of another cost.
  mutating func replaceCost(in detail: [UInt8], with cost: CallCost) {
    let first = CallDetail.Number.component.rawValue
    var reader = CallDetailReader(detail)
    while let item = reader.next() {
      switch item {
      case .number(let tag, let value):
        if tag >= first && tag < first + 8 || tag == CallDetail.Number.saved.rawValue { continue }
        addRaw(tag, value)
      case .bytes(let tag, let range): addRaw(tag, detail[range])
      }
    }
    if cost.total != 0 {
      for i in cost.components.indices { add(component: i, cost.components[i]) }
    }
    add(.saved, Int64(clamping: cost.saved))
  }
}
