/// One element of a header that lists preferences: `text/plain;version=0.0.4;q=0.3`.
struct HeaderElement: Equatable {
  /// In lower case, without parameters.
  var value: String
  /// Names in lower case, values without quotes; `q` is left out.
  var parameters: [(name: String, value: String)]
  /// Millionths of 1, from 0 to 1,000,000.
  var quality: Int

  /// The first parameter of a name, in lower case.
  func parameter(_ name: String) -> String? {
    parameters.first { $0.name == name }?.value.lowercased()
  }

  static func == (a: HeaderElement, b: HeaderElement) -> Bool {
    a.value == b.value && a.quality == b.quality && a.parameters.elementsEqual(b.parameters, by: ==)
  }
}

/// Reads `Accept` and `Accept-Encoding` (RFC 9110, 12.4 and 12.5) from whoever sent them: never fails, and does
/// a bounded amount of work.
enum HeaderElements {
  /// Real headers have some 400 bytes. Elements that do not end before this one are not read.
  static let maxBytes = 4096
  static let maxElements = 32

  static func parse(_ header: String) -> [HeaderElement] {
    var pieces = split(header.utf8.prefix(maxBytes), at: UInt8(ascii: ","))
    if header.utf8.count > maxBytes { pieces.removeLast() }
    return pieces.prefix(maxElements).compactMap(element)
  }

  private static func element(_ piece: Substring.UTF8View) -> HeaderElement? {
    var parts = split(piece, at: UInt8(ascii: ";")).map(trimmed)
    let value = parts.removeFirst().lowercased()
    guard !value.isEmpty else { return nil }
    var element = HeaderElement(value: value, parameters: [], quality: 1_000_000)
    for part in parts where !part.isEmpty {
      guard let equals = part.firstIndex(of: "=") else { continue }
      let name = trimmed(part[..<equals].utf8).lowercased()
      let value = unquoted(trimmed(part[part.index(after: equals)...].utf8))
      if name == "q" {
        element.quality = quality(value)
      } else {
        element.parameters.append((name, value))
      }
    }
    return element
  }

  /// Cuts at a separator outside of quotes. There is at least one piece.
  private static func split(_ text: Substring.UTF8View, at separator: UInt8) -> [Substring.UTF8View] {
    var pieces: [Substring.UTF8View] = []
    var start = text.startIndex
    var isQuoted = false
    var isEscaped = false
    for index in text.indices {
      let byte = text[index]
      if isEscaped {
        isEscaped = false
      } else if isQuoted && byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isQuoted.toggle()
      } else if byte == separator && !isQuoted {
        pieces.append(text[start..<index])
        start = text.index(after: index)
      }
    }
    pieces.append(text[start...])
    return pieces
  }

  private static func trimmed(_ text: Substring.UTF8View) -> Substring {
    func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    let rest = text.drop(while: isBlank)
    let end = rest.lastIndex { !isBlank($0) }.map { rest.index(after: $0) } ?? rest.startIndex
    return Substring(rest[..<end])
  }

  private static func unquoted(_ text: Substring) -> String {
    guard text.utf8.count >= 2, text.utf8.first == UInt8(ascii: "\""), text.utf8.last == UInt8(ascii: "\"") else {
      return String(text)
    }
    return String(text.dropFirst().dropLast())
  }

  /// A weight in millionths, clamped to 0…1. What is no decimal number counts as if it were not there: 1.
  /// (Prometheus 2.49.0 sends `q=2`, others send none.)
  static func quality(_ text: String) -> Int {
    var millionths = 0
    var unit = 0  // 0: before the point; else what the next digit is worth
    var digits = 0
    let isNegative = text.utf8.first == UInt8(ascii: "-")
    for byte in text.utf8.dropFirst(isNegative ? 1 : 0) {
      switch byte {
      case UInt8(ascii: "."):
        if unit != 0 || digits == 0 && text.utf8.count == 1 { return 1_000_000 }
        unit = 100_000
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let digit = Int(byte - UInt8(ascii: "0"))
        digits += 1
        if unit == 0 {
          if millionths < 1_000_000 { millionths = millionths * 10 + digit * 1_000_000 }
        } else {
          millionths += digit * unit
          unit = unit > 1 ? unit / 10 : 0
          if unit == 0 { return finished() }
        }
      default:
        return 1_000_000
      }
    }
    func finished() -> Int { isNegative ? 0 : min(millionths, 1_000_000) }
    return digits == 0 ? 1_000_000 : finished()
  }
}
