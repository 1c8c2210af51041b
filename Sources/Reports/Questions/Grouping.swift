import CivilTime
import Events
import Pricing
import Storage

/// The values of a group's dimensions.
struct GroupKey: Hashable {
  /// Number of the combination of attributes.
  var attributes: Int32
  var outcome: UInt8
  /// Three parts of time at most, 21 bits each.
  var time: Int64
  var user: String
}

/// Sorts calls into the groups of a question.
struct Grouping {
  private let by: [Dimension]
  private let filters: [ReportQuery.Filter]
  private let parts: [Dimension.TimePart]
  private let keepsUser: Bool
  private let keepsOutcome: Bool
  private let keepsStatus: Bool
  private let filteredUser: String?
  private var buckets: TimeBuckets
  /// By reader and set: the number of its attributes' combination; nil where a filter leaves it out.
  private var numberOfSet: [[Int64: Int32?]] = []
  private var combinations: [[String]: Int32] = [:]
  private(set) var attributes: [[String]] = []

  static let maxTimeParts = 3

  init(by: [Dimension], filters: [ReportQuery.Filter], zone: TimeZone) throws {
    self.by = by
    self.filters = filters
    parts = by.compactMap { if case .time(let part) = $0 { part } else { nil } }
    guard parts.count <= Self.maxTimeParts else {
      throw ReportError("--by takes \(Self.maxTimeParts) parts of time at most, and has \(parts.count)")
    }
    keepsUser = by.contains(.user)
    keepsOutcome = by.contains(.errorType)
    keepsStatus = by.contains(.status)
    filteredUser = filters.first { $0.dimension == .user }?.value
    buckets = TimeBuckets(zone: zone)
    for filter in filters {
      if case .time = filter.dimension { throw ReportError("--where takes no parts of time: use --since and --until") }
    }
  }

  /// Prepares for the rows of one more file.
  mutating func add(sets: [Int64: CallSet]) {
    var numbers: [Int64: Int32?] = [:]
    for (id, set) in sets { numbers[id] = .some(number(of: set)) }
    numberOfSet.append(numbers)
  }

  private mutating func number(of set: CallSet) -> Int32? {
    for filter in filters {
      switch filter.dimension {
      case .attribute(let attribute): if set[keyPath: attribute.path] != filter.value { return nil }
      case .label(let key): if Self.label(key, of: set) != filter.value { return nil }
      case .user, .status, .errorType, .time: break
      }
    }
    let values = by.compactMap { dimension -> String? in
      switch dimension {
      case .attribute(let attribute): set[keyPath: attribute.path]
      case .label(let key): Self.label(key, of: set)
      case .user, .status, .errorType, .time: nil
      }
    }
    if let number = combinations[values] { return number }
    let number = Int32(attributes.count)
    attributes.append(values)
    combinations[values] = number
    return number
  }

  private static func label(_ key: String, of set: CallSet) -> String {
    set.labels.first { $0.key == key }?.value ?? ""
  }

  /// - Returns: nil where a filter leaves the call out.
  mutating func key(reader: Int, set: Int64, user: String, outcome: UInt8, time: Int64) -> GroupKey? {
    guard let number = numberOfSet[reader][set] ?? nil else { return nil }
    if let filteredUser, user != filteredUser { return nil }
    for filter in filters {
      if filter.dimension == .status, filter.value != Self.status(outcome) { return nil }
      if filter.dimension == .errorType, filter.value != Self.errorType(outcome) { return nil }
    }
    var key = GroupKey(attributes: number, outcome: 0, time: 0, user: keepsUser ? user : "")
    if keepsOutcome {
      key.outcome = outcome
    } else if keepsStatus {
      key.outcome = min(outcome, 1)
    }
    for part in parts { key.time = key.time << 21 | (buckets.bucket(part, time) & 0x1f_ffff) }
    return key
  }

  static func status(_ outcome: UInt8) -> String { outcome == 0 ? "success" : "error" }

  static func errorType(_ outcome: UInt8) -> String {
    outcome == 0 ? "" : ErrorType(rawValue: outcome - 1)?.label ?? "other"
  }

  /// The group's values in the order of the dimensions.
  func values(_ key: GroupKey) -> [String] {
    var attribute = 0
    var part = 0
    return by.map { dimension in
      switch dimension {
      case .attribute, .label:
        defer { attribute += 1 }
        return attributes[Int(key.attributes)][attribute]
      case .user: return key.user
      case .status: return Self.status(key.outcome)
      case .errorType: return Self.errorType(key.outcome)
      case .time(let kind):
        defer { part += 1 }
        return TimeBuckets.text(kind, key.time >> Int64(21 * (parts.count - 1 - part)) & 0x1f_ffff)
      }
    }
  }

  /// Groups of a time stand in its order; others by size.
  var isChronological: Bool { if case .time = by.first { true } else { false } }
  /// Times that come again: `weekday`, `hour-of-day`.
  var isCyclic: Bool { by.first == .time(.weekday) || by.first == .time(.hourOfDay) }
  var needsUser: Bool { keepsUser || filteredUser != nil }
}
