/// How a call ended: its status, and if badly, why.
extension Event {
  @inline(__always)
  mutating func resolveOutcome(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    if tape.holdsAny(.status, .errorText) || fields.httpStatus >= 400 { try judgeOutcome(line, keys) }
  }

  @inline(never)
  private mutating func judgeOutcome(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
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
    var evidence = mayHaveFailed ? try errorEvidence(line, keys) : nil
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
      if meaning & ~ErrorWords.typeMask == 0 {
        specific = ErrorType(rawValue: UInt8(meaning))
      } else if generic == nil || isVague && meaning & ErrorWords.vagueBit == 0 {
        generic = meaning
      }
    }

    private var isVague: Bool { generic.map { $0 & ErrorWords.vagueBit != 0 } ?? false }
  }

  private mutating func errorEvidence(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) -> ErrorType? {
    try readErrorList(line, keys)
    var evidence = Evidence()
    if let value = tape.value(.error), value.isContainer { evidence.isThere = try saysSomething(value, line) }
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
    for field in [EventField.errorNested, .error] {
      // A text alone: a class, a code, or a message that may name one.
      guard let value = tape.value(field), !value.isContainer, value.kind != .no else { continue }
      if let code = statusCode(value, line) {
        if numeric == nil, code >= 400 { numeric = code }
        evidence.isThere = evidence.isThere || code >= 400
      } else {
        evidence.add(word(value, line, .errorWord, keys) ?? with(value, line) { ErrorText.word($0, keys) })
        message = value.kind == .string ? value : message
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
    if evidence.specific == nil, let message {
      evidence.add(with(message, line) { ErrorText.status($0) }.flatMap(ErrorWords.meaning(httpStatus:)))
      evidence.add(with(message, line) { ErrorText.word($0, keys) })
    }
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
    if generic & ErrorWords.vagueBit != 0 { return said ?? type }
    switch type {
    case .invalidRequest: return said ?? type
    case .auth: return said == .contextLength ? .contextLength : type
    default: return type
    }
  }

  /// Of a list of errors the first object stands for `error`.
  private mutating func readErrorList(_ line: Span<UInt8>, _ keys: KeyTable) throws(Reject) {
    guard let list = tape.value(.error), list.kind == .array else { return }
    var elements = ContainerReader(list)
    while let element = try elements.next(line) {
      guard element.value.kind == .object else { continue }
      _ = try tape.scanObject(
        line, element.value.text.offset, keys: keys,
        Tape.Scope(context: .error, base: SlotLayout.event, rank: list.rank, depth: 2), scratch: &scratch)
      return
    }
  }

  /// Whether anything stands in a value besides nulls, flags that are down and what is empty.
  private mutating func saysSomething(
    _ value: RawValue, _ line: Span<UInt8>, depth: Int = 1
  ) throws(Reject) -> Bool {
    switch value.kind {
    case .null, .no: return false
    case .yes, .number: return true
    case .string: return !value.text.isEmpty
    case .array, .object:
      guard depth < Tape.depthLimit else { return true }
      var members = ContainerReader(value)
      while let member = try members.next(line) {
        if try saysSomething(member.value, line, depth: depth &+ 1) { return true }
      }
      return false
    }
  }
}
