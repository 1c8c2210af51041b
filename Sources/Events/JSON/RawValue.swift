/// What kind of value stood behind a key.
enum RawKind: UInt8, BitwiseCopyable {
  case no, yes, number, string, array, object
  /// Only where a container is read again: the scan leaves nulls out.
  case null
}

/// A value as the scanner found it, not yet judged by the field it belongs to. 24 bytes.
struct RawValue: BitwiseCopyable {
  /// A string's `Text`, or for any other value its place and length in the line.
  var text: Text
  /// The digits of a number.
  var decimal: Decimal
  var kind: RawKind
  /// Which of several spellings of one field this is: the lowest wins.
  var rank: UInt8

  @inline(__always)
  init(_ kind: RawKind, _ text: Text, decimal: Decimal = .zero, rank: UInt8 = 0) {
    self.kind = kind
    self.text = text
    self.decimal = decimal
    self.rank = rank
  }

  /// Where the value starts; for an unescaped string, unknown.
  var position: Int { text.inScratch ? 0 : text.offset }
  var isContainer: Bool { kind == .array || kind == .object }
}
