public import Pricing

/// What was spent of each budget in the window at hand.
///
/// ```
/// accounts: [ one of each budget, in their order … | one of each value of the budgets for each … ]
/// ```
/// The first account of a budget for each value is the greatest of its values: that is what is exposed, so that the
/// number of series does not grow with the number of users.
struct BudgetLedger {
  struct Account {
    var budget: Int32
    /// Of the value, in a budget for each; else 0.
    var key: UInt64
    var dollars: Picodollars = 0
    var tokens: Int64 = 0
    var marks: RowMarks = []
  }

  /// Where the calls of one subject are counted: a stretch of `routed`.
  struct Route: BitwiseCopyable {
    var first: Int32 = 0
    var count: Int32 = 0
    /// There was no room to follow a value.
    var isLimited = false
  }

  /// Fields as bits: asked for with every call.
  struct Fields: OptionSet, BitwiseCopyable {
    let rawValue: UInt8
    static let user = Fields(rawValue: 1)
    static let team = Fields(rawValue: 2)
    static let application = Fields(rawValue: 4)
    static let model = Fields(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init(_ field: Budget.Field) {
      self =
        switch field {
        case .user: .user
        case .team: .team
        case .application: .application
        case .model: .model
        }
    }
  }

  private struct Place: Hashable {
    var budget: Int32
    var key: UInt64
  }

  /// Values that are followed in all budgets for each, 100 to 150 bytes each; calls of further ones are counted as such.
  static let maxValues = 100_000
  /// No window is longer.
  private static let longestWindow: Int64 = 32 * 86_400_000_000_000
  /// So far the clock may go back within a window that has begun.
  static let slack: Int64 = 3_600_000_000_000

  private(set) var budgets: [Budget]
  private(set) var spans: [Range<Int64>] = []
  /// What a store knows each budget by, beside its name and window.
  let scopes: [String]
  private(set) var accounts: [Account] = []
  /// Numbers of the accounts that every call is counted in.
  let general: [Int32]
  /// What the other budgets look at.
  let fields: Fields
  /// When the first window ends.
  private(set) var nextTurn = Int64.max
  /// Calls that a budget for each could not follow.
  var unfollowed: Int64 = 0

  private var places: [Place: Int32] = [:]
  private var routes = RouteTable(unused: Route(), limit: 1 << 16)
  private(set) var routed: [Int32] = []
  /// Accounts that got a mark since it was last taken off all of them.
  private var changed: [Int32] = []
  private var promised: [Int32] = []
  /// What was spent of budgets that are not configured now: one may come back before its window ends.
  private var retired: [StoredBudget] = []

  /// - Parameter hash: of user ids, keyed.
  init(_ budgets: [Budget] = [], now: Int64 = 0, hash: (String) -> UInt64 = { _ in 0 }) {
    self.budgets = budgets
    scopes = budgets.map { budget in
      let parts = Budget.Field.allCases.compactMap { field in
        budget.conditions[field].map { value in
          switch value {
          case .each: "\(field.rawValue)=*"
          case .only(let text) where field == .user: "user=#\(String(hash(text), radix: 16))"
          case .only(let text): "\(field.rawValue)=\(text)"
          }
        }
      }
      return parts.isEmpty ? "all" : parts.joined(separator: ",")
    }
    general = budgets.indices.filter { budgets[$0].conditions.isEmpty }.map { Int32(truncatingIfNeeded: $0) }
    fields = budgets.flatMap(\.conditions.keys).reduce(into: Fields()) { $0.insert(Fields($1)) }
    accounts = budgets.indices.map { Account(budget: Int32(truncatingIfNeeded: $0), key: 0) }
    spans = budgets.map { $0.span(at: now) }
    nextTurn = spans.map(\.upperBound).min() ?? .max
  }

  var isEmpty: Bool { budgets.isEmpty }

  // MARK: Time

  /// Begins the windows anew that are over, and those that a clock set back has left.
  mutating func turn(now: Int64) {
    let over = budgets.indices.filter { now >= spans[$0].upperBound || now < spans[$0].lowerBound &- Self.slack }
    if over.isEmpty { return }
    for budget in over {
      spans[budget] = budgets[budget].span(at: now)
      accounts[budget].dollars = 0
      accounts[budget].tokens = 0
      mark(budget, [.changed, .promised])
    }
    nextTurn = spans.map(\.upperBound).min() ?? .max
    if over.contains(where: { budgets[$0].isForEach }) { dropValues(of: Set(over.map(Int32.init))) }
  }

  private mutating func dropValues(of over: Set<Int32>) {
    let values = accounts[budgets.count...].filter { !over.contains($0.budget) }
    accounts = accounts[..<budgets.count] + values
    places.removeAll()
    for index in accounts.indices.dropFirst(budgets.count) {
      places[Place(budget: accounts[index].budget, key: accounts[index].key)] = Int32(truncatingIfNeeded: index)
    }
    forgetRoutes()
    let all = accounts.indices.map { Int32(truncatingIfNeeded: $0) }
    changed = all.filter { accounts[Int($0)].marks.contains(.changed) }
    promised = all.filter { accounts[Int($0)].marks.contains(.promised) }
  }

  // MARK: Routes

  @inline(__always)
  func route(_ key: RouteKey) -> Route? { routes.target(key) }

  mutating func forgetRoutes() {
    routes.removeAll()
    routed.removeAll(keepingCapacity: true)
  }

  mutating func addRoute(_ key: RouteKey, of list: [Int32], isLimited: Bool) -> Route {
    // A table that is full empties itself.
    if routes.count >= 1 << 16 { forgetRoutes() }
    let route = Route(first: Int32(routed.count), count: Int32(list.count), isLimited: isLimited)
    routed += list
    routes.insert(route, key)
    return route
  }

  /// The account of a value; made where there is room.
  mutating func account(of budget: Int, key: UInt64) -> Int32? {
    let place = Place(budget: Int32(truncatingIfNeeded: budget), key: key)
    if let known = places[place] { return known }
    guard accounts.count - budgets.count < Self.maxValues else { return nil }
    let index = Int32(truncatingIfNeeded: accounts.count)
    accounts.append(Account(budget: place.budget, key: key))
    places[place] = index
    return index
  }

  func known(_ budget: Int, key: UInt64) -> Account? {
    places[Place(budget: Int32(truncatingIfNeeded: budget), key: key)].map { accounts[Int($0)] }
  }

  // MARK: Spending

  /// - Parameter ended: when the call did: one that ended before the window began is no part of it.
  @inline(__always)
  mutating func spend(_ dollars: Picodollars, _ tokens: Int64, ended: Int64, on account: Int, _ marks: RowMarks) {
    let budget = Int(accounts[account].budget)
    guard ended >= spans[budget].lowerBound else { return }
    accounts[account].dollars &+= dollars
    accounts[account].tokens &+= tokens
    if !accounts[account].marks.isSuperset(of: marks) { mark(account, marks) }
    if account >= budgets.count { raise(budget, to: account) }
  }

  @inline(__always)
  private mutating func raise(_ budget: Int, to account: Int) {
    accounts[budget].dollars = max(accounts[budget].dollars, accounts[account].dollars)
    accounts[budget].tokens = max(accounts[budget].tokens, accounts[account].tokens)
  }

  // MARK: Stored

  private mutating func mark(_ account: Int, _ marks: RowMarks) {
    let new = marks.subtracting(accounts[account].marks)
    if new.contains(.changed) { changed.append(Int32(truncatingIfNeeded: account)) }
    if new.contains(.promised) { promised.append(Int32(truncatingIfNeeded: account)) }
    accounts[account].marks.formUnion(marks)
  }

  /// Accounts that changed since they were taken last; of the scope of promises only those that an acknowledgement
  /// stands for.
  mutating func takeChanges(_ scope: RegistryChanges.Scope) -> [StoredBudget] {
    let taken = scope == .everything ? changed : promised
    promised.removeAll(keepingCapacity: true)
    if scope == .everything { changed.removeAll(keepingCapacity: true) }
    return taken.compactMap { index in
      let account = Int(index)
      // Taken before by a smaller scope, and unchanged since.
      if accounts[account].marks.isEmpty { return nil }
      accounts[account].marks = []
      return stored(account)
    }
  }

  private func stored(_ account: Int) -> StoredBudget {
    let budget = Int(accounts[account].budget)
    return StoredBudget(
      budget: budgets[budget].name, window: budgets[budget].window.rawValue, scope: scopes[budget],
      started: spans[budget].lowerBound, key: Int64(bitPattern: accounts[account].key),
      dollars: accounts[account].dollars, tokens: accounts[account].tokens)
  }

  /// What a ledger of other budgets can go on from.
  var all: [StoredBudget] {
    retired + accounts.indices.filter { $0 >= budgets.count || !budgets[$0].isForEach }.map(stored)
  }

  /// Adds what an earlier process or an earlier configuration counted: what is of the window at hand.
  mutating func add(_ stored: [StoredBudget], now: Int64) {
    for stored in stored {
      guard let account = account(of: stored) else {
        if retired.count < Self.maxValues, now &- stored.started < Self.longestWindow { retired.append(stored) }
        continue
      }
      accounts[account].dollars &+= stored.dollars
      accounts[account].tokens &+= stored.tokens
      if account >= budgets.count { raise(Int(accounts[account].budget), to: account) }
    }
  }

  /// What was taken did not reach the disk.
  mutating func putBack(_ stored: [StoredBudget]) {
    for stored in stored {
      if let account = account(of: stored) { mark(account, [.changed, .promised]) }
    }
  }

  mutating func markAll() {
    for account in accounts.indices { mark(account, [.changed, .promised]) }
  }

  private mutating func account(of stored: StoredBudget) -> Int? {
    for budget in budgets.indices
    where budgets[budget].name == stored.budget && budgets[budget].window.rawValue == stored.window
      && scopes[budget] == stored.scope && spans[budget].lowerBound == stored.started
    {
      if !budgets[budget].isForEach { return budget }
      // The row of the budget itself only says which window its values are of.
      if stored.key == 0 { return nil }
      return account(of: budget, key: UInt64(bitPattern: stored.key)).map(Int.init)
    }
    return nil
  }
}

/// What was spent of a budget in one window, as a store keeps it.
public struct StoredBudget: Sendable, Equatable {
  public var budget: String
  public var window: String
  /// Whose calls it is for; user ids are hashed.
  public var scope: String
  /// When the window began, nanoseconds since 1970.
  public var started: Int64
  /// Keyed hash of the value in a budget for each; else 0.
  public var key: Int64
  public var dollars: Picodollars
  public var tokens: Int64

  public init(
    budget: String, window: String, scope: String, started: Int64, key: Int64, dollars: Picodollars, tokens: Int64
  ) {
    self.budget = budget
    self.window = window
    self.scope = scope
    self.started = started
    self.key = key
    self.dollars = dollars
    self.tokens = tokens
  }
}
