import Events

/// Counters that belong to no label set, under names that outlive this version: as they are exposed.
extension RegistryState {
  /// The names, in the order of `storedTallies`.
  var storedTallyNames: [String] {
    func names<Set: ClosedSet>(_ set: Set.Type, _ name: String, _ label: String) -> [String] {
      Set.allCases.map { "\(name){\(label)=\"\($0.label)\"}" }
    }
    let labels = labelSets.countedNames
    return names(EventSource.self, TallyName.received, "source") + names(EventKind.self, TallyName.accepted, "event")
      + names(RejectReason.self, TallyName.rejected, "reason") + names(DropReason.self, TallyName.dropped, "reason")
      + names(EventSource.self, TallyName.lastEvent, "source")
      + [TallyName.duplicate, TallyName.inFlightExpired, TallyName.idsEvicted]
      + labels.map { "\(TallyName.limited){label=\"\($0)\"}" } + labels.map { "\(TallyName.altered){label=\"\($0)\"}" }
      + ["\(TallyName.limited){label=\"\(LabelSets.budgets)\"}"]
      + Sessions.storedTurnNames(bounds: configuration.bounds.turns)
  }

  var storedTallies: [Int64] {
    func values<Set: ClosedSet>(_ tally: EventTallies.Tally<Set>) -> [Int64] { Set.allCases.map { tally[$0] } }
    return values(tallies.received) + values(tallies.accepted) + values(tallies.rejected) + values(tallies.dropped)
      + values(tallies.lastEvent) + [tallies.duplicate, inFlight.expired, seen.evicted &+ restoredEvictions]
      + limited + altered + [budgets.unfollowed] + sessions.storedTurns(bounds: configuration.bounds.turns)
  }

  /// Adds what an earlier process had counted.
  mutating func restore(tallies stored: [String: Int64]) {
    func value(_ name: String, _ label: String, _ of: String) -> Int64 { stored["\(name){\(label)=\"\(of)\"}"] ?? 0 }
    for source in EventSource.allCases {
      tallies.received[source] &+= value(TallyName.received, "source", source.label)
      tallies.lastEvent[source] = max(
        tallies.lastEvent[source], value(TallyName.lastEvent, "source", source.label))
    }
    for kind in EventKind.allCases { tallies.accepted[kind] &+= value(TallyName.accepted, "event", kind.label) }
    for reason in RejectReason.allCases {
      tallies.rejected[reason] &+= value(TallyName.rejected, "reason", reason.label)
    }
    for reason in DropReason.allCases { tallies.dropped[reason] &+= value(TallyName.dropped, "reason", reason.label) }
    tallies.duplicate &+= stored[TallyName.duplicate] ?? 0
    inFlight.addExpired(stored[TallyName.inFlightExpired] ?? 0)
    restoredEvictions &+= stored[TallyName.idsEvicted] ?? 0
    for (index, label) in labelSets.countedNames.enumerated() {
      limited[index] &+= value(TallyName.limited, "label", label)
      altered[index] &+= value(TallyName.altered, "label", label)
    }
    budgets.unfollowed &+= value(TallyName.limited, "label", LabelSets.budgets)
    sessions.restoreTurns(stored, bounds: configuration.bounds.turns)
  }
}

enum TallyName {
  static let received = "llm_exporter_events_received_total"
  static let accepted = "llm_exporter_events_accepted_total"
  static let rejected = "llm_exporter_events_rejected_total"
  static let duplicate = "llm_exporter_events_duplicate_total"
  static let dropped = "llm_exporter_events_dropped_total"
  static let lastEvent = "llm_exporter_last_event_timestamp_seconds"
  static let inFlightExpired = "llm_exporter_in_flight_expired_total"
  static let limited = "llm_exporter_series_limited_total"
  static let altered = "llm_exporter_labels_altered_total"
  static let idsEvicted = "llm_exporter_ids_evicted_total"
  static let turns = "llm_conversation_turns"
}
