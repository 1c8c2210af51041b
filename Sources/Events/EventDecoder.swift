/// What a decoder has to look for beyond the contract's own fields.
public struct DecoderOptions: Sendable, Equatable {
  /// Keys of the free `labels` (or `metadata`, `tags`) object that the configuration names; the first 64 count.
  public var labelKeys: [String]
  /// Keep the raw text of prompts and answers.
  public var captureText: Bool

  public init(labelKeys: [String] = [], captureText: Bool = false) {
    self.labelKeys = labelKeys
    self.captureText = captureText
  }
}

/// Turns one line of JSON into an `Event`, or says why not.
///
/// Two steps: the scanner goes once over the line, checks that it is JSON and puts the values of known keys into
/// the event's `Tape` (by comparison, where a line of the same shape came before); then the resolvers judge them, field by field. So the order of the keys never matters, and
/// what is no JSON is `invalid_json` whatever else is wrong with it.
public struct EventDecoder: Sendable {
  public let options: DecoderOptions
  private let keys: KeyTable
  private let labelCount: Int

  public init(options: DecoderOptions = DecoderOptions()) {
    self.options = options
    let labelKeys = Array(options.labelKeys.prefix(SlotLayout.labelLimit))
    labelCount = labelKeys.count
    keys = KeyTable(
      rows: EventNames.rows(captureText: options.captureText) + UsageNames.rows + PairNames.rows + Words.rows,
      labelKeys: labelKeys)
  }

  /// Decodes one event.
  ///
  /// - Parameters:
  ///   - line: one JSON object, without its newline. Borrowed for the call; the event's texts point into it.
  ///   - event: overwritten. After a throw its content means nothing.
  ///   - now: nanoseconds since 1970, to judge time stamps by.
  public func decode(_ line: Span<UInt8>, into event: inout Event, now: Int64) throws(Reject) {
    // Texts keep their place in 31 bits.
    guard line.count < 1 << 31 else { throw Reject(.tooLong, at: 1 << 31, "line") }
    event.reset(labelCount: labelCount)
    if !event.shapes.read(line, keys: keys, into: &event.tape, scratch: &event.scratch) {
      event.forgetScan()
      try scan(line, into: &event)
    }
    try event.resolve(line, keys: keys, options: options, now: now)
  }

  /// Reads a line of a shape that is not known, and remembers that.
  @inline(never)
  private func scan(_ line: Span<UInt8>, into event: inout Event) throws(Reject) {
    var learner = event.shapes.wantsShape(keys: keys) ? ShapeLearner() : nil
    let start = Structure.skipSpace(line, 0)
    let end = try event.tape.scanObject(
      line, start, keys: keys, Tape.Scope(context: .event, base: SlotLayout.event, rank: 0, depth: 1),
      scratch: &event.scratch, &learner)
    let i = Structure.skipSpace(line, end)
    guard i == line.count else { throw Reject(.invalidJSON, at: i, "something behind the object") }
    learner?.finish(end)
    if let learner { event.shapes.learn(learner.steps, line) }
  }
}
