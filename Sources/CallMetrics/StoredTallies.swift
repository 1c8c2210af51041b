import Events

/// Counters that belong to no label set, under names that outlive this version: as they are exposed.
extension RegistryState {
  var storedTallies: [String: Int64] {
    var stored: [String: Int64] = [:]
    func keep<Set: ClosedSet>(_ tally: EventTallies.Tally<Set>, _ name: String, _ label: String) {
      for value in Set.allCases { stored["\(name){\(label)=\"\(value.label)\"}"] = tally[value] }
    }
    keep(tallies.received, TallyName.received, "source")
    keep(tallies.accepted, TallyName.accepted, "event")
    keep(tallies.rejected, TallyName.rejected, "reason")
    keep(tallies.dropped, TallyName.dropped, "reason")
    keep(tallies.lastEvent, TallyName.lastEvent, "source")
    stored[TallyName.duplicate] = tallies.duplicate
    stored[TallyName.inFlightExpired] = inFlight.expired
    stored[TallyName.idsEvicted] = seen.evicted &+ restoredEvictions
    for (index, label) in (labelSets.names + [LabelSets.wholeSet]).enumerated() {
      stored["\(TallyName.limited){label=\"\(label)\"}"] = limited[index]
      stored["\(TallyName.altered){label=\"\(label)\"}"] = altered[index]
    }
    for (name, value) in sessions.storedTurns(bounds: configuration.bounds.turns) { stored[name] = value }
    return stored
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
    for (index, label) in (labelSets.names + [LabelSets.wholeSet]).enumerated() {
      limited[index] &+= value(TallyName.limited, "label", label)
      altered[index] &+= value(TallyName.altered, "label", label)
    }
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
