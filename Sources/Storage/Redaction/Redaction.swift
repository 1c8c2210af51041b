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
  /// Longest text that is kept, in characters.
  public var maxCharacters = 4_000

  public init(maxCharacters: Int = 4_000) { self.maxCharacters = maxCharacters }

  public func redact(_ text: String) -> String {
    let bytes = RedactionText.unescaped(Array(text.utf8))
    var kept: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if let (end, mark) = Self.match(bytes, at) {
        kept += mark.utf8
        at = end
      } else {
        kept.append(bytes[at])
        at += 1
      }
    }
    return cut(String(decoding: kept, as: UTF8.self))
  }

  /// After redaction: a cut can't leave half of a number behind that no longer looks like one.
  private func cut(_ text: String) -> String {
    guard let end = text.index(text.startIndex, offsetBy: maxCharacters, limitedBy: text.endIndex), end < text.endIndex
    else { return text }
    return text[..<end] + "…"
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

  /// Whether a word, or a number with its sign or parenthesis, may begin here. `n` of an escaped newline is no part of
  /// a word: captured text is JSON.
  static func isWordStart(_ bytes: [UInt8], _ at: Int) -> Bool {
    let first = bytes[at]
    guard isWord(first) || first == UInt8(ascii: "+") || first == UInt8(ascii: "(") || first == UInt8(ascii: "_") else {
      return false
    }
    if isEscapeLetter(bytes, at) { return false }
    return at == 0 || !isWord(bytes[at - 1]) || isEscapeLetter(bytes, at - 1)
  }

  private static func isEscapeLetter(_ bytes: [UInt8], _ at: Int) -> Bool {
    byte(bytes, at - 1) == UInt8(ascii: "\\") && "nrtbf".utf8.contains(bytes[at])
  }

  /// JSON's `\u0040` as the `@` that it is, for what can be seen; quotes and backslashes stay escaped.
  static func unescaped(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(UInt8(ascii: "\\")) else { return bytes }
    var plain: [UInt8] = []
    plain.reserveCapacity(bytes.count)
    var at = 0
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "\\"), byte(bytes, at + 1) == UInt8(ascii: "u"), at + 6 <= bytes.count,
        let code = Int(String(decoding: bytes[at + 2..<at + 6], as: UTF8.self), radix: 16),
        (0x20..<0x7f).contains(code),
        code != 0x22, code != 0x5c
      {
        plain.append(UInt8(code))
        at += 6
      } else if bytes[at] == UInt8(ascii: "\\"), at + 1 < bytes.count {
        plain += bytes[at...at + 1]
        at += 2
      } else {
        plain.append(bytes[at])
        at += 1
      }
    }
    return plain
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

  static func end(of isPart: (UInt8) -> Bool, _ bytes: [UInt8], from start: Int) -> Int {
    var at = start
    while at < bytes.count, isPart(bytes[at]) { at += 1 }
    return at
  }
}

enum EmailPattern {
  private static func isLocal(_ byte: UInt8) -> Bool {
    RedactionText.isWord(byte) || "._%+-'".utf8.contains(byte) || byte >= 0x80
  }
  private static func isDomain(_ byte: UInt8) -> Bool {
    RedactionText.isWord(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte >= 0x80
  }

  static func match(_ bytes: [UInt8], _ at: Int) -> Int? {
    let local = RedactionText.end(of: isLocal, bytes, from: at)
    guard local > at, local - at <= 128, RedactionText.byte(bytes, local) == UInt8(ascii: "@") else { return nil }
    var end = RedactionText.end(of: isDomain, bytes, from: local + 1)
    // A sentence may end behind the address.
    while end > local + 1, !RedactionText.isWord(bytes[end - 1]), bytes[end - 1] < 0x80 { end -= 1 }
    return bytes[local + 1..<end].contains(UInt8(ascii: ".")) ? end : nil
  }
}
