/// Keys and tokens. Sources of the shapes: the providers' own documentation of their key formats.
enum SecretPatterns {
  /// A beginning, and how many characters have to follow for it to be a key.
  private static let beginnings: [(StaticString, Int)] = [
    ("sk-", 16), ("rk-", 16), ("pk-", 16), ("sk_live_", 8), ("rk_live_", 8), ("pk_live_", 8), ("sk_test_", 8),
    ("AKIA", 16), ("ASIA", 16), ("ABSK", 20), ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20),
    ("github_pat_", 20), ("glpat-", 16), ("xoxb-", 10), ("xoxa-", 10), ("xoxp-", 10), ("xoxr-", 10), ("xoxs-", 10),
    ("xapp-", 10), ("AIza", 30), ("ya29.", 20), ("hf_", 20), ("gsk_", 20), ("xai-", 20), ("pplx-", 20), ("r8_", 20),
    ("SG.", 20), ("npm_", 20), ("pypi-", 20), ("dop_v1_", 20), ("tvly-", 16), ("nvapi-", 20), ("key-", 24),
    ("lsv2_", 16), ("csk-", 16), ("fw_", 20), ("dapi", 32), ("pa-", 32), ("eyJ", 20),
  ]

  /// Ends of the names of what is secret, whatever it looks like: `dbPassword`, `X-Api-Key`, `CLIENT_SECRET`. Without
  /// what joins words, in lower case.
  private static let names: [StaticString] = [
    "apikey", "accesskey", "secretkey", "privatekey", "clientsecret", "secret", "accesstoken", "authtoken",
    "refreshtoken", "sessiontoken", "apitoken", "password", "passwd", "passphrase",
  ]
  private static let schemes: [StaticString] = ["bearer", "basic"]

  /// Longest name, and longest value in quotes, that is looked at.
  private static let maxNameBytes = 64
  private static let maxQuotedBytes = 512

  private static func isPart(_ byte: UInt8) -> Bool {
    RedactionText.isWord(byte) || "-_.~+/=".utf8.contains(byte)
  }

  static func match(_ bytes: [UInt8], _ at: Int) -> Int? {
    for (beginning, least) in beginnings where RedactionText.has(beginning, bytes, at) {
      let start = at + beginning.utf8CodeUnitCount
      let end = RedactionText.end(of: isPart, bytes, from: start)
      if end - start >= least { return end }
    }
    return scheme(bytes, at) ?? named(bytes, at)
  }

  /// `Bearer abc…`, with the word.
  private static func scheme(_ bytes: [UInt8], _ at: Int) -> Int? {
    for scheme in schemes where RedactionText.has(scheme, bytes, at, anyCase: true) {
      let word = at + scheme.utf8CodeUnitCount
      let start = endOfBlanks(bytes, word)
      if start == word { continue }
      let end = RedactionText.end(of: isPart, bytes, from: start)
      let hasDigit = bytes[start..<end].contains(where: RedactionText.isDigit)
      if end - start >= 8, hasDigit || end - start >= 20 { return end }
    }
    return nil
  }

  /// Spaces and tabs, escaped ones too.
  private static func endOfBlanks(_ bytes: [UInt8], _ start: Int) -> Int {
    var at = start
    while true {
      let backslashes = RedactionText.end(of: { $0 == UInt8(ascii: "\\") }, bytes, from: at)
      if [UInt8(ascii: " "), UInt8(ascii: "\t")].contains(RedactionText.byte(bytes, at)) {
        at += 1
      } else if backslashes > at, RedactionText.byte(bytes, backslashes) == UInt8(ascii: "t") {
        at = backslashes + 1
      } else {
        return at
      }
    }
  }

  // MARK: By name

  /// `password = "…"`, `"api_key": "…"`, also with the quotes of JSON within JSON.
  private static func named(_ bytes: [UInt8], _ at: Int) -> Int? {
    let isName: (UInt8) -> Bool = { RedactionText.isWord($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-") }
    let word = RedactionText.end(of: isName, bytes, from: at, limit: maxNameBytes)
    let isSpaceOrQuote: (UInt8) -> Bool = { "\\\"' ".utf8.contains($0) }
    let separator = RedactionText.end(of: isSpaceOrQuote, bytes, from: word, limit: maxNameBytes)
    guard [UInt8(ascii: ":"), UInt8(ascii: "=")].contains(RedactionText.byte(bytes, separator)),
      isSecret(bytes[at..<word])
    else { return nil }
    let value = RedactionText.end(of: { $0 == UInt8(ascii: " ") }, bytes, from: separator + 1)
    if let end = endOfQuoted(bytes, value) { return end }
    let start = RedactionText.end(of: isSpaceOrQuote, bytes, from: value)
    let end = RedactionText.end(
      of: { $0 > UInt8(ascii: " ") && !"\"'\\,;})]".utf8.contains($0) }, bytes, from: start)
    return end > start ? end : nil
  }

  private static func isSecret(_ name: ArraySlice<UInt8>) -> Bool {
    let letters = name.filter(RedactionText.isWord)
    return names.contains { end in
      letters.count >= end.utf8CodeUnitCount
        && RedactionText.has(end, letters, letters.count - end.utf8CodeUnitCount, anyCase: true)
    }
  }

  /// Where the value ends that begins with a quote here: at the quote that is escaped as that one is.
  private static func endOfQuoted(_ bytes: [UInt8], _ at: Int) -> Int? {
    let isBackslash: (UInt8) -> Bool = { $0 == UInt8(ascii: "\\") }
    let opening = RedactionText.end(of: isBackslash, bytes, from: at)
    let quote = RedactionText.byte(bytes, opening)
    guard quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else { return nil }
    var place = opening + 1
    let limit = min(bytes.count, place + maxQuotedBytes)
    while place < limit {
      let end = RedactionText.end(of: isBackslash, bytes, from: place)
      if RedactionText.byte(bytes, end) == quote, end - place <= opening - at {
        return place > opening + 1 ? place : nil
      }
      place = end + 1
    }
    return nil
  }
}
