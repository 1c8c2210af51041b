import Events
import GRDB
import Pipeline
import Pricing

/// What the calls of one commit add to the sums of their hours.
struct HourSums {
  struct Key: Hashable {
    var hour: Int32
    var outcome: UInt8
    var set: Int64
    /// Hash of the user, 0 for none; the text is in `users`.
    var user: UInt64
  }

  struct Sums {
    var calls: Int64 = 0
    var unpriced: Int64 = 0
    var cacheHits: Int64 = 0
    var retries: Int64 = 0
    var input: Int64 = 0
    var cachedInput: Int64 = 0
    var cacheWrite: Int64 = 0
    var output: Int64 = 0
    var reasoning: Int64 = 0
    var cost: Picodollars = 0
    var latency: Int64 = 0
    var timed: Int64 = 0
  }

  private(set) var sums: [Key: Sums] = [:]
  private var users: [UInt64: String] = [:]

  /// A call's part of the sums.
  @inline(__always)
  mutating func add(_ key: Key, _ event: LoggedEvent) {
    let weight = event.weight
    let fields = event.fields
    func update(_ sum: inout Sums) {
      sum.calls.add(weight)
      if case .unpriced = event.cost.verdict { sum.unpriced.add(weight) }
      sum.cost &+= event.cost.total &* Picodollars(weight)
      if fields.attempt > 1 { sum.retries.add(weight) }
      if fields.cache == .hit {
        sum.cacheHits.add(weight)
        return
      }
      if fields.usage.shape == .known {
        sum.input.add(fields.usage.input.times(weight))
        sum.cachedInput.add(fields.usage.cachedInput.times(weight))
        sum.cacheWrite.add(fields.usage.cacheWrite.times(weight))
        sum.output.add(fields.usage.output.times(weight))
        sum.reasoning.add(fields.usage.reasoning.times(weight))
      }
      if fields.latency >= 0 {
        sum.latency.add((fields.latency / 1000).times(weight))
        sum.timed.add(weight)
      }
    }
    update(&sums[key, default: Sums()])
  }

  func knows(user: UInt64) -> Bool { users[user] != nil }

  mutating func name(user: UInt64, _ text: String) { users[user] = text }

  mutating func removeAll() {
    sums.removeAll(keepingCapacity: true)
    users.removeAll(keepingCapacity: true)
  }

  /// SQLite makes a floating number of a sum that exceeds 64 bits: the bound takes its place.
  private static let sums = [
    ("calls", 5), ("unpriced", 6), ("cache_hits", 7), ("retries", 8), ("input", 9), ("cached_input", 10),
    ("cache_write", 11), ("output", 12), ("reasoning", 13), ("latency", 16), ("timed", 17),
  ].map { "\($0) = min(\($0) + ?\($1), \(Int64.max))" }.joined(separator: ", ")

  static let upsert = """
    INSERT INTO hours (hour, set_id, user, outcome, calls, unpriced, cache_hits, retries, input, cached_input,
      cache_write, output, reasoning, cost_dollars, cost_rest, latency, timed)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
    ON CONFLICT DO UPDATE SET \(sums), cost_dollars = cost_dollars + ?14 + (cost_rest + ?15) / 1000000000000,
      cost_rest = (cost_rest + ?15) % 1000000000000
    """

  /// Adds the sums to the file's. Costs are never negative, so the remainder carries upwards only.
  func write(_ db: Database) throws {
    let statement = try unsafe RawStatement(db, Self.upsert)
    for (key, sum) in sums {
      let (dollars, rest) = sum.cost.quotientAndRemainder(dividingBy: 1_000_000_000_000)
      let numbers = [
        sum.calls, sum.unpriced, sum.cacheHits, sum.retries, sum.input, sum.cachedInput, sum.cacheWrite, sum.output,
        sum.reasoning, Int64(clamping: dollars), Int64(clamping: rest), sum.latency, sum.timed,
      ]
      var user = key.user == 0 ? "" : users[key.user] ?? ""
      try user.withUTF8 { text in
        unsafe statement.bind(1, Int64(key.hour))
        unsafe statement.bind(2, key.set)
        // An empty text and not null: it is part of the key.
        unsafe statement.bind(3, nonNullText: UnsafeRawBufferPointer(text))
        unsafe statement.bind(4, Int64(key.outcome))
        for (i, number) in numbers.enumerated() { unsafe statement.bind(Int32(i + 5), number) }
        _ = try unsafe statement.run()
      }
    }
    unsafe statement.clear()
  }
}
