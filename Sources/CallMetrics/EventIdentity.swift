import Events

extension RegistryState {
  /// What makes an event a resend of another: kind, id, attempt, status, both models and time, and of feedback and
  /// scores also who judged what how. Keyed with the secret of the ids, so that nobody outside can choose two events
  /// that are taken for one.
  @inline(__always)
  func identity(_ event: borrowing Event, in line: Span<UInt8>) -> UInt64 {
    var stream = identityHash.stream()
    let attempt = UInt64(UInt32(bitPattern: event.fields.attempt))
    stream.combine(
      UInt64(event.fields.kind.rawValue) | UInt64(event.fields.status.rawValue) << 8 | attempt << 16)
    stream.combine(UInt64(bitPattern: event.fields.timestamp))
    unsafe event.scratch.withUnsafeBytes { scratch in
      unsafe line.withUnsafeBytes { line in
        unsafe stream.combine(Self.bytes(event.fields.id, line, scratch))
        unsafe stream.combine(Self.bytes(event.fields.requestModel, line, scratch))
        unsafe stream.combine(Self.bytes(event.fields.model, line, scratch))
        if event.fields.kind == .feedback || event.fields.kind == .score {
          unsafe stream.combine(Self.bytes(event.fields.user, line, scratch))
          unsafe stream.combine(Self.bytes(event.fields.name, line, scratch))
          let evaluator = UInt64(event.fields.evaluator?.rawValue ?? 0xff)
          stream.combine(evaluator | UInt64(event.fields.rating?.rawValue ?? 0xff) << 8)
          stream.combine(UInt64(bitPattern: event.fields.scoreNano))
        }
      }
    }
    return stream.finish()
  }

  /// The text's bytes; none if it does not lie within its buffer. The pointer is valid as long as the buffers are lent.
  @inline(__always)
  private static func bytes(
    _ text: Text, _ line: UnsafeRawBufferPointer, _ scratch: UnsafeRawBufferPointer
  ) -> UnsafeRawBufferPointer {
    let buffer = unsafe text.inScratch ? scratch : line
    guard text.offset &+ text.count <= buffer.count, let base = buffer.baseAddress else {
      return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeRawBufferPointer(start: base + text.offset, count: text.count)
  }
}
