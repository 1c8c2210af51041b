/// What the text of an exception names besides its words: the status and the class that libraries write into it.
enum ErrorText {
  /// How far into a text they are looked for.
  private static let limit = 64

  /// The HTTP status with which a text begins, or that it calls one: `429 RESOURCE_EXHAUSTED. …`, `HTTP/1.1 503`,
  /// `Error code: 400 - …`, `Request failed with status code 429`. Other numbers are none: `timed out after 500 ms`.
  static func status(_ text: Span<UInt8>) -> Int? {
    let end = min(text.count, limit)
    var isExpected = true
    var i = 0
    while i < end {
      let start = i
      var number = 0
      var isNumber = true
      while i < end, isAlphanumeric(text[i]) {
        isNumber = isNumber && text.isDigit(i)
        if isNumber, i &- start < 3 { number = number &* 10 &+ Int(text[i] &- UInt8(ascii: "0")) }
        i &+= 1
      }
      let length = i &- start
      if isNumber, length == 3, isExpected, (400...599).contains(number) { return number }
      // Between `HTTP` and its status stands a version, of which each number has one digit.
      if length > 0, !(isNumber && length == 1) {
        isExpected = ErrorText.announcers.contains { text.extracting(start..<i).ends(with: $0) }
      }
      if length == 0 { i &+= 1 }
    }
    return nil
  }

  /// What stands before a status, also as the end of a word: `HTTPError`, `StatusCode`.
  private static let announcers = ["http", "code", "status", "error"].map { Array($0.utf8) }

  /// What the class means that stands before the first colon or in parentheses: `RateLimitError: …`, `An error occurred
  /// (ThrottlingException) when …`. With the bits of `ErrorWords`; of two, the one that says more.
  static func word(_ text: Span<UInt8>, _ keys: KeyTable) -> Int? {
    var generic: Int?
    var start: Int? = 0
    for i in 0..<min(text.count, limit) {
      switch text[i] {
      case UInt8(ascii: "("): start = i &+ 1
      case UInt8(ascii: ":"), UInt8(ascii: ")"):
        guard let from = start else { continue }
        start = nil
        let name = text.extracting(from..<i)
        guard isName(name), let meaning = Word(name)?.meaning(.errorWord, keys) else { continue }
        if meaning & ~ErrorWords.typeMask == 0 { return meaning }
        generic = generic ?? meaning
      default: break
      }
    }
    return generic
  }

  /// Words of small letters alone belong to a sentence: `tokens: …`, `(read operation)`.
  private static func isName(_ text: Span<UInt8>) -> Bool {
    for i in text.indices where text[i] &- UInt8(ascii: "A") < 26 || text[i] == UInt8(ascii: "_") { return true }
    return false
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    byte &- UInt8(ascii: "0") < 10 || byte | 0x20 &- UInt8(ascii: "a") < 26
  }
}

extension Span where Element == UInt8 {
  /// Compared without regard to case; `word` is in small letters.
  fileprivate func ends(with word: [UInt8]) -> Bool {
    guard count >= word.count else { return false }
    let start = count &- word.count
    for i in word.indices where self[start &+ i] | 0x20 != word[i] { return false }
    return true
  }
}
