import CivilTime
public import Storage

/// Files that a report is made from: one daemon's, or those of several hosts.
public struct CallSource: Sendable {
  let readers: [CallLogReader]

  public init(_ readers: [CallLogReader]) { self.readers = readers }

  /// How a range of time is read: whole hours from the sums, the ends from rows. So a year costs as much as its hours.
  struct Plan: Equatable {
    enum Piece: Equatable {
      case rows(Range<Int64>)
      /// Hours since 1970.
      case hours(Range<Int64>)
    }
    var pieces: [Piece] = []
    /// The range begins before the oldest row: its first hour is counted whole.
    var isWidened = false
    /// Hours of Greenwich where those of the zone were asked for: rows of that time are gone.
    var isShifted = false
  }

  /// - Parameters:
  ///   - oldest: time of the first row and of the first hour with sums; nil: there is none.
  ///   - fitsHours: the question can be answered from the sums of hours as far as grouping goes.
  static func plan(_ range: Range<Int64>, oldest: (call: Int64?, hour: Int64?), fitsHours: Bool) -> Plan {
    let hour = Instant.hour
    guard fitsHours else { return shifted(range, oldest: oldest) }
    var first = (range.lowerBound + hour - 1) / hour
    let last = range.upperBound / hour
    var plan = Plan()
    // The rows of the first hour are gone, and its sums are not.
    let isPruned = (oldest.call ?? .max) >= first * hour && (oldest.hour ?? .max) < first * hour
    if range.lowerBound < first * hour, isPruned {
      first = range.lowerBound / hour
      plan.isWidened = true
    }
    guard first < last else { return Plan(pieces: [.rows(range)]) }
    if !plan.isWidened, range.lowerBound < first * hour { plan.pieces.append(.rows(range.lowerBound..<first * hour)) }
    // Before the first there is nothing to look for, however far back the question reaches.
    let known = min(max(first, (oldest.hour ?? .max) / hour), last)
    plan.pieces.append(.hours(known..<last))
    if last * hour < range.upperBound { plan.pieces.append(.rows(last * hour..<range.upperBound)) }
    return plan
  }

  /// Rows as far back as there are any; before that, whole hours, which begin and end elsewhere than those asked for.
  private static func shifted(_ range: Range<Int64>, oldest: (call: Int64?, hour: Int64?)) -> Plan {
    let hour = Instant.hour
    let firstRow = (oldest.call ?? range.upperBound) / hour
    let hours = range.lowerBound / hour..<max(range.lowerBound / hour, min(firstRow + 1, range.upperBound / hour))
    guard let oldestHour = oldest.hour, oldestHour < firstRow * hour, hours.lowerBound < firstRow, !hours.isEmpty else {
      return Plan(pieces: [.rows(range)])
    }
    var plan = Plan(pieces: [.hours(max(hours.lowerBound, oldestHour / hour)..<hours.upperBound)], isShifted: true)
    let rest = hours.upperBound * hour
    if rest < range.upperBound { plan.pieces.append(.rows(rest..<range.upperBound)) }
    return plan
  }
}
