import CivilTime
import Storage

/// Calls of a question, summed by group.
struct Gathered<Value> {
  var groups: [GroupKey: Value] = [:]
  var grouping: Grouping
  var isWidened = false
  var isShifted = false

  /// What a reader of the sums should know of the time that they are of.
  var notes: [String] {
    var notes: [String] = []
    if isWidened { notes.append("The first hour is counted whole: its single calls are no longer kept.") }
    if isShifted {
      notes.append("Time of which single calls are no longer kept is counted by whole hours of UTC, not of this zone.")
    }
    return notes
  }
}

extension CallSource {
  /// Sums by group, from rows and the sums of hours.
  func sums(_ query: ReportQuery, by: [Dimension]) throws -> Gathered<Sums> {
    var gathered = Gathered<Sums>(grouping: try Grouping(by: by, filters: query.filters, zone: query.zone))
    // Where clocks differ by half an hour, an hour here is none there.
    let fitsHours = [query.range.lowerBound, query.range.upperBound].allSatisfy {
      query.zone.offset(at: Instant.seconds($0)) % 3600 == 0
    }
    for (number, reader) in readers.enumerated() {
      gathered.grouping.add(sets: try reader.sets())
      let plan = Self.plan(query.range, oldest: try reader.oldest(), fitsHours: fitsHours)
      gathered.isWidened = gathered.isWidened || plan.isWidened
      gathered.isShifted = gathered.isShifted || plan.isShifted
      for piece in plan.pieces { try add(piece, of: reader, number, to: &gathered) }
    }
    return gathered
  }

  private func add(
    _ piece: Plan.Piece, of reader: CallLogReader, _ number: Int, to gathered: inout Gathered<Sums>
  ) throws {
    switch piece {
    case .rows(let range):
      let texts: CallLogReader.Texts = gathered.grouping.needsUser ? .user : []
      try reader.calls(in: range, texts: texts) { call in
        let key = gathered.grouping.key(
          reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time)
        if let key { gathered.groups[key, default: Sums()].add(Sums(call)) }
      }
    case .hours(let range):
      try reader.hours(in: range) { hour in
        let key = gathered.grouping.key(
          reader: number, set: hour.set, user: hour.user, outcome: hour.outcome, time: hour.time)
        if let key { gathered.groups[key, default: Sums()].add(Sums(hour)) }
      }
    }
  }

  /// Rows by group, each added to the group's value.
  func rows<Value>(
    _ query: ReportQuery, by: [Dimension], texts: CallLogReader.Texts = [], initial: Value,
    _ add: (inout Value, inout StoredCall) -> Void
  ) throws -> Gathered<Value> {
    var gathered = Gathered<Value>(grouping: try Grouping(by: by, filters: query.filters, zone: query.zone))
    for (number, reader) in readers.enumerated() {
      gathered.grouping.add(sets: try reader.sets())
      let needed = gathered.grouping.needsUser ? texts.union(.user) : texts
      try reader.calls(in: query.range, texts: needed) { call in
        let key = gathered.grouping.key(
          reader: number, set: call.set, user: call.user, outcome: call.outcome, time: call.time)
        if let key { add(&gathered.groups[key, default: initial], &call) }
      }
    }
    return gathered
  }
}

extension Gathered {
  /// The groups in the order of the report, the rest of them as one.
  ///
  /// - Parameters:
  ///   - size: what decides the order, and who is among the first.
  ///   - top: groups shown at most.
  func ordered(
    top: Int, size: (Value) -> Int128
  ) -> (first: [(values: [String], value: Value)], rest: [Value]) {
    let all = groups.map { (key: $0.key, values: grouping.values($0.key), value: $0.value) }
    let bySize = all.sorted { a, b in
      let sizes = (size(a.value), size(b.value))
      return sizes.0 != sizes.1 ? sizes.0 > sizes.1 : a.values.lexicographicallyPrecedes(b.values)
    }
    if !grouping.isChronological || grouping.isCyclic {
      // Of hours of the day and days of the week the largest, in the order of time: they have no latest.
      let first = bySize.prefix(top)
      let shown = grouping.isCyclic ? first.sorted { $0.key.time < $1.key.time } : Array(first)
      return (shown.map { ($0.values, $0.value) }, bySize.dropFirst(top).map(\.value))
    }
    // The latest ones, in the order of time; sorting keeps the order of size within one time.
    let byTime = bySize.sorted { $0.key.time < $1.key.time }
    return (byTime.suffix(top).map { ($0.values, $0.value) }, byTime.dropLast(top).map(\.value))
  }
}
