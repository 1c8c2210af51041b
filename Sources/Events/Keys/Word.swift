/// A word brought into one form: `openai.RateLimitError`, `RATE-LIMIT error` and `rate_limit_error` are one.
struct Word {
  private var bytes = [64 of UInt8](repeating: 0)
  private(set) var count = 0

  /// Nil where the text is empty or longer than any word: it is a sentence.
  init?(_ text: Span<UInt8>) {
    var start = 0
    var end = text.count
    while end > 0, text[end &- 1] == UInt8(ascii: " ") { end &-= 1 }
    // The class name of a dotted one.
    for i in 0..<end where text[i] == UInt8(ascii: ".") && i &+ 1 < end { start = i &+ 1 }
    guard end > start, end &- start <= 48 else { return nil }
    for i in start..<end {
      let byte = text[i]
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"):
        // A new word starts after a small letter or digit, and at the last capital of a row before a small letter.
        let before = i > start ? text[i &- 1] : 0
        let after = i &+ 1 < end ? text[i &+ 1] : 0
        if Word.isSmall(before) || Word.isCapital(before) && Word.isSmall(after) && after > UInt8(ascii: "9") {
          add(UInt8(ascii: "_"))
        }
        add(byte | 0x20)
      case UInt8(ascii: "-"), UInt8(ascii: " "):
        add(UInt8(ascii: "_"))
      default:
        add(byte)
      }
    }
  }

  private mutating func add(_ byte: UInt8) {
    guard count < 64 else { return }
    bytes[count] = byte
    count &+= 1
  }

  private static func isSmall(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
  }
  private static func isCapital(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") }

  /// Looks the word up; an error's class also without its ending `_error` or `_exception`.
  func meaning(_ context: KeyContext, _ keys: KeyTable) -> Int? {
    if let found = keys.word(context, bytes.span.extracting(0..<count)) { return found }
    guard context == .errorWord else { return nil }
    for ending in Word.endings where count > ending.count {
      let start = count &- ending.count
      if ending.indices.allSatisfy({ bytes[start &+ $0] == ending[$0] }) {
        return keys.word(context, bytes.span.extracting(0..<start))
      }
    }
    return nil
  }

  private static let endings = [Array("_error".utf8), Array("_exception".utf8), Array("error".utf8)]
}
