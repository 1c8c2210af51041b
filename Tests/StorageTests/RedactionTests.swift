import Glibc
import Storage
import Testing

@Suite struct RedactionOfText {
  static func redacted(_ text: String) -> String { Redaction().redact(text) }

  @Test(arguments: [
    ("write to ann@example.org.", "write to [email]."),
    ("<ann.lee+llm@mail.example.co.uk>", "<[email]>"),
    (#"{"content":"mail\nann@example.org\n"}"#, #"{"content":"mail\n[email]\n"}"#),
    (#"ann\u0040example.org"#, "[email]"),
    ("jürgen@müller.de", "[email]"), (#"j\u00fcrgen@m\u00fcller.de"#, "[email]"), ("Ünal@firma.de", "[email]"),
    ("名前@example.com", "[email]"), (#"{\"to\":\"\\u00fcnal@firma.de\"}"#, #"{\"to\":\"[email]\"}"#),
  ])
  func emailAddresses(text: String, expected: String) { #expect(Self.redacted(text) == expected) }

  @Test(arguments: [
    "4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "5555 5555 5555 4444", "378282246310005",
    "6011000990139424", "2223003122003222", "4111.1111.1111.1111", "4111\u{a0}1111\u{202f}1111\u{2007}1111",
    "4111\u{2011}1111\u{2011}1111\u{2011}1111", #"4111\u00a01111\u00a01111\u00a01111"#,
  ])
  func cardNumbersWithTheirCheckDigit(number: String) {
    #expect(Self.redacted("card \(number), please") == "card [card], please")
  }

  @Test(arguments: [
    (#"\u201e4111 1111 1111 1111\u201c"#, "„[card]“"), (#"\u001b4111111111111111"#, " [card]"),
    (#"a \ud83d\ude00 +49\u00a030\u00a01234567"#, "a 😀 [phone]"), (#"\ud83d 4111111111111111"#, "\u{fffd} [card]"),
    (#"say \u0022 or \u005c, \u00e9"#, #"say \" or \\, é"#), (#"C:\users \u12"#, #"C:\users \u12"#),
    (#"line\u000a4111111111111111"#, #"line\n[card]"#),
  ])
  func escapesAreReadAsWhatTheyStandFor(text: String, expected: String) { #expect(Self.redacted(text) == expected) }

  @Test(arguments: ["4111 1111 1111 1112", "1234567890123456", "0000000000000000"])
  func numbersThatAreNoCards(number: String) {
    #expect(!Self.redacted("number \(number).").contains("[card]"))
  }

  @Test(arguments: [
    "+49 30 1234567", "+1 (555) 123-4567", "+442071234567", "(555) 123-4567", "555-123-4567", "555.123.4567",
    "030 1234567", "0151/12345678", "0041 44 123 45 67", "0049 151 12345678", "01 23 45 67 89",
    "+49\u{a0}151\u{a0}12345678",
  ])
  func phoneNumbers(number: String) { #expect(Self.redacted("call \(number) now") == "call [phone] now") }

  @Test(arguments: [
    "2026-11-21", "01.02.2026", "10:30", "1,234,567", "3.14159", "192.168.0.1", "1200 tokens", "version 1.2.3",
    "2026-11-21T10:00:00", "05/06/2024 12:30", "01-02-2026 10:30", "05/06/24 12:30", "port 10780", "in 2025 and 2026",
    "0.000035", "#12345678", "page 030",
  ])
  func numbersThatMeanNobody(text: String) { #expect(Self.redacted("so \(text) is") == "so \(text) is") }

  /// Published examples, with their check digits.
  @Test(arguments: [
    "123-45-6789",  // United States
    "AB123456C", "AB 12 34 56 C",  // United Kingdom
    "86095742719",  // Germany, tax number
    "12345678Z", "X1234567L", "12345678-Z", "12345678z", "x-1234567-l",  // Spain
    "ab123456c",  // United Kingdom, in small letters
    "RSSMRA85T10A562S",  // Italy
    "255081416802538",  // France
    "756.9217.0769.85",  // Switzerland
    "111.444.777-35",  // Brazil
    "2341 2341 2346",  // India
    "DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432",  // IBAN
  ])
  func nationalIDs(id: String) { #expect(Self.redacted("id: \(id)!") == "id: [id]!") }

  @Test(arguments: [
    "000-45-6789", "666-45-6789", "123-00-6789", "12345678A", "123456782", "DE88 3704 0044 0532 0130 00",
  ])
  func numbersThatAreNoNationalIDs(id: String) { #expect(!Self.redacted("id: \(id)!").contains("[id]")) }

  @Test(arguments: [
    "sk-proj-abcdefghijklmnop1234", "sk-ant-api03-AbCdEf_ghIjKl-0123456789", "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "xoxb-123456789012-abcdef", "hf_AbCdEfGhIjKlMnOpQrStUv",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv", "glpat-abcdefghij0123456789",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_DEF-123", "gsk_abcdefghijklmnopqrstuvwx",
    "ABSKQmVkcm9ja0FQSUtleS1hYmNkZWZnaGlqa2xtbm9w", "csk-abcdefghijklmnopqrstuvwxyz012345",
    "fw_3ZabcdefghijklmnopqrstUV", "dapi0123456789abcdef0123456789abcdef", "pa-abcdefghijklmnopqrstuvwxyz0123456789",
  ])
  func keysByTheirBeginning(key: String) {
    #expect(Self.redacted("use \(key) here") == "use [key] here")
    #expect(Self.redacted("{\"c\":\"line\\n\(key)\"}") == "{\"c\":\"line\\n[key]\"}")
  }

  @Test(arguments: [
    ("Authorization: Bearer abc123def456", "Authorization: [key]"),
    ("authorization: bearer abcdefghijklmnopqrstuvwxyz", "authorization: [key]"),
    ("password=hunter2&x=1", "[key]"),
    (#"{"password": "hunter2", "a": 1}"#, #"{"[key]", "a": 1}"#),
    (#"\"api_key\": \"0123abcd\","#, #"\"[key]\","#),
    ("API_KEY: abc; next", "[key]; next"),
    ("Authorization: Bearer\tabcdef0123456789", "Authorization: [key]"),
    (#"Authorization: Bearer\tabcdef0123456789"#, "Authorization: [key]"),
    (#"{"password": "correct horse battery", "a": "b"}"#, #"{"[key]", "a": "b"}"#),
    (#"{\"password\": \"correct \\\"horse\\\" battery\", \"a\": 1}"#, #"{\"[key]\", \"a\": 1}"#),
    ("password = 'it is' now", "[key]' now"), (#"password: "never closed"#, #"[key] closed"#),
    (#""clientSecret": "abc123""#, #""[key]""#), (#""accessToken":"abc123""#, #""[key]""#),
    (#""dbPassword": "hunter2""#, #""[key]""#), ("DB_PASSWORD=hunter2", "[key]"), ("X-Api-Key: abc", "[key]"),
  ])
  func secretsByTheirName(text: String, expected: String) { #expect(Self.redacted(text) == expected) }

  @Test(arguments: [
    "the bearer of news", "basic understanding", "a secret garden", "sk-learn is fine", "key-value store",
    "max_tokens: 100", #""secrets": ["none"]"#,
  ])
  func wordsThatAreNoSecrets(text: String) { #expect(Self.redacted(text) == text) }

  @Test func aLongTextIsCutAfterItWasRedacted() {
    let text = Redaction(maxCharacters: 20).redact("0123456789 4111 1111 1111 1111 and so on")
    #expect(text == "0123456789 [card] an…")
  }

  @Test func aCharacterOfManyPartsIsCutToo() {
    let text = Redaction(maxCharacters: 20).redact("a" + String(repeating: "\u{301}", count: 25_000))
    #expect(text.unicodeScalars.count == 21)
  }

  @Test func nothingOfASecretIsLeftWhereverItStands() {
    var generator = SystemRandomNumberGenerator()
    let seed = UInt64.random(in: 0...UInt64.max, using: &generator)
    var state = seed | 1
    func next(_ bound: Int) -> Int {
      state ^= state << 13
      state ^= state >> 7
      state ^= state << 17
      return Int(state % UInt64(bound))
    }
    let fillers = [
      " ", "\\n", "\"", ", ", "(", ": ", "\n", "ü ", "<", "/", "\\u00a0", "\\u201e", "\\u0022", "\\ud83d\\ude00",
      "\\u000a",
      "\\u001f", "\\ud83d", "\\\\u201e", "\u{2011}", "\u{3000}",
    ]
    let secrets = ["4111111111111111", "ann@example.org", "sk-abcdefghijklmnop1234", "+493012345678"]
    for _ in 0..<2_000 {
      let secret = secrets[next(secrets.count)]
      let text = "x" + fillers[next(fillers.count)] + secret + fillers[next(fillers.count)] + "y"
      #expect(!Self.redacted(text).contains(secret), "seed \(seed): \(text)")
    }
  }

  /// Of texts that look like the beginning of something at every byte, each byte is looked at a bounded number of times.
  @Test(arguments: ["a.", "é", "basic.", "password-", "1 ", "+", "\\", "\"password\" ", "eyJ.", "AB "])
  func aHostileTextTakesNoLongerThanItsLength(part: String) {
    let redaction = Redaction(maxCharacters: .max)
    func time(_ count: Int) -> Int {
      let text = String(repeating: part, count: count)
      let start = Self.processorNanoseconds()
      _ = redaction.redact(text)
      return Self.processorNanoseconds() - start
    }
    _ = time(100)
    // Linear is eight times as long; quadratic sixty-four times.
    #expect(time(8_000) < time(1_000) * 24)
  }

  /// Of this thread alone: others use the machine too.
  private static func processorNanoseconds() -> Int {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  @Test func anyBytesAreTakenWithoutATrap() {
    var state: UInt64 = 88_172_645_463_325_252
    for _ in 0..<3_000 {
      var bytes: [UInt8] = []
      for _ in 0..<60 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        bytes.append(Array("0123456789+-(). @eysk_\\u004Bearer=:\u{e9}AB".utf8)[Int(state % 38)])
      }
      _ = Self.redacted(String(decoding: bytes, as: UTF8.self))
    }
  }
}
