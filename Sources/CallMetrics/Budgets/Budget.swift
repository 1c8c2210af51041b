public import CivilTime
public import Pricing

/// What may be spent in a day, a week or a month, and by whom.
public struct Budget: Sendable, Equatable {
  public enum Window: String, CaseIterable, Sendable { case day, week, month }

  /// What a budget can be for.
  public enum Field: String, CaseIterable, Sendable { case user, team, application, model }

  public enum Value: Sendable, Equatable {
    case only(String)
    /// Each value has the whole limit for itself. A call that lacks the field has no part in the budget.
    case each
  }

  public var name: String
  public var window: Window
  public var zone: TimeZone
  /// At least one of the two limits is there, and each is above 0.
  public var dollars: Picodollars?
  public var tokens: Int64?
  /// A call has to meet all of them; none: every call does.
  public var conditions: [Field: Value]

  public init(
    name: String, window: Window, zone: TimeZone = .utc, dollars: Picodollars? = nil, tokens: Int64? = nil,
    conditions: [Field: Value] = [:]
  ) {
    self.name = name
    self.window = window
    self.zone = zone
    self.dollars = dollars
    self.tokens = tokens
    self.conditions = conditions
  }

  var isForEach: Bool { conditions.values.contains(.each) }

  func span(at now: Int64) -> Range<Int64> { window.span(at: now, in: zone) }
}

extension Budget.Window {
  /// The window that holds a moment, in nanoseconds since 1970. Weeks begin on Monday.
  func span(at now: Int64, in zone: TimeZone) -> Range<Int64> {
    let today = zone.local(Instant.seconds(now)).date
    let (first, next) =
      switch self {
      case .day: (today, today.adding(days: 1))
      case .week: (today.startOfWeek, today.startOfWeek.adding(days: 7))
      case .month: (today.startOfMonth, today.startOfNextMonth)
      }
    func instant(_ date: CivilDate) -> Int64 {
      Int64(clamping: Int128(zone.time(of: date)) * Int128(Instant.second))
    }
    let start = instant(first)
    return start..<max(start, instant(next))
  }
}

/// Whose call it is: the fields that budgets can be for, empty where they are not known.
struct BudgetSubject {
  /// As in the label: after the configuration's aliases.
  var model = ""
  var application = ""
  var team = ""
  /// Keyed hash of the id; nil: no user.
  var user: UInt64?
}
