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

  private mutating func copyTexts(
    _ fields: inout EventFields, of event: borrowing Event, in line: Span<UInt8>, keepsText: Bool
  ) {
    if !keepsText {
      fields.promptText = .absent
      fields.responseText = .absent
      fields.comment = .absent
    }
    fields.model = copy(fields.model, of: event, in: line)
    fields.requestModel = copy(fields.requestModel, of: event, in: line)
    fields.provider = copy(fields.provider, of: event, in: line)
    fields.operation = copy(fields.operation, of: event, in: line)
    fields.id = copy(fields.id, of: event, in: line)
    fields.traceID = copy(fields.traceID, of: event, in: line)
    fields.spanID = copy(fields.spanID, of: event, in: line)
    fields.user = copy(fields.user, of: event, in: line)
    fields.session = copy(fields.session, of: event, in: line)
    fields.application = copy(fields.application, of: event, in: line)
    fields.team = copy(fields.team, of: event, in: line)
    fields.environment = copy(fields.environment, of: event, in: line)
    fields.function = copy(fields.function, of: event, in: line)
    fields.promptName = copy(fields.promptName, of: event, in: line)
    fields.promptVersion = copy(fields.promptVersion, of: event, in: line)
    fields.version = copy(fields.version, of: event, in: line)
    fields.promptHash = copy(fields.promptHash, of: event, in: line)
    fields.responseHash = copy(fields.responseHash, of: event, in: line)
    fields.fallbackFrom = copy(fields.fallbackFrom, of: event, in: line)
    fields.serviceTierText = copy(fields.serviceTierText, of: event, in: line)
    fields.region = copy(fields.region, of: event, in: line)
    fields.dataResidency = copy(fields.dataResidency, of: event, in: line)
    fields.inferenceGeo = copy(fields.inferenceGeo, of: event, in: line)
    fields.promptText = copy(fields.promptText, of: event, in: line)
    fields.responseText = copy(fields.responseText, of: event, in: line)
    fields.comment = copy(fields.comment, of: event, in: line)
    fields.name = copy(fields.name, of: event, in: line)
    fields.gaugeLabel = .absent
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
