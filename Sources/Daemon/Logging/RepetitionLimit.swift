/// Keeps a message that repeats from filling the log: some of each in a window, then silence until the window is over.
struct RepetitionLimit {
  static let burst = 10
  static let window: Int64 = 10_000_000_000
  /// Distinct messages remembered. Messages are constants of the code (what varies is in their fields), so there are
  /// few; the bound is for safety.
  static let capacity = 256

  private struct Seen {
    var start: Int64
    var count: Int
  }
  private var seen: [String: Seen] = [:]

  /// Whether a message may be written now: nil, or how many like it were kept back before it.
  mutating func admit(_ message: String, now: Int64) -> Int? {
    if let known = seen[message], now - known.start < Self.window {
      seen[message]?.count += 1
      return known.count < Self.burst ? 0 : nil
    }
    let keptBack = max(0, (seen[message]?.count ?? 0) - Self.burst)
    if seen.count >= Self.capacity { seen.removeAll(keepingCapacity: true) }
    seen[message] = Seen(start: now, count: 1)
    return keptBack
  }
}
