/// What kind of value stood behind a key.
enum RawKind: UInt8, BitwiseCopyable {
  case no, yes, number, string, array, object
  /// Only where a container is read again: the scan leaves nulls out.
  case null
}

/// A value as the scanner found it, not yet judged by the field it belongs to. Three words, so that keeping one
/// takes three stores:
///
///     text       a string's `Text`, or for any other value its place and length in the line
///     mantissa   the digits of a number
///     rest       bits 0-7 kind, 8-15 rank, 16 sign, 24-31 tail, 32-47 exponent
struct RawValue: BitwiseCopyable {
  var text: Text
  private var mantissa: UInt64
  private var rest: UInt64

  @inline(__always)
  init(_ kind: RawKind, _ text: Text, rank: UInt8 = 0) {
    self.text = text
    mantissa = 0
    rest = UInt64(kind.rawValue) | UInt64(rank) << 8
  }

  @inline(__always)
  init(_ decimal: Decimal, _ text: Text, rank: UInt8 = 0) {
    self.text = text
    mantissa = decimal.mantissa
    rest =
      UInt64(RawKind.number.rawValue) | UInt64(rank) << 8 | (decimal.isNegative ? 1 << 16 : 0)
      | UInt64(decimal.tail.rawValue) << 24 | UInt64(UInt16(bitPattern: decimal.exponent)) << 32
  }

  @inline(__always)
  var kind: RawKind { RawKind(rawValue: UInt8(truncatingIfNeeded: rest)) ?? .null }

  /// Which of several spellings of one field this is: the lowest wins.
  @inline(__always)
  var rank: UInt8 {
    get { UInt8(truncatingIfNeeded: rest >> 8) }
    set { rest = rest & ~0xFF00 | UInt64(newValue) << 8 }
  }

  @inline(__always)
  var decimal: Decimal {
    Decimal(
      mantissa: mantissa, exponent: Int16(truncatingIfNeeded: rest >> 32), isNegative: rest >> 16 & 1 == 1,
      tail: Decimal.Tail(rawValue: UInt8(truncatingIfNeeded: rest >> 24)) ?? .none)
  }

  /// The number, where it is written as a whole one without a sign: nil for any other, and for what is no number.
  @inline(__always)
  var plainInteger: UInt64? { rest & ~0xFF00 == UInt64(RawKind.number.rawValue) ? mantissa : nil }

  /// Where the value starts; for an unescaped string, unknown.
  var position: Int { text.inScratch ? 0 : text.offset }
  var isContainer: Bool { kind == .array || kind == .object }
}
