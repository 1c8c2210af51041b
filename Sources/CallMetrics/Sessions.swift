/// Conversations: how many are going on, and how many turns they took once they went quiet.
struct Sessions {
  /// Without a call for so long a session is over.
  static let quiet: Int64 = 1_800_000_000_000
  static let limit = 100_000

  /// 0 as `id`: the place is free.
  private struct Session {
    var id: UInt64 = 0
    var last: Int64 = 0
    var turns: Int64 = 0
  }
  /// Open addressing, at most half full: the ids are keyed hashes already, so hashing them again would be the larger
  /// part of a look-up.
  private var places: [Session] = []
  private(set) var active = 0
  private var turns: [Int64] = []
  private var turnSum: Int128 = 0

  /// A call of a session. Past the limit further sessions are not followed.
  mutating func turn(_ id: UInt64, now: Int64) {
    let id = max(id, 1)
    if places.isEmpty { places = Array(repeating: Session(), count: 64) }
    var place = place(of: id)
    if places[place].id == 0 {
      guard active < Self.limit else { return }
      if (active + 1) * 2 > places.count {
        keep(places.filter { $0.id != 0 }, places: places.count * 2)
        place = self.place(of: id)
      }
      places[place].id = id
      active += 1
    }
    places[place].last = now
    places[place].turns &+= 1
  }

  /// Where the session lies, or the free place where it would.
  @inline(__always)
  private func place(of id: UInt64) -> Int {
    let mask = places.count &- 1
    var place = Int(truncatingIfNeeded: id) & mask
    while places[place].id != 0, places[place].id != id { place = (place &+ 1) & mask }
    return place
  }

  private mutating func keep(_ sessions: [Session], places count: Int) {
    places = Array(repeating: Session(), count: count)
    for session in sessions { places[place(of: session.id)] = session }
    active = sessions.count
  }

  mutating func endQuiet(now: Int64, bounds: [Int64]) {
    let over = places.filter { $0.id != 0 && $0.last < now - Self.quiet }
    guard !over.isEmpty else { return }
    if turns.isEmpty { turns = Array(repeating: 0, count: bounds.count + 1) }
    for session in over {
      turns[bounds.firstIndex { session.turns <= $0 } ?? bounds.count] += 1
      turnSum += Int128(session.turns)
    }
    let going = places.filter { $0.id != 0 && $0.last >= now - Self.quiet }
    keep(going, places: going.count * 4 < places.count ? max(places.count / 2, 64) : places.count)
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
      [.init([], .integer(Int64(active)))])
    let histogram = SampledFamily(
      Family(
        TallyName.turns, .histogram, help: "Calls of a session, counted when it has gone quiet."),
      turns.isEmpty ? [] : [.init([], .histogram(bounds: bounds, counts: turns, sum: turnSum, scale: .one))])
    return [active, histogram]
  }
}
