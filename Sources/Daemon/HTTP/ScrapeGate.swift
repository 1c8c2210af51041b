import Synchronization

/// Counts the scrapes that are being answered, and refuses those beyond the limit.
final class ScrapeGate: Sendable {
  private let running = Atomic<Int>(0)
  private let limit: Atomic<Int>

  /// - Parameter limit: 0: no limit.
  init(limit: Int) { self.limit = Atomic(limit) }

  func setLimit(_ limit: Int) { self.limit.store(limit, ordering: .relaxed) }

  /// Whether there is room. Who enters must leave.
  func enter() -> Bool {
    let now = running.add(1, ordering: .relaxed).newValue
    let limit = limit.load(ordering: .relaxed)
    if limit == 0 || now <= limit { return true }
    running.subtract(1, ordering: .relaxed)
    return false
  }

  func leave() { running.subtract(1, ordering: .relaxed) }
}
