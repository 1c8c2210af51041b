/// Distinct users of the last hour, day, week and month: a counter for each of the last 12 five minutes, 24 hours and 30
/// days, so a window of n steps covers between n − 1 and n of them. Steps are those of UTC.
struct UsersActive {
  enum Step: String, CaseIterable {
    case minutes, hours, days

    var nanoseconds: Int64 {
      switch self {
      case .minutes: 300_000_000_000
      case .hours: 3_600_000_000_000
      case .days: 86_400_000_000_000
      }
    }
    /// Steps since 1970.
    func number(at now: Int64) -> Int64 { max(0, now) / nanoseconds }

    /// So many are kept.
    var count: Int {
      switch self {
      case .minutes: 12
      case .hours: 24
      case .days: 30
      }
    }
  }

  private static let windows: [(name: String, step: Step, count: Int64)] = [
    ("1h", .minutes, 12), ("1d", .hours, 24), ("7d", .days, 7), ("30d", .days, 30),
  ]

  /// The counters of one step's length; the one of step number n lies at n modulo their count.
  private struct Ring {
    let step: Step
    var counters: [DistinctCounter]
    /// Steps since 1970.
    var numbers: [Int64]
    var isChanged: [Bool]

    init(_ step: Step) {
      self.step = step
      counters = Array(repeating: DistinctCounter(), count: step.count)
      numbers = Array(repeating: -1, count: step.count)
      isChanged = Array(repeating: false, count: step.count)
    }

    func number(at now: Int64) -> Int64 { step.number(at: now) }

    mutating func add(_ user: UInt64, now: Int64) {
      let number = number(at: now)
      guard let place = place(of: number, current: number) else { return }
      if counters[place].add(user) { isChanged[place] = true }
    }

    mutating func merge(_ counter: DistinctCounter, number: Int64, now: Int64) {
      let current = self.number(at: now)
      guard number <= current + 1, let place = place(of: number, current: current) else { return }
      counters[place].merge(counter)
    }

    /// Where the step's counter is. What lies there of an earlier step, or of one that a clock ahead of its time has
    /// left, is forgotten. A step older than what lies there has none.
    private mutating func place(of number: Int64, current: Int64) -> Int? {
      let place = Int(number % Int64(step.count))
      guard numbers[place] <= number || numbers[place] > current + 1 else { return nil }
      if numbers[place] != number {
        counters[place] = DistinctCounter()
        numbers[place] = number
      }
      return place
    }

    func users(of count: Int64, now: Int64) -> Double {
      let last = number(at: now)
      var all = DistinctCounter()
      for place in counters.indices where numbers[place] > last - count && numbers[place] <= last {
        all.merge(counters[place])
      }
      return all.estimate
    }
  }

  private var rings = Step.allCases.map(Ring.init)

  /// The last that is known of the clock.
  private var now: Int64 = 0
  /// When time was last said to pass.
  private var passed: Int64 = 0

  /// Where the clock was set back, a store may have dropped as too old what is of use again: it gets all of it once more.
  mutating func pass(to now: Int64) {
    if now < passed { markAll() }
    passed = now
    self.now = now
  }

  mutating func add(_ user: UInt64, now: Int64) {
    self.now = now
    for i in rings.indices { rings[i].add(user, now: now) }
  }

  var families: [SampledFamily] {
    let samples = Self.windows.map { window in
      let users = rings.first { $0.step == window.step }?.users(of: window.count, now: now) ?? 0
      return SampledFamily.Sample([("window", window.name)], .integer(Int64(users.rounded())))
    }
    return [
      SampledFamily(
        Family(
          "llm_users_active", .gauge,
          help: "Distinct users with a call within the window, seen by this instance; off by 2.3% as a rule."),
        samples)
    ]
  }

  // MARK: Stored

  /// Counters that changed since they were taken last.
  mutating func takeChanges() -> [StoredUsers] {
    var taken: [StoredUsers] = []
    for ring in rings.indices {
      for place in rings[ring].counters.indices where rings[ring].isChanged[place] {
        rings[ring].isChanged[place] = false
        taken.append(
          StoredUsers(
            step: rings[ring].step.rawValue, number: rings[ring].numbers[place],
            registers: rings[ring].counters[place].registers))
      }
    }
    return taken
  }

  /// Unites with what a store had, or with what was taken and did not reach the disk.
  mutating func merge(_ stored: [StoredUsers], areChanged: Bool) {
    for users in stored {
      guard let step = Step(rawValue: users.step), let ring = rings.firstIndex(where: { $0.step == step }),
        let counter = DistinctCounter(registers: users.registers), users.number >= 0
      else { continue }
      rings[ring].merge(counter, number: users.number, now: now)
      guard areChanged else { continue }
      for place in rings[ring].numbers.indices where rings[ring].numbers[place] == users.number {
        rings[ring].isChanged[place] = true
      }
    }
  }

  /// Everything counts as changed.
  mutating func markAll() {
    for ring in rings.indices {
      for place in rings[ring].counters.indices where rings[ring].numbers[place] >= 0 {
        rings[ring].isChanged[place] = true
      }
    }
  }
}

/// The distinct users of one step of time, as a store keeps them.
public struct StoredUsers: Sendable {
  /// One of `steps`.
  public var step: String
  /// Steps since 1970.
  public var number: Int64
  public var registers: [UInt8]

  public init(step: String, number: Int64, registers: [UInt8]) {
    self.step = step
    self.number = number
    self.registers = registers
  }

  /// The lengths of steps, `minutes` (five of them), `hours` and `days`, and which of each it is now.
  public static func steps(at now: Int64) -> [(step: String, number: Int64)] {
    UsersActive.Step.allCases.map { ($0.rawValue, $0.number(at: now)) }
  }
}
