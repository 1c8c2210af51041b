import CivilTime
public import Pricing

/// Who has spent most today and this month, by the calendar of UTC.
struct TopUsers {
  private struct Window {
    let kind: Budget.Window
    var span: Range<Int64> = 0..<0
    var spenders = TopSpenders()

    mutating func turn(now: Int64) {
      if span.contains(now) { return }
      // As budgets: a clock that is put right by a little leaves the window.
      if now < span.lowerBound, now >= span.lowerBound &- BudgetLedger.slack { return }
      span = kind.span(at: now, in: .utc)
      spenders.removeAll()
    }
  }

  /// Exposed of each window; 0: nobody is followed.
  private let count: Int
  private var windows = [Window(kind: .day), Window(kind: .month)]
  private var nextTurn: Int64 = 0

  init(count: Int) { self.count = count }

  /// - Parameters:
  ///   - ended: when the call did: one that ended before a window began is no part of it.
  ///   - name: asked for when the user is new.
  @inline(__always)
  mutating func add(_ user: UInt64, _ dollars: Picodollars, ended: Int64, now: Int64, name: () -> String) {
    if count == 0 || dollars <= 0 { return }
    if now >= nextTurn { turn(now: now) }
    for i in windows.indices where ended >= windows[i].span.lowerBound {
      windows[i].spenders.add(user, dollars, name: name)
    }
  }

  mutating func turn(now: Int64) {
    if count == 0 { return }
    for i in windows.indices { windows[i].turn(now: now) }
    nextTurn = windows.map(\.span.upperBound).min() ?? .max
  }

  var families: [SampledFamily] {
    if count == 0 { return [] }
    let samples = windows.flatMap { window in
      window.spenders.first(count).map { spender in
        SampledFamily.Sample(
          [
            ("user", spender.name.isEmpty ? SipHash.hexadecimal(spender.user) : spender.name),
            ("window", window.kind.rawValue),
          ], .pico(spender.certain))
      }
    }
    return [
      SampledFamily(
        Family(
          "llm_top_user_cost_dollars", .gauge, unit: "dollars",
          help: "Who spent most in the day and the month of UTC so far, and at least how much, seen by this instance."),
        samples)
    ]
  }

  // MARK: Stored

  /// Counters that changed since they were taken last.
  mutating func takeChanges() -> [StoredSpender] {
    var taken: [StoredSpender] = []
    for i in windows.indices {
      for counter in windows[i].spenders.counters.indices where windows[i].spenders.counters[counter].isChanged {
        windows[i].spenders.mark(counter, false)
        let spender = windows[i].spenders.counters[counter]
        taken.append(
          StoredSpender(
            window: windows[i].kind.rawValue, counter: counter, started: windows[i].span.lowerBound,
            user: Int64(bitPattern: spender.user), name: spender.name, dollars: spender.dollars, error: spender.error))
      }
    }
    return taken
  }

  /// Adds what an earlier process counted: what is of the windows at hand.
  mutating func add(_ stored: [StoredSpender]) {
    if count == 0 { return }
    for i in windows.indices {
      let own = stored.filter { $0.window == windows[i].kind.rawValue && $0.started == windows[i].span.lowerBound }
      if own.isEmpty { continue }
      for spender in own {
        windows[i].spenders.add(
          UInt64(bitPattern: spender.user), spender.dollars, error: spender.error, name: { spender.name })
      }
      // They lie in other places now.
      windows[i].spenders.markAll(true)
    }
  }

  /// What was taken did not reach the disk.
  mutating func putBack(_ stored: [StoredSpender]) {
    for i in windows.indices {
      for spender in stored where spender.window == windows[i].kind.rawValue {
        windows[i].spenders.mark(spender.counter, true)
      }
    }
  }

  mutating func markAll() {
    for i in windows.indices { windows[i].spenders.markAll(true) }
  }
}

/// What one user spent in a window, as a store keeps it.
public struct StoredSpender: Sendable, Equatable {
  /// `day` or `month`.
  public var window: String
  /// Which of the window's counters: another user may have had it before.
  public var counter: Int
  /// When the window began, nanoseconds since 1970.
  public var started: Int64
  /// Keyed hash of the id.
  public var user: Int64
  /// The id where ids are not hashed, else empty.
  public var name: String
  public var dollars: Picodollars
  /// The sum may be too large by so much.
  public var error: Picodollars

  public init(
    window: String, counter: Int, started: Int64, user: Int64, name: String, dollars: Picodollars, error: Picodollars
  ) {
    self.window = window
    self.counter = counter
    self.started = started
    self.user = user
    self.name = name
    self.dollars = dollars
    self.error = error
  }
}
