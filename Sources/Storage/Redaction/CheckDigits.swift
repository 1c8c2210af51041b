/// Check digits of numbers that are written on cards and passes. Digits are 0…9.
enum CheckDigits {
  /// ISO/IEC 7812-1, annex B.
  static func luhn(_ digits: [UInt8]) -> Bool {
    var sum = 0
    for (i, digit) in digits.reversed().enumerated() {
      let doubled = Int(digit) * (i.isMultiple(of: 2) ? 1 : 2)
      sum += doubled > 9 ? doubled - 9 : doubled
    }
    return sum % 10 == 0
  }

  /// ISO/IEC 7064, MOD 11,10: the German tax number.
  static func mod11and10(_ digits: [UInt8]) -> Bool {
    var product = 10
    for digit in digits.dropLast() {
      var sum = (Int(digit) + product) % 10
      if sum == 0 { sum = 10 }
      product = sum * 2 % 11
    }
    return (11 - product) % 10 == Int(digits.last ?? 0)
  }

  /// Verhoeff's scheme in the dihedral group of ten elements: the Indian Aadhaar number.
  static func verhoeff(_ digits: [UInt8]) -> Bool {
    func product(_ a: Int, _ b: Int) -> Int {
      // Rotations are 0…4, reflections 5…9.
      if a < 5 { return b < 5 ? (a + b) % 5 : 5 + (a + b) % 5 }
      return b < 5 ? 5 + (a - b) % 5 : (a - b + 5) % 5
    }
    let step = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]
    var check = 0
    for (i, digit) in digits.reversed().enumerated() {
      var permuted = Int(digit)
      for _ in 0..<i % 8 { permuted = step[permuted] }
      check = product(check, permuted)
    }
    return check == 0
  }

  /// The Brazilian CPF: two digits, each weighted modulo 11.
  static func cpf(_ digits: [UInt8]) -> Bool {
    guard digits.count == 11, Set(digits).count > 1 else { return false }
    for place in [9, 10] {
      var sum = 0
      for i in 0..<place { sum += Int(digits[i]) * (place + 1 - i) }
      if sum * 10 % 11 % 10 != Int(digits[place]) { return false }
    }
    return true
  }

  /// EAN-13: the Swiss AHV number.
  static func ean13(_ digits: [UInt8]) -> Bool {
    let sum = digits.enumerated().reduce(0) { $0 + Int($1.element) * ($1.offset.isMultiple(of: 2) ? 1 : 3) }
    return digits.count == 13 && sum % 10 == 0
  }

  /// The French NIR: 97 less the number modulo 97.
  static func nir(_ digits: [UInt8]) -> Bool {
    guard digits.count == 15, digits[0] == 1 || digits[0] == 2 else { return false }
    let number = digits.prefix(13).reduce(0) { $0 * 10 + Int($1) }
    return 97 - number % 97 == Int(digits[13]) * 10 + Int(digits[14])
  }

  /// ISO 13616: an IBAN, its letters as 10…35, its first four characters moved to the end, is 1 modulo 97.
  static func iban(_ characters: [UInt8]) -> Bool {
    guard (15...34).contains(characters.count) else { return false }
    var rest = 0
    for character in characters[4...] + characters[..<4] {
      if RedactionText.isDigit(character) {
        rest = (rest * 10 + Int(character - 0x30)) % 97
      } else {
        rest = (rest * 100 + Int((character | 0x20) - 0x61) + 10) % 97
      }
    }
    return rest == 1
  }
}
