import CivilTime
import Storage

/// What rows are grouped by.
public enum Dimension: Hashable, Sendable {
  case attribute(Attribute)
  /// A free label.
  case label(String)
  case user
  case status
  case errorType
  case time(TimePart)

  /// What calls have in common, by the name of its column.
  public enum Attribute: String, CaseIterable, Sendable {
    case model, provider, operation, application, team, environment, function, version, region
    case responseModel = "response_model"
    case promptName = "prompt_name"
    case promptVersion = "prompt_version"
    case serviceTier = "service_tier"
    case fallbackFrom = "fallback_from"

    var path: any KeyPath<CallSet, String> & Sendable {
      switch self {
      case .model: \.model
      case .provider: \.provider
      case .operation: \.operation
      case .application: \.application
      case .team: \.team
      case .environment: \.environment
      case .function: \.function
      case .version: \.version
      case .region: \.region
      case .responseModel: \.responseModel
      case .promptName: \.promptName
      case .promptVersion: \.promptVersion
      case .serviceTier: \.serviceTier
      case .fallbackFrom: \.fallbackFrom
      }
    }
  }

  public enum TimePart: String, CaseIterable, Sendable {
    case hour, day, week, month, weekday
    case hourOfDay = "hour-of-day"
  }

  /// `model`, `day`, `label:tenant`, …
  public init?(_ name: String) {
    if name == "app" {
      self = .attribute(.application)
    } else if let attribute = Attribute(rawValue: name) {
      self = .attribute(attribute)
    } else if let part = TimePart(rawValue: name) {
      self = .time(part)
    } else if name == "user" {
      self = .user
    } else if name == "status" {
      self = .status
    } else if name == "error_type" {
      self = .errorType
    } else if name.hasPrefix("label:"), name.utf8.count > 6 {
      self = .label(String(name.dropFirst(6)))
    } else {
      return nil
    }
  }

  public var name: String {
    switch self {
    case .attribute(let attribute): attribute.rawValue
    case .label(let key): "label:" + key
    case .user: "user"
    case .status: "status"
    case .errorType: "error_type"
    case .time(let part): part.rawValue
    }
  }

  public static var names: [String] {
    Attribute.allCases.map(\.rawValue) + ["user", "status", "error_type", "label:KEY"]
      + TimePart.allCases.map(\.rawValue)
  }

  private var isTime: Bool { if case .time = self { true } else { false } }

  var column: Column {
    let key = name.split(separator: "-").joined(separator: "_")
    var words = name.split { $0 == "_" || $0 == "-" }.joined(separator: " ")
    if case .label(let label) = self { words = label }
    return Column(key, words.capitalizedFirst, isNumber: false, mayShrink: !isTime)
  }
}

/// The part of time that a call falls in, as a number that sorts.
struct TimeBuckets {
  let zone: TimeZone
  private var current = Int64.min
  /// Whether clocks were put back, and show this hour for the second time.
  private var isAgain = false
  private var local: (date: CivilDate, seconds: Int) = (CivilDate(daysSinceEpoch: 0), 0)
  /// Zones differ from Greenwich by whole quarters of an hour.
  private static let quarter: Int64 = 900_000_000_000

  init(zone: TimeZone) { self.zone = zone }

  mutating func bucket(_ part: Dimension.TimePart, _ time: Int64) -> Int64 {
    if time / Self.quarter != current {
      current = time / Self.quarter
      let start = Instant.seconds(current * Self.quarter)
      local = zone.local(start)
      isAgain = zone.time(of: local.date, seconds: local.seconds) < start
    }
    switch part {
    case .hour: return Int64(local.date.daysSinceEpoch * 24 + local.seconds / 3600) * 2 + (isAgain ? 1 : 0)
    case .day: return Int64(local.date.daysSinceEpoch)
    case .week: return Int64(local.date.startOfWeek.daysSinceEpoch)
    case .month: return Int64(local.date.startOfMonth.daysSinceEpoch)
    case .weekday: return Int64(local.date.weekday)
    case .hourOfDay: return Int64(local.seconds / 3600)
    }
  }

  static func text(_ part: Dimension.TimePart, _ bucket: Int64) -> String {
    let number = Int(bucket)
    switch part {
    case .hour:
      let hour = number / 2
      return CivilDate(daysSinceEpoch: hour / 24).text + " " + Digits.padded(hour % 24, 2) + ":00"
        + (number % 2 == 1 ? " again" : "")
    case .day: return CivilDate(daysSinceEpoch: number).text
    case .week:
      let week = CivilDate(daysSinceEpoch: number).isoWeek
      return "\(week.year)-W\(Digits.padded(week.week, 2))"
    case .month: return String(CivilDate(daysSinceEpoch: number).text.prefix(7))
    case .weekday:
      return ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"][min(max(number, 1), 7) - 1]
    case .hourOfDay: return Digits.padded(number, 2) + ":00"
    }
  }
}
