public import Events

/// Where events came from. The same numbers as the listeners' own.
public enum EventSource: UInt8, ClosedSet {
  case udp, unixgram, unix
  public var label: String {
    switch self {
    case .udp: "udp"
    case .unixgram: "unixgram"
    case .unix: "unix"
    }
  }
}

/// Why an event that was fine was not counted: our own limits only.
public enum DropReason: UInt8, ClosedSet {
  case inFlightLimit, gaugeLimit
  public var label: String {
    switch self {
    case .inFlightLimit: "in_flight_limit"
    case .gaugeLimit: "gauge_limit"
    }
  }
}

/// What became of every event that was received: received = accepted + rejected + duplicate + dropped.
public struct EventTallies: Sendable {
  public internal(set) var received = Tally<EventSource>()
  public internal(set) var accepted = Tally<EventKind>()
  public internal(set) var rejected = Tally<RejectReason>()
  public internal(set) var duplicate: Int64 = 0
  public internal(set) var dropped = Tally<DropReason>()
  /// Nanoseconds since 1970.
  public internal(set) var lastEvent = Tally<EventSource>()

  /// A number for each value of a closed set.
  public struct Tally<Set: ClosedSet>: Sendable {
    // No closed set has more than 16 values; a fixed array needs no allocation and no reference count.
    private var numbers: [16 of Int64] = .init(repeating: 0)
    public internal(set) subscript(_ value: Set) -> Int64 {
      @inline(__always) get { numbers[Int(value.rawValue)] }
      @inline(__always) set { numbers[Int(value.rawValue)] = newValue }
    }
    /// Wrapping, as a damaged store may have restored anything.
    public var total: Int64 { Set.allCases.reduce(0) { $0 &+ self[$1] } }

    func samples(_ label: String) -> [SampledFamily.Sample] {
      Set.allCases.map { .init([(label, $0.label)], .integer(self[$0])) }
    }
  }

  var families: [SampledFamily] {
    [
      SampledFamily(
        Family(TallyName.received, .counter, help: "Events received, by listener kind."),
        received.samples("source")),
      SampledFamily(
        Family(TallyName.accepted, .counter, help: "Events counted, by kind."),
        accepted.samples("event")),
      SampledFamily(
        Family(TallyName.rejected, .counter, help: "Events that were not understood, by reason."),
        rejected.samples("reason")),
      SampledFamily(
        Family(TallyName.duplicate, .counter, help: "Events that had been counted before."),
        [.init([], .integer(duplicate))]),
      SampledFamily(
        Family(TallyName.dropped, .counter, help: "Events not counted because of our own limits."),
        dropped.samples("reason")),
      SampledFamily(
        Family(
          TallyName.lastEvent, .gauge, unit: "seconds",
          help: "When the last event came, by listener kind."),
        EventSource.allCases.filter { lastEvent[$0] > 0 }.map {
          .init([("source", $0.label)], .nano(lastEvent[$0]))
        }),
    ]
  }
}
