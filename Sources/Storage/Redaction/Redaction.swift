/// Takes out of a text what must not be kept: a person's addresses and numbers, and secrets. It errs on the side of
/// taking out too much.
///
/// | mark | what it stands for |
/// |---|---|
/// | `[email]` | e-mail addresses |
/// | `[key]` | API keys by their known beginnings, values behind words such as `password=`, bearer tokens, JWTs |
/// | `[card]` | 13 to 19 digits of a card issuer that pass the Luhn check |
/// | `[id]` | national ids by their shape and, where they have one, their check digit; IBANs |
/// | `[phone]` | international numbers, and national ones that are written like one |
public struct Redaction: Sendable, Equatable {
  /// Longest text that is kept, in Unicode scalars: of one visible character there may be any number.
  public var maxCharacters = 4_000

  public init(maxCharacters: Int = 4_000) { self.maxCharacters = maxCharacters }

  public func redact(_ text: String) -> String {
    let bytes = PlainText.bytes(of: text)
    var kept: [UInt8] = []
    var count = 0
    var at = 0
    // What is cut off is not looked at.
    while at < bytes.count, count <= maxCharacters {
      if let (end, mark) = Self.match(bytes, at) {
        kept += mark.utf8
        count += mark.utf8.count
        at = end
      } else {
        kept.append(bytes[at])
        if bytes[at] & 0xc0 != 0x80 { count += 1 }
        at += 1
      }
    }
    return cut(String(decoding: kept, as: UTF8.self))
  }

  /// After redaction: a cut can't leave half of a number behind that no longer looks like one.
  private func cut(_ text: String) -> String {
    let scalars = text.unicodeScalars
    guard let end = scalars.index(scalars.startIndex, offsetBy: maxCharacters, limitedBy: scalars.endIndex),
      end < scalars.endIndex
    else { return text }
    return String(scalars[..<end]) + "…"
  }

  /// What begins at this place, where it ends, and what takes its place. Words and numbers are only looked at from
  /// their beginning. The order matters: a card number is also a long phone number.
  private static func match(_ bytes: [UInt8], _ at: Int) -> (end: Int, mark: String)? {
    guard RedactionText.isWordStart(bytes, at) else { return nil }
    if let end = SecretPatterns.match(bytes, at) { return (end, "[key]") }
    if let end = EmailPattern.match(bytes, at) { return (end, "[email]") }
    if let end = NumberPatterns.card(bytes, at) { return (end, "[card]") }
    if let end = NumberPatterns.nationalID(bytes, at) { return (end, "[id]") }
    if let end = NumberPatterns.phone(bytes, at) { return (end, "[phone]") }
    return nil
  }
}

/// Bytes of a text as the patterns look at them.
enum RedactionText {
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
  static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a }
  static func isWord(_ byte: UInt8) -> Bool { isDigit(byte) || isLetter(byte) }
  static func byte(_ bytes: [UInt8], _ at: Int) -> UInt8 { at >= 0 && at < bytes.count ? bytes[at] : 0 }

  /// Whether a word, or a number with its sign or parenthesis, may begin here; letters beyond ASCII may all begin one.
  /// `n` of an escaped newline is no part of a word: captured text is JSON.
  static func isWordStart(_ bytes: [UInt8], _ at: Int) -> Bool {
    let first = bytes[at]
    if first >= 0xc0 { return true }
    guard isWord(first) || first == UInt8(ascii: "+") || first == UInt8(ascii: "(") || first == UInt8(ascii: "_") else {
      return false
    }
    if isEscapeLetter(bytes, at) { return false }
    return at == 0 || !isWord(bytes[at - 1]) || isEscapeLetter(bytes, at - 1)
  }

  private static func isEscapeLetter(_ bytes: [UInt8], _ at: Int) -> Bool {
    byte(bytes, at - 1) == UInt8(ascii: "\\") && "nrtbf".utf8.contains(bytes[at])
  }

  /// Whether these characters stand here, in either case of letters.
  static func has(_ word: StaticString, _ bytes: [UInt8], _ at: Int, anyCase: Bool = false) -> Bool {
    let count = word.utf8CodeUnitCount
    guard at + count <= bytes.count else { return false }
    return word.withUTF8Buffer { word in
      for i in 0..<count {
        // `word` is a constant of `count` bytes.
        let expected = unsafe word[i]
        let found = bytes[at + i]
        if expected != found, !anyCase || !isLetter(found) || expected | 0x20 != found | 0x20 { return false }
      }
      return true
    }
  }

  /// - Parameter limit: bytes that are looked at, so that long runs are not gone over again from each of their bytes.
  static func end(of isPart: (UInt8) -> Bool, _ bytes: [UInt8], from start: Int, limit: Int = .max) -> Int {
    var at = start
    let end = limit < bytes.count - start ? start + limit : bytes.count
    while at < end, isPart(bytes[at]) { at += 1 }
    return at
  }
}
