/// How a call ended: its status, and if badly, why.
extension Event {
  @inline(__always)
  mutating func resolveOutcome(_ line: Span<UInt8>, _ keys: KeyTable) {
    if tape.holdsAny(.status, .errorText) || fields.httpStatus >= 400 { judgeOutcome(line, keys) }
  }

  @inline(never)
  private mutating func judgeOutcome(_ line: Span<UInt8>, _ keys: KeyTable) {
    if let reason = tape.value(.finishReason) { fields.finishReason = finishReason(reason, line, keys) }
    var stated: CallStatus?
    var cancelled = false
    if let status = tape.value(.status) {
      if let code = statusCode(status, line) {
        if fields.httpStatus < 0 { fields.httpStatus = Int32(code) }
      } else if let meaning = word(status, line, .statusWord, keys) {
        cancelled = meaning == Int(Words.StatusMeaning.cancelled.rawValue)
        stated = meaning == Int(CallStatus.success.rawValue) ? .success : .error
      }
    }
    if stated == nil, let success = tape.value(.success), let flag = boolean(success, line, keys) {
      stated = flag ? .success : .error
    }
    if stated == .success { return }
    let mayHaveFailed = fields.httpStatus >= 400 || tape.holdsAny(.errorType, .errorText)
    var evidence = mayHaveFailed ? errorEvidence(line, keys) : nil
    if evidence == nil, cancelled { evidence = .cancelled }
    guard stated == .error || evidence != nil else { return }
    fields.status = .error
    fields.errorType = evidence ?? .other
  }

  /// A status that is a number, also as a string, is an HTTP status.
  private mutating func statusCode(_ value: RawValue, _ line: Span<UInt8>) -> Int? {
    if value.kind == .string, !line.isDigit(value.text.offset), !value.text.inScratch { return nil }
    guard let decimal = decimal(value, line), !decimal.isNegative, let code = decimal.integer(limit: 999) else {
      return nil
    }
    return Int(code)
  }

  private mutating func finishReason(
    _ value: RawValue, _ line: Span<UInt8>, _ keys: KeyTable
  ) -> FinishReason? {
    var value = value
    if value.kind == .array {
      guard let first = firstElement(value, line) else { return nil }
      value = first
    }
    guard value.kind == .string else { return nil }
    return word(value, line, .finishWord, keys).flatMap { FinishReason(rawValue: UInt8($0)) } ?? .other
  }

  /// The first element of an array, if that is a string without escapes.
  private mutating func firstElement(_ array: RawValue, _ line: Span<UInt8>) -> RawValue? {
    let i = Structure.skipSpace(line, array.text.offset + 1)
    guard line.byte(at: i) == UInt8(ascii: "\"") else { return nil }
    let end = line.endOfPlainRun(from: i + 1)
    guard line.byte(at: end) == UInt8(ascii: "\"") else { return nil }
    return RawValue(.string, Text(offset: i + 1, count: end - i - 1))
  }
}

/// The folding of errors, by the order of evidence: a specific code, then a class or type, then the HTTP status,
/// then the message. What says little (400, 429, 500, "invalid request") gives way to what says more.
extension Event {
  private struct Evidence {
    var specific: ErrorType?
    /// With the bits of `ErrorWords`.
    var generic: Int?
    var isThere = false

    mutating func add(_ meaning: Int?) {
      isThere = true
      guard let meaning, specific == nil else { return }
      if meaning & (ErrorWords.genericBit | ErrorWords.maybeQuotaBit) != 0 {
        if generic == nil { generic = meaning }
      } else {
        specific = ErrorType(rawValue: UInt8(meaning & ErrorWords.typeMask))
      }
    }
  }

  private mutating func errorEvidence(_ line: Span<UInt8>, _ keys: KeyTable) -> ErrorType? {
    var evidence = Evidence()
    var numeric: Int?
    // Codes first, then classes; a number among them counts as an HTTP status.
    for field in [EventField.errorInnerCode, .errorCode, .errorStatus, .errorType, .errorClass] {
      guard let value = tape.value(field), !value.isContainer, value.kind != .no else { continue }
      if let code = statusCode(value, line) {
        if numeric == nil, code >= 100 { numeric = code }
        if code >= 400 || field != .errorStatus { evidence.isThere = true }
      } else {
        evidence.add(word(value, line, .errorWord, keys))
      }
    }
    var message: RawValue?
    if let value = tape.value(.error), !value.isContainer, value.kind != .no {
      // A text alone: a class, a code, or a message that may begin with one.
      if let code = statusCode(value, line) {
        if numeric == nil, code >= 400 { numeric = code }
        evidence.isThere = evidence.isThere || code >= 400
      } else {
        evidence.add(leadingWord(value, line, keys))
        message = value.kind == .string ? value : nil
      }
    }
    for field in [EventField.errorText, .errorMessage] where message == nil {
      if let value = tape.value(field), value.kind == .string {
        message = value
        evidence.isThere = true
      }
    }
    if evidence.specific == nil, fields.httpStatus >= 0 {
      if let meaning = ErrorWords.meaning(httpStatus: Int(fields.httpStatus)) { evidence.add(meaning) }
    }
    if evidence.specific == nil, let numeric, let meaning = ErrorWords.meaning(httpStatus: numeric) {
      evidence.add(meaning)
    }
    guard evidence.isThere else { return nil }
    if let specific = evidence.specific { return specific }
    let said = message.flatMap { value in with(value, line) { ErrorWords.meaning(message: $0) } }
    return settle(evidence.generic, said)
  }

  /// Between a generic code and a message.
  private mutating func settle(_ generic: Int?, _ said: ErrorType?) -> ErrorType {
    guard let generic, let type = ErrorType(rawValue: UInt8(generic & ErrorWords.typeMask)) else {
      return said ?? .other
    }
    if generic & ErrorWords.maybeQuotaBit != 0 { return said == .quota ? .quota : type }
    switch type {
    case .invalidRequest: return said ?? type
    case .auth: return said == .contextLength ? .contextLength : type
    default: return type
    }
  }

  /// The class that a text consists of or begins with: `RateLimitError: Error code 429 …`.
  private mutating func leadingWord(_ value: RawValue, _ line: Span<UInt8>, _ keys: KeyTable) -> Int? {
    if let meaning = word(value, line, .errorWord, keys) { return meaning }
    guard value.kind == .string else { return nil }
    return with(value, line) { bytes in
      for i in 0..<min(bytes.count, 64) where bytes[i] == UInt8(ascii: ":") {
        return Word(bytes.extracting(0..<i))?.meaning(.errorWord, keys)
      }
      return nil
    }
  }
}
