import CivilTime

/// A report as a message of RFC 5322, one part in base64.
enum MailMessage {
  static func bytes(
    _ mail: ScheduledReport.Mail, subject: String, type: String, body: String, now: Int64
  ) -> [UInt8] {
    let id = String(UInt64.random(in: .min ... .max), radix: 16)
    let domain = mail.from.split(separator: "@").last.map(String.init) ?? "localhost"
    let head = [
      "From: \(mail.from)", "To: \(mail.to.joined(separator: ", "))", "Subject: \(encoded(subject))",
      "Date: \(date(now))", "Message-ID: <\(id).\(now)@\(domain)>", "Auto-Submitted: auto-generated",
      "MIME-Version: 1.0", "Content-Type: \(type)", "Content-Transfer-Encoding: base64",
    ]
    var lines = head + [""]
    var rest = Base64.text(Array(body.utf8))[...]
    while !rest.isEmpty {
      lines.append(String(decoding: rest.prefix(76), as: UTF8.self))
      rest = rest.dropFirst(76)
    }
    return Array((lines.joined(separator: "\r\n") + "\r\n").utf8)
  }

  /// RFC 2047, where it is not plain.
  static func encoded(_ text: String) -> String {
    if text.utf8.allSatisfy({ $0 >= 32 && $0 < 127 }) { return text }
    // 45 bytes are 60 letters: with the frame within the 75 of a word. Cut at characters.
    var words: [String] = []
    var word: [UInt8] = []
    for character in text {
      let bytes = Array(String(character).utf8)
      if word.count + bytes.count > 45 {
        words.append("=?UTF-8?B?\(String(decoding: Base64.text(word), as: UTF8.self))?=")
        word = []
      }
      word += bytes
    }
    words.append("=?UTF-8?B?\(String(decoding: Base64.text(word), as: UTF8.self))?=")
    return words.joined(separator: "\r\n ")
  }

  /// `Sat, 21 Nov 2026 08:00:00 +0000`.
  static func date(_ now: Int64) -> String {
    let (date, seconds) = TimeZone.utc.local(Instant.seconds(now))
    let (year, month, day) = date.components
    let weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][min(max(date.weekday, 1), 7) - 1]
    let name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month - 1]
    let time = [seconds / 3600, seconds / 60 % 60, seconds % 60].map { Digits.padded($0, 2) }.joined(separator: ":")
    return "\(weekday), \(Digits.padded(day, 2)) \(name) \(year) \(time) +0000"
  }
}

/// RFC 4648.
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func text(_ bytes: [UInt8]) -> [UInt8] {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let piece = bytes[start..<min(start + 3, bytes.count)]
      let word = piece.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - piece.count))
      for place in 0..<4 {
        text.append(place <= piece.count ? alphabet[Int(word >> UInt32(18 - 6 * place) & 63)] : UInt8(ascii: "="))
      }
    }
    return text
  }
}
