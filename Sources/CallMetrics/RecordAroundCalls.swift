import Events
import Pricing

/// What belongs to calls but is no call that ended: beginnings, repeats, turns of a conversation, levels.
extension RegistryState {
  /// Remembers the call for the feedback that may follow, and ends it if it was in flight.
  @inline(__always)
  mutating func remember(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    let id = event.fields.id
    if !id.isEmpty {
      let hash = hash(id, event, in: line)
      recentCalls.insert(hash, value: call.labelSet, now: call.now)
      if !inFlight.isEmpty, let row = inFlight.end(hash) { calls.add(-1, row: row, word: CallWord.inFlight) }
    }
    if !event.fields.traceID.isEmpty {
      recentCalls.insert(hash(event.fields.traceID, event, in: line), value: call.labelSet, now: call.now)
    }
  }

  @inline(__always)
  func hash(_ text: Text, _ event: borrowing Event, in line: Span<UInt8>) -> UInt64 {
    routeKeys.key(of: text, event, in: line, salt: 0).low
  }

  @inline(never)
  mutating func countUser(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    let user = event.withBytes(of: event.fields.user, in: line) { sketchHash.hash($0) }
    users.add(user, now: call.now)
    let isPlain = userHash == nil
    topUsers.add(user, call.total &* Int128(call.weight), ended: call.ended, now: call.now) {
      isPlain ? LabelText.mend(event.bytes(of: event.fields.user, in: line)).value : ""
    }
  }

  mutating func recordStart(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) -> DropReason? {
    let route = route(event, in: line, now: now)
    let row = callRow(of: route.labelSet, now: now)
    switch inFlight.begin(hash(event.fields.id, event, in: line), row: Int32(truncatingIfNeeded: row), now: now) {
    case .begun:
      calls.add(1, row: row, word: CallWord.inFlight)
      return nil
    case .alreadyBegun: return nil
    case .full: return .inFlightLimit
    }
  }

  /// The same prompt of the same user, or of the same session where no user is named.
  @inline(never)
  mutating func countRepeatedPrompt(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    let who = event.fields.user.isEmpty ? event.fields.session : event.fields.user
    guard !who.isEmpty else { return }
    let prompt = hash(event.fields.promptHash, event, in: line)
    let key = prompt &* 31 ^ hash(who, event, in: line)
    if recentPrompts.value(of: key, within: configuration.repeatWindow, now: call.now) != nil {
      calls.add(call.weight, row: call.row, word: CallWord.repeatedPrompts)
    }
    recentPrompts.insert(key, value: 0, now: call.now)
  }

  @inline(never)
  mutating func countTurn(_ event: borrowing Event, in line: Span<UInt8>, _ call: Call) {
    sessions.turn(hash(event.fields.session, event, in: line), now: call.now)
  }

  mutating func recordGauge(_ event: borrowing Event, in line: Span<UInt8>, now: Int64) -> DropReason? {
    guard let name = event.fields.gauge else { return nil }
    func value(_ text: Text) -> String { LabelText.mend(event.bytes(of: text, in: line)).value }
    let named = event.fields.requestModel.isEmpty ? event.fields.model : event.fields.requestModel
    let model = pricer.alias(value(named), provider: value(event.fields.provider))
    let taken = gauges.report(
      name, own: value(event.fields.gaugeLabel), application: value(event.fields.application), model: model,
      value: event.fields.gaugeValue, now: now)
    return taken ? nil : .gaugeLimit
  }

  /// What time alone changes.
  mutating func tick(now: Int64) {
    for row in inFlight.expire(before: now &- configuration.inFlightTimeout) {
      calls.add(-1, row: row, word: CallWord.inFlight)
    }
    gauges.expire(before: now &- configuration.gaugeExpiry)
    users.pass(to: now)
    budgets.turn(now: now)
    topUsers.turn(now: now)
    sessions.endQuiet(now: now, bounds: configuration.bounds.turns)
    if let expiry = configuration.expiry { expire(before: now &- expiry) }
  }

  private mutating func expire(before oldest: Int64) {
    let rows = expirable(calls, before: oldest).filter { calls.words[$0 * CallWord.count + CallWord.inFlight] == 0 }
    for row in rows {
      if isStored { dormant.keep(row: row, of: calls, .calls) }
      calls.remove(row: row)
      labelSets.remove(row: Int32(truncatingIfNeeded: row))
    }
    let side = [RegistryTable.fallbacks, .feedback, .scores].reduce(0) { $0 + expire($1, before: oldest) }
    guard !rows.isEmpty || side > 0 else { return }
    // Routes and remembered calls hold numbers of rows and sets that mean nothing any more.
    callRoutes.removeAll()
    fallbackRoutes.removeAll()
    scoreRoutes.removeAll()
    recentCalls.removeAll()
    labelSets.sweep()
  }

  /// - Returns: how many records went.
  private mutating func expire(_ kind: RegistryTable, before oldest: Int64) -> Int {
    let rows = expirable(kind.of(self), before: oldest)
    for row in rows {
      if isStored { dormant.keep(row: row, of: kind.of(self), kind) }
      removeSideRow(row, kind)
    }
    return rows.count
  }

  /// A stored record goes only once the store has all of it.
  private func expirable(_ table: borrowing RecordTable, before oldest: Int64) -> [Int] {
    let rows = table.expired(before: oldest)
    if !isStored { return rows }
    if isCopying || dormant.isFull { return [] }
    return rows.filter { table.isKnownToStore(row: $0) }
  }
}
