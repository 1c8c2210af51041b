/// Numbers that mean a person.
enum NumberPatterns {
  /// Digits with what stands between them, read from one place on.
  struct Run {
    var digits: [UInt8] = []
    /// Of each digit: where it stands.
    var places: [Int] = []
    /// What stood between groups of digits, one entry for each gap.
    var separators: [UInt8] = []

    var end: Int { (places.last ?? -1) + 1 }
  }

  /// Reads digits that are separated by at most one character (or a parenthesis and a blank) out of those given.
  static func run(_ bytes: [UInt8], _ at: Int, separators: String, limit: Int = 24) -> Run {
    let allowed = Array(separators.utf8)
    var run = Run()
    var place = at
    while place < bytes.count, run.digits.count < limit {
      if RedactionText.isDigit(bytes[place]) {
        run.digits.append(bytes[place] - 0x30)
        run.places.append(place)
        place += 1
        continue
      }
      let gap = RedactionText.end(of: { allowed.contains($0) }, bytes, from: place)
      guard gap > place, gap - place <= 2, RedactionText.isDigit(RedactionText.byte(bytes, gap)), !run.digits.isEmpty
      else { break }
      run.separators.append(bytes[place])
      place = gap
    }
    return run
  }

  // MARK: Cards

  /// The longest prefix of the run that is a card number and does not end within a group of digits.
  static func card(_ bytes: [UInt8], _ at: Int) -> Int? {
    let run = run(bytes, at, separators: " -.")
    guard run.digits.count >= 13 else { return nil }
    for count in stride(from: min(19, run.digits.count), through: 13, by: -1) {
      let end = run.places[count - 1] + 1
      guard !RedactionText.isWord(RedactionText.byte(bytes, end)), isIssuer(run.digits, count: count),
        Set(run.digits.prefix(count)).count > 1, CheckDigits.luhn(Array(run.digits.prefix(count)))
      else { continue }
      return end
    }
    return nil
  }

  /// The networks' first digits and lengths. Source: ISO/IEC 7812 issuer identification numbers as the networks
  /// publish them.
  private static func isIssuer(_ digits: [UInt8], count: Int) -> Bool {
    let first = number(digits[..<2])
    switch digits[0] {
    case 2: return count == 16 && (2200...2720).contains(number(digits[..<4]))
    case 3:
      return count == 14 ? [30, 36, 38, 39].contains(first) : count == 15 ? [34, 37].contains(first) : first == 35
    case 4: return [13, 16, 18, 19].contains(count)
    case 5: return count == 16 || first == 50 || first >= 56
    case 6: return count >= 16
    default: return false
    }
  }

  // MARK: National ids

  static func nationalID(_ bytes: [UInt8], _ at: Int) -> Int? {
    if RedactionText.isLetter(bytes[at]) { return lettered(bytes, at) }
    let run = run(bytes, at, separators: " -./")
    guard !run.digits.isEmpty, !RedactionText.isWord(RedactionText.byte(bytes, run.end)) else {
      return spanish(bytes, at)
    }
    let digits = run.digits
    let groups = groups(run)
    let isID: Bool
    switch digits.count {
    // United States: never 000, 666 or 9xx; only as it is written, for nine digits are many things.
    case 9:
      isID =
        groups == [3, 2, 4] && ![0, 666].contains(number(digits[..<3])) && digits[0] != 9
        && number(digits[3..<5]) != 0 && number(digits[5...]) != 0
    case 11:
      isID =
        CheckDigits.cpf(digits) || (digits[0] != 0 && hasRepeatedDigit(digits) && CheckDigits.mod11and10(digits))
    case 12: isID = digits[0] > 1 && CheckDigits.verhoeff(digits)
    case 13: isID = number(digits[..<3]) == 756 && CheckDigits.ean13(digits)
    case 15: isID = CheckDigits.nir(digits)
    default: isID = false
    }
    return isID ? run.end : spanish(bytes, at)
  }

  /// Of the first ten digits of a German tax number one or more occur twice or thrice.
  private static func hasRepeatedDigit(_ digits: [UInt8]) -> Bool { Set(digits.prefix(10)).count < 10 }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int { digits.reduce(0) { $0 * 10 + Int($1) } }

  private static func groups(_ run: Run) -> [Int] {
    var groups: [Int] = []
    var previous = -2
    for place in run.places {
      if place == previous + 1 { groups[groups.count - 1] += 1 } else { groups.append(1) }
      previous = place
    }
    return groups
  }

  /// Spain: eight digits (or X, Y, Z and seven) and a letter that they decide, with hyphens or without.
  private static func spanish(_ bytes: [UInt8], _ at: Int) -> Int? {
    let letters = Array("TRWAGMYFPDXBNJZSQVHLCKE".utf8)
    var value = 0
    var place = at
    for i in 0..<8 {
      var byte = RedactionText.byte(bytes, place)
      let foreign = i == 0 ? Array("XYZ".utf8).firstIndex(of: byte & 0xdf) : nil
      if let foreign { byte = 0x30 + UInt8(foreign) }
      guard RedactionText.isDigit(byte) else { return nil }
      value = value * 10 + Int(byte - 0x30)
      place += 1
      if foreign != nil || i == 7, RedactionText.byte(bytes, place) == UInt8(ascii: "-") { place += 1 }
    }
    let isRight = RedactionText.byte(bytes, place) & 0xdf == letters[value % 23]
    return isRight && !RedactionText.isWord(RedactionText.byte(bytes, place + 1)) ? place + 1 : nil
  }

  private static func lettered(_ bytes: [UInt8], _ at: Int) -> Int? {
    spanish(bytes, at) ?? iban(bytes, at) ?? british(bytes, at) ?? italian(bytes, at)
  }

  /// Groups of characters with single blanks between them.
  private static func iban(_ bytes: [UInt8], _ at: Int) -> Int? {
    guard at + 4 <= bytes.count, RedactionText.isLetter(bytes[at]), RedactionText.isLetter(bytes[at + 1]),
      RedactionText.isDigit(bytes[at + 2]), RedactionText.isDigit(bytes[at + 3])
    else { return nil }
    var characters: [UInt8] = []
    var place = at
    var end: Int?
    while place < bytes.count, characters.count < 34 {
      if RedactionText.isWord(bytes[place]) {
        characters.append(bytes[place])
        if !RedactionText.isWord(RedactionText.byte(bytes, place + 1)), CheckDigits.iban(characters) { end = place + 1 }
      } else if bytes[place] != UInt8(ascii: " ") || bytes[place - 1] == UInt8(ascii: " ") {
        break
      }
      place += 1
    }
    return end
  }

  /// The United Kingdom's National Insurance number: two letters, six digits, A to D.
  private static func british(_ bytes: [UInt8], _ at: Int) -> Int? {
    guard RedactionText.isLetter(RedactionText.byte(bytes, at + 1)),
      !"DFIQUV".utf8.contains(bytes[at] & 0xdf), !"DFIQUVO".utf8.contains(bytes[at + 1] & 0xdf)
    else { return nil }
    let start = RedactionText.end(of: { $0 == UInt8(ascii: " ") }, bytes, from: at + 2)
    let run = run(bytes, start, separators: " ", limit: 6)
    guard run.digits.count == 6, run.separators.isEmpty || run.separators.count == 2, start - at <= 3 else {
      return nil
    }
    let last = RedactionText.byte(bytes, run.end) == UInt8(ascii: " ") ? run.end + 1 : run.end
    guard "ABCD".utf8.contains(RedactionText.byte(bytes, last) & 0xdf),
      !RedactionText.isWord(RedactionText.byte(bytes, last + 1))
    else { return nil }
    return last + 1
  }

  /// Italy's codice fiscale: AAAAAA00A00A000A.
  private static func italian(_ bytes: [UInt8], _ at: Int) -> Int? {
    let shape = Array("AAAAAA00A00A000A".utf8)
    guard at + shape.count <= bytes.count, !RedactionText.isWord(RedactionText.byte(bytes, at + shape.count)) else {
      return nil
    }
    for (i, kind) in shape.enumerated() {
      let isRight =
        kind == UInt8(ascii: "A") ? RedactionText.isLetter(bytes[at + i]) : RedactionText.isDigit(bytes[at + i])
      if !isRight { return nil }
    }
    return at + shape.count
  }

  // MARK: Phones

  /// `+49 30 1234567`, `(555) 123-4567`, `555-123-4567`, `030 1234567`, `0151/12345678`, `0049 151 12345678`.
  static func phone(_ bytes: [UInt8], _ at: Int) -> Int? {
    let isInternational = bytes[at] == UInt8(ascii: "+")
    let hasParenthesis = bytes[at] == UInt8(ascii: "(")
    let start = isInternational || hasParenthesis ? at + 1 : at
    let run = run(bytes, start, separators: " -./()", limit: 18)
    guard RedactionText.byte(bytes, start) != 0, !run.digits.isEmpty,
      !RedactionText.isWord(RedactionText.byte(bytes, run.end))
    else { return nil }
    let count = run.digits.count
    let groups = groups(run)
    // The rest of a date is no beginning.
    let isRest = "-./".utf8.contains(RedactionText.byte(bytes, at - 1))
    if isRest, RedactionText.isDigit(RedactionText.byte(bytes, at - 2)) { return nil }
    if isInternational { return (7...15).contains(count) && run.digits[0] != 0 ? run.end : nil }
    if hasParenthesis {
      return (7...12).contains(count) && run.separators.contains(UInt8(ascii: ")")) ? run.end : nil
    }
    if run.separators.contains(UInt8(ascii: ".")), groups.count > 3 || groups.contains(where: { $0 > 4 }) { return nil }
    // North America, as it is written there.
    if groups == [3, 3, 4] || groups == [1, 3, 3, 4] { return run.end }
    // A trunk prefix, two of them before another country's number; at least one gap, and no date.
    let longest = run.digits.prefix(2) == [0, 0] ? 17 : 13
    guard run.digits[0] == 0, (8...longest).contains(count), groups.count >= 2 else { return nil }
    return isDate(groups, run.separators) ? nil : run.end
  }

  /// `01.02.2026`, and with the hours of a time behind it: `05/06/2024 12:30`.
  private static func isDate(_ groups: [Int], _ separators: [UInt8]) -> Bool {
    guard groups.count >= 3, groups[0] <= 2, groups[1] <= 2 else { return false }
    if groups.count == 3 { return true }
    return [2, 4].contains(groups[2]) && separators[0] == separators[1] && separators[0] != UInt8(ascii: " ")
      && separators[2] == UInt8(ascii: " ")
  }
}
