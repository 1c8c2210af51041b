/// Values out of the tape: numbers with their bounds, words, texts.
enum Bounds {
  static let tokens: UInt64 = 1 << 40
  /// Seven days in nanoseconds.
  static let latency: UInt64 = 7 * 86_400 * 1_000_000_000
  /// A million dollars in 1e-12 dollars.
  static let cost: UInt64 = 1_000_000 * 1_000_000_000_000
  static let weight: UInt64 = 10_000
  /// A thousand million, in 1e-9.
  static let nano: UInt64 = 1_000_000_000 * 1_000_000_000
}

/// Powers of ten from a unit to ours.
enum Scale {
  static let millisecondsToNano = 6
  static let secondsToNano = 9
  static let nano = 9
  static let pico = 12
}

/// These and all other methods by which an event is resolved are mutating, whether they change it or not: a borrowed
/// event is passed by copying its fields, an inout one by its address.
extension Event {
  @inline(__always)
  mutating func with<R>(_ value: RawValue, _ line: Span<UInt8>, _ body: (Span<UInt8>) -> R) -> R {
    withBytes(of: value.text, in: line, body)
  }

  /// The number, also one that is written as a string; nil for anything else.
  @inline(__always)
  mutating func decimal(_ value: RawValue, _ line: Span<UInt8>) -> Decimal? {
    value.kind == .number ? value.decimal : decimalInText(value, line)
  }

  @inline(never)
  private mutating func decimalInText(_ value: RawValue, _ line: Span<UInt8>) -> Decimal? {
    value.kind == .string ? with(value, line) { NumberScan.whole($0) } : nil
  }

  /// A count: whole, not negative, at most `limit`.
  @inline(__always)
  mutating func count(
    _ value: RawValue, _ line: Span<UInt8>, limit: UInt64 = Bounds.tokens, _ label: @autoclosure () -> StaticString
  ) throws(Reject) -> Int64 {
    guard let count = countIfAny(value, line, limit: limit) else {
      throw Reject(.badField, at: value.position, label())
    }
    return count
  }

  @inline(__always)
  mutating func countIfAny(_ value: RawValue, _ line: Span<UInt8>, limit: UInt64 = Bounds.tokens) -> Int64? {
    guard let decimal = decimal(value, line), !decimal.isNegative || decimal.mantissa == 0 else { return nil }
    return decimal.integer(limit: limit).map { Int64($0) }
  }

  /// A measure in units of 10^-scale: not negative, at most `limit` of them.
  @inline(__always)
  mutating func measure(
    _ value: RawValue, _ line: Span<UInt8>, scale: Int, limit: UInt64, _ label: @autoclosure () -> StaticString
  ) throws(Reject) -> Int64 {
    guard let decimal = decimal(value, line), !decimal.isNegative || decimal.mantissa == 0,
      let magnitude = decimal.magnitude(scale: scale), magnitude <= limit
    else { throw Reject(.badField, at: value.position, label()) }
    return Int64(magnitude)
  }

  /// A number in 1e-9 that may be negative.
  mutating func signedNano(_ value: RawValue, _ line: Span<UInt8>, _ field: EventField) throws(Reject) -> Int64 {
    guard let decimal = decimal(value, line), let magnitude = decimal.magnitude(scale: Scale.nano),
      magnitude <= Bounds.nano
    else { throw Reject(.badField, at: value.position, field.label) }
    return decimal.isNegative ? -Int64(magnitude) : Int64(magnitude)
  }

  /// For columns and gauges, which are no sums. Allocates.
  mutating func double(_ value: RawValue, _ line: Span<UInt8>) -> Double? {
    guard decimal(value, line) != nil, let number = Double(string(value.text, in: line)), number.isFinite else {
      return nil
    }
    return number
  }

  /// True or false in any spelling; nil for anything else.
  mutating func boolean(_ value: RawValue, _ line: Span<UInt8>, _ keys: KeyTable) -> Bool? {
    switch value.kind {
    case .yes: true
    case .no: false
    case .number, .string: word(value, line, .booleanWord, keys).map { $0 == 1 }
    default: nil
    }
  }

  /// What a word means in its list; nil where it is none of them.
  mutating func word(_ value: RawValue, _ line: Span<UInt8>, _ context: KeyContext, _ keys: KeyTable) -> Int? {
    guard value.kind == .string || value.kind == .number else { return nil }
    return with(value, line) { bytes in
      if let found = keys.word(context, bytes) { return found }
      return Word(bytes)?.meaning(context, keys)
    }
  }
}
