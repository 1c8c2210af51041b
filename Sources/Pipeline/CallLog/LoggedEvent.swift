public import Events
public import Pricing

/// A call or a judgement on its way to the call log.
public struct LoggedEvent: Sendable {
  /// Its texts lie in the bytes of the batch that it belongs to.
  public var fields: EventFields
  /// For one call, not multiplied by its weight.
  public var cost: CallCost
  /// Nanoseconds since 1970.
  public var received: Int64
  /// Calls that the row stands for: with sampling more than the event itself.
  public var weight: Int64
  /// Slow, failed, large or dear.
  public var isNotable: Bool
  /// Where its free labels and its iterations lie in those of the batch.
  var firstLabel: Int32
  var labelCount: Int32
  var firstIteration: Int32
  var iterationCount: Int32
}

/// What waits for the writer: flat arrays that are filled and emptied without allocation once they have grown.
public struct CallLogBatch: Sendable {
  public internal(set) var events: [LoggedEvent] = []
  public internal(set) var bytes: [UInt8] = []
  var labels: [Text] = []
  var iterations: [Iteration] = []

  public init() {}

  public var isEmpty: Bool { events.isEmpty }

  public func labels(of event: LoggedEvent) -> ArraySlice<Text> {
    labels[Int(event.firstLabel)..<Int(event.firstLabel + event.labelCount)]
  }

  public func iterations(of event: LoggedEvent) -> ArraySlice<Iteration> {
    iterations[Int(event.firstIteration)..<Int(event.firstIteration + event.iterationCount)]
  }

  /// Copies what the log keeps of an event. Nothing here allocates while the arrays' capacity lasts.
  mutating func append(
    _ event: borrowing Event, in line: Span<UInt8>, cost: CallCost, now: Int64, weight: Int64, isNotable: Bool,
    keepsText: Bool
  ) {
    var logged = LoggedEvent(
      fields: event.fields, cost: cost, received: now, weight: weight, isNotable: isNotable,
      firstLabel: Int32(truncatingIfNeeded: labels.count), labelCount: Int32(truncatingIfNeeded: event.labels.count),
      firstIteration: Int32(truncatingIfNeeded: iterations.count),
      iterationCount: Int32(truncatingIfNeeded: event.iterations.count))
    copyTexts(&logged.fields, of: event, in: line, keepsText: keepsText)
    for i in event.labels.indices { labels.append(copy(event.labels[i], of: event, in: line)) }
    for i in event.iterations.indices {
      var iteration = event.iterations[i]
      iteration.model = copy(iteration.model, of: event, in: line)
      iterations.append(iteration)
    }
    events.append(logged)
  }

  /// The event alone, without its text: it stands for others only if no other does.
  mutating func replace(with event: borrowing Event, in line: Span<UInt8>, cost: CallCost, now: Int64) {
    removeAll()
    append(event, in: line, cost: cost, now: now, weight: 0, isNotable: false, keepsText: false)
  }

  /// Adds the one event of another batch.
  mutating func append(_ other: borrowing CallLogBatch, weight: Int64) {
    guard var event = other.events.first else { return }
    let base = bytes.count
    func move(_ text: Text) -> Text {
      text.isEmpty ? .absent : Text(offset: base + text.offset, count: text.count)
    }
    event.weight = weight
    event.firstLabel = Int32(truncatingIfNeeded: labels.count)
    event.firstIteration = Int32(truncatingIfNeeded: iterations.count)
    event.fields.moveTexts(move)
    bytes += other.bytes
    labels += other.labels.map(move)
    iterations += other.iterations.map { Iteration(model: move($0.model), usage: $0.usage) }
    events.append(event)
  }

  private mutating func copyTexts(
    _ fields: inout EventFields, of event: borrowing Event, in line: Span<UInt8>, keepsText: Bool
  ) {
    if !keepsText {
      fields.promptText = .absent
      fields.responseText = .absent
      fields.comment = .absent
    }
    fields.moveTexts { copy($0, of: event, in: line) }
  }

  @inline(__always)
  private mutating func copy(_ text: Text, of event: borrowing Event, in line: Span<UInt8>) -> Text {
    if text.isEmpty { return .absent }
    let offset = bytes.count
    event.append(text, in: line, to: &bytes)
    return Text(offset: offset, count: text.count)
  }

  mutating func removeAll() {
    events.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    labels.removeAll(keepingCapacity: true)
    iterations.removeAll(keepingCapacity: true)
  }
}

extension EventFields {
  /// Puts another place for each text that the log keeps.
  @inline(__always)
  mutating func moveTexts(_ move: (Text) -> Text) {
    model = move(model)
    requestModel = move(requestModel)
    provider = move(provider)
    operation = move(operation)
    id = move(id)
    traceID = move(traceID)
    spanID = move(spanID)
    user = move(user)
    session = move(session)
    application = move(application)
    team = move(team)
    environment = move(environment)
    function = move(function)
    promptName = move(promptName)
    promptVersion = move(promptVersion)
    version = move(version)
    promptHash = move(promptHash)
    responseHash = move(responseHash)
    fallbackFrom = move(fallbackFrom)
    serviceTierText = move(serviceTierText)
    region = move(region)
    dataResidency = move(dataResidency)
    inferenceGeo = move(inferenceGeo)
    promptText = move(promptText)
    responseText = move(responseText)
    comment = move(comment)
    name = move(name)
    gaugeLabel = .absent
  }
}
