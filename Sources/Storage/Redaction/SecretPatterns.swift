/// Keys and tokens. Sources of the shapes: the providers' own documentation of their key formats.
enum SecretPatterns {
  /// A beginning, and how many characters have to follow for it to be a key.
  private static let beginnings: [(StaticString, Int)] = [
    ("sk-", 16), ("rk-", 16), ("pk-", 16), ("sk_live_", 8), ("rk_live_", 8), ("pk_live_", 8), ("sk_test_", 8),
    ("AKIA", 16), ("ASIA", 16), ("ghp_", 20), ("gho_", 20), ("ghu_", 20), ("ghs_", 20), ("ghr_", 20),
    ("github_pat_", 20), ("glpat-", 16), ("xoxb-", 10), ("xoxa-", 10), ("xoxp-", 10), ("xoxr-", 10), ("xoxs-", 10),
    ("xapp-", 10), ("AIza", 30), ("ya29.", 20), ("hf_", 20), ("gsk_", 20), ("xai-", 20), ("pplx-", 20), ("r8_", 20),
    ("SG.", 20), ("npm_", 20), ("pypi-", 20), ("dop_v1_", 20), ("tvly-", 16), ("nvapi-", 20), ("key-", 24),
    ("lsv2_", 16), ("eyJ", 20),
  ]

  /// Words whose value is a secret, whatever it looks like.
  private static let names: [StaticString] = [
    "api_key", "api-key", "apikey", "access_key", "access-key", "secret_key", "secret-key", "client_secret",
    "client-secret", "access_token", "access-token", "auth_token", "refresh_token", "private_key", "password", "passwd",
    "passphrase", "secret", "x-api-key",
  ]
  private static let schemes: [StaticString] = ["bearer", "basic"]

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
      let start = RedactionText.end(of: { $0 == UInt8(ascii: " ") }, bytes, from: word)
      let end = RedactionText.end(of: isPart, bytes, from: start)
      let hasDigit = bytes[start..<end].contains(where: RedactionText.isDigit)
      if start > word, end - start >= 8, hasDigit || end - start >= 20 { return end }
    }
    return nil
  }

  /// `password = "…"`, `"api_key": "…"`, also with the quotes of JSON within JSON.
  private static func named(_ bytes: [UInt8], _ at: Int) -> Int? {
    for name in names where RedactionText.has(name, bytes, at, anyCase: true) {
      let word = at + name.utf8CodeUnitCount
      let isSpaceOrQuote: (UInt8) -> Bool = { "\\\"' ".utf8.contains($0) }
      let separator = RedactionText.end(of: isSpaceOrQuote, bytes, from: word)
      guard [UInt8(ascii: ":"), UInt8(ascii: "=")].contains(RedactionText.byte(bytes, separator)) else { continue }
      let start = RedactionText.end(of: isSpaceOrQuote, bytes, from: separator + 1)
      let end = RedactionText.end(
        of: { $0 > UInt8(ascii: " ") && !"\"'\\,;})]".utf8.contains($0) }, bytes, from: start)
      if end > start { return end }
    }
    return nil
  }
}
