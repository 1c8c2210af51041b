import Events

/// An event together with the line that its texts point into.
final class Decoded {
  let line: [UInt8]
  private var event = Event()

  init(_ line: [UInt8], decoder: EventDecoder, now: Int64) throws(Reject) {
    self.line = line
    try decoder.decode(line.span, into: &event, now: now)
  }

  var fields: EventFields { event.fields }
  var usage: Usage { event.fields.usage }
  var iterations: [Iteration] { event.iterations }
  var labels: [String] { event.labels.map(string) }

  func text(_ field: KeyPath<EventFields, Text>) -> String { string(event.fields[keyPath: field]) }

  func string(_ text: Text) -> String {
    let line = line
    return event.string(text, in: line.span)
  }

  func bytes(_ field: KeyPath<EventFields, Text>) -> [UInt8] {
    let line = line
    var bytes: [UInt8] = []
    event.append(event.fields[keyPath: field], in: line.span, to: &bytes)
    return bytes
  }
}

/// 2026-11-21T09:00:00Z.
let arrival: Int64 = 1_795_251_600_000_000_000

private let plainDecoder = EventDecoder()

func decode(
  _ json: String, decoder: EventDecoder? = nil, now: Int64 = arrival
) throws(Reject) -> Decoded {
  try Decoded(Array(json.utf8), decoder: decoder ?? plainDecoder, now: now)
}

/// Decodes a call of the model `m` with these members besides.
func call(_ members: String, decoder: EventDecoder? = nil) throws(Reject) -> Decoded {
  try decode(#"{"model":"m",\#(members)}"#, decoder: decoder)
}

func usage(_ object: String) throws(Reject) -> Usage { try call(#""usage":\#(object)"#).usage }

/// Why a line is rejected, as `reason: detail`; nil if it is not.
func rejection(_ json: String, decoder: EventDecoder? = nil) -> String? {
  do {
    _ = try decode(json, decoder: decoder)
    return nil
  } catch {
    return "\(error.reason.label): \(error.detail)"
  }
}

/// The five numbers that stand in metrics: each token once.
struct Exclusive: Equatable, CustomStringConvertible {
  var input: Int64
  var cachedInput: Int64
  var cacheWrite: Int64
  var output: Int64
  var reasoning: Int64

  init(_ input: Int64, _ cachedInput: Int64, _ cacheWrite: Int64, _ output: Int64, _ reasoning: Int64) {
    (self.input, self.cachedInput, self.cacheWrite) = (input, cachedInput, cacheWrite)
    (self.output, self.reasoning) = (output, reasoning)
  }

  init(_ usage: Usage) {
    self.init(
      usage.input - usage.cachedInput - usage.cacheWrite, usage.cachedInput, usage.cacheWrite,
      usage.output - usage.reasoning, usage.reasoning)
  }

  var description: String {
    "input \(input), cached \(cachedInput), written \(cacheWrite), output \(output), reasoning \(reasoning)"
  }
}
