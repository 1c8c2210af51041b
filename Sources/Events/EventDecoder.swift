/// What a decoder has to look for beyond the contract's own fields.
public struct DecoderOptions: Sendable, Equatable {
  /// Keys of the free `labels` (or `metadata`, `tags`) object that the configuration names.
  public var labelKeys: [String]
  /// Keep the raw text of prompts and answers.
  public var captureText: Bool

  public init(labelKeys: [String] = [], captureText: Bool = false) {
    self.labelKeys = labelKeys
    self.captureText = captureText
  }
}

/// Turns one line of JSON into an `Event`, or says why not.
public struct EventDecoder: Sendable {
  public let options: DecoderOptions

  public init(options: DecoderOptions = DecoderOptions()) {
    self.options = options
  }

  /// Decodes one event.
  ///
  /// - Parameters:
  ///   - line: one JSON object, without its newline. Borrowed for the call; the event's texts point into it.
  ///   - event: overwritten. After a throw its content means nothing.
  ///   - now: nanoseconds since 1970, to judge time stamps by.
  public func decode(_ line: Span<UInt8>, into event: inout Event, now: Int64) throws(Reject) {
    throw Reject(.invalidJSON, at: 0, "not decoded")
  }
}
