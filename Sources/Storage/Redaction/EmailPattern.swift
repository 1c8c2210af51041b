enum EmailPattern {
  private static let maxLocalBytes = 128

  private static func isLocal(_ byte: UInt8) -> Bool {
    RedactionText.isWord(byte) || "._%+-'".utf8.contains(byte) || byte >= 0x80
  }
  private static func isDomain(_ byte: UInt8) -> Bool {
    RedactionText.isWord(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") || byte >= 0x80
  }

  static func match(_ bytes: [UInt8], _ at: Int) -> Int? {
    let local = RedactionText.end(of: isLocal, bytes, from: at, limit: maxLocalBytes)
    guard local > at, RedactionText.byte(bytes, local) == UInt8(ascii: "@") else { return nil }
    var end = RedactionText.end(of: isDomain, bytes, from: local + 1)
    // A sentence may end behind the address.
    while end > local + 1, !RedactionText.isWord(bytes[end - 1]), bytes[end - 1] < 0x80 { end -= 1 }
    return bytes[local + 1..<end].contains(UInt8(ascii: ".")) ? end : nil
  }
}
