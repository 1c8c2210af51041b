/// Conversations: how many are going on, and how many turns they took once they went quiet.
struct Sessions {
  /// Without a call for so long a session is over.
  static let quiet: Int64 = 1_800_000_000_000
  static let limit = 100_000

  private struct Session {
    var last: Int64
    var turns: Int64
  }
  private var sessions: [UInt64: Session] = [:]
  private var turns: [Int64] = []
  private var turnSum: Int128 = 0

  /// A call of a session. Past the limit further sessions are not followed.
  mutating func turn(_ id: UInt64, now: Int64) {
    if let index = sessions.index(forKey: id) {
      sessions.values[index].last = now
      sessions.values[index].turns &+= 1
    } else if sessions.count < Self.limit {
      sessions[id] = Session(last: now, turns: 1)
    }
  }

  mutating func endQuiet(now: Int64, bounds: [Int64]) {
    let over = sessions.filter { $0.value.last < now - Self.quiet }
    for (id, session) in over {
      sessions[id] = nil
      if turns.isEmpty { turns = Array(repeating: 0, count: bounds.count + 1) }
      turns[bounds.firstIndex { session.turns <= $0 } ?? bounds.count] += 1
      turnSum += Int128(session.turns)
    }
  }

  static func storedTurnNames(bounds: [Int64]) -> [String] { names(bounds) + [sumName(bounds)] }

  /// The histogram of turns: a count for each bound, not cumulative, and the sum; empty before the first.
  func storedTurns(bounds: [Int64]) -> [Int64] { turns.isEmpty ? [] : turns + [Int64(clamping: turnSum)] }

  /// Adds an earlier process's turns; those under other bounds stay as they are in the store.
  mutating func restoreTurns(_ stored: [String: Int64], bounds: [Int64]) {
    guard let sum = stored[Self.sumName(bounds)] else { return }
    if turns.isEmpty { turns = Array(repeating: 0, count: bounds.count + 1) }
    for (index, name) in Self.names(bounds).enumerated() { turns[index] &+= stored[name] ?? 0 }
    turnSum += Int128(sum)
  }

  /// All bounds stand in each name, so that counts under different ones are never mixed.
  private static func names(_ bounds: [Int64]) -> [String] {
    (bounds.map { "\($0)" } + ["+Inf"]).map { "\(TallyName.turns)_bucket{le=\"\($0)\"} of \(spell(bounds))" }
  }

  private static func sumName(_ bounds: [Int64]) -> String { "\(TallyName.turns)_sum of \(spell(bounds))" }

  private static func spell(_ bounds: [Int64]) -> String { bounds.map { "\($0)" }.joined(separator: ",") }

  func families(bounds: [Int64]) -> [SampledFamily] {
    let active = SampledFamily(
      Family(
        "llm_sessions_active", .gauge, help: "Sessions with a call in the last 30 minutes, seen by this instance."),
      [.init([], .integer(Int64(sessions.count)))])
    let histogram = SampledFamily(
      Family(
        TallyName.turns, .histogram, help: "Calls of a session, counted when it has gone quiet."),
      turns.isEmpty ? [] : [.init([], .histogram(bounds: bounds, counts: turns, sum: turnSum, scale: .one))])
    return [active, histogram]
  }
}
