/// Calls that began and have not ended.
struct CallsInFlight {
  private struct Start {
    var row: Int32
    var began: Int64
  }
  private let limit: Int
  private var starts: [UInt64: Start] = [:]
  private(set) var expired: Int64 = 0

  init(limit: Int) { self.limit = limit }

  var isEmpty: Bool { starts.isEmpty }

  enum Outcome { case begun, alreadyBegun, full }

  mutating func begin(_ id: UInt64, row: Int32, now: Int64) -> Outcome {
    if starts[id] != nil { return .alreadyBegun }
    guard starts.count < limit else { return .full }
    starts[id] = Start(row: row, began: now)
    return .begun
  }

  /// The row in which the call was counted as begun.
  mutating func end(_ id: UInt64) -> Int? {
    guard let start = starts.removeValue(forKey: id) else { return nil }
    return Int(start.row)
  }

  mutating func addExpired(_ earlier: Int64) { expired &+= earlier }

  /// Ends what began before `oldest`, and says in which rows.
  mutating func expire(before oldest: Int64) -> [Int] {
    let late = starts.filter { $0.value.began < oldest }
    for id in late.keys { starts[id] = nil }
    expired &+= Int64(late.count)
    return late.values.map { Int($0.row) }
  }
}
