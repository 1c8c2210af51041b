/// An S3-compatible bucket: puts, lists and gets objects, signed by libcurl (Signature Version 4).
struct S3Client {
  let location: S3Location
  private let key: String
  private let secret: String
  private let token: String

  /// Finds the credentials: in the named file, else in the environment.
  init(_ location: S3Location) throws(DeliveryProblem) {
    self.location = location
    var values: [String: String] = [:]
    if location.credentialsFile.isEmpty {
      for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"] {
        values[name.lowercased()] = Environment.value(name)
      }
    } else {
      values = Self.credentials(in: try Secret.text(of: location.credentialsFile))
    }
    guard let key = values["aws_access_key_id"], let secret = values["aws_secret_access_key"], !key.isEmpty else {
      throw DeliveryProblem(
        "no credentials of S3: expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or "
          + "credentials_file in the form of ~/.aws/credentials")
    }
    self.key = key
    self.secret = secret
    token = values["aws_session_token"] ?? ""
  }

  /// The first section's `name = value`.
  static func credentials(in text: String) -> [String: String] {
    var values: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.split(separator: " ").joined(separator: " ") }
      if parts.count == 2, values[parts[0].lowercased()] == nil { values[parts[0].lowercased()] = parts[1] }
    }
    return values
  }

  func put(_ name: String, file: String, type: String) throws(DeliveryProblem) {
    var transfer = transfer("PUT", path: "/" + name)
    // Every header is signed, so there is none that libcurl would leave out.
    transfer.headers += ["Content-Type: \(type)"]
    transfer.bodyPath = file
    transfer.seconds = 900
    let answer = try transfer.run()
    if let problem = DeliveryProblem(answer) { throw problem }
  }

  func get(_ name: String, into file: String) throws(DeliveryProblem) {
    var transfer = transfer("GET", path: "/" + name)
    transfer.answerPath = file
    transfer.seconds = 900
    let answer = try transfer.run()
    if let problem = DeliveryProblem(answer) { throw problem }
  }

  /// Names of the objects under a prefix, in their order.
  func list(_ prefix: String) throws(DeliveryProblem) -> [String] {
    var names: [String] = []
    var continuation = ""
    // A thousand names a page: the bound is a million hosts and days.
    for _ in 0..<1_000 {
      // In the order of their names, as what is signed has to be.
      let next = continuation.isEmpty ? "" : "continuation-token=\(Self.encode(continuation, alsoSlash: true))&"
      let query = "?\(next)list-type=2&prefix=\(Self.encode(prefix, alsoSlash: true))"
      let answer = try transfer("GET", path: "/" + query, isEncoded: true).run()
      if let problem = DeliveryProblem(answer) { throw problem }
      let text = String(decoding: answer.body, as: UTF8.self)
      names += Self.elements("Key", in: text)
      guard let token = Self.elements("NextContinuationToken", in: text).first else { break }
      continuation = token
    }
    return names
  }

  private func transfer(_ method: String, path: String, isEncoded: Bool = false) -> Transfer {
    let endpoint =
      location.endpoint.isEmpty ? "https://s3.\(location.region).amazonaws.com" : location.endpoint
    var transfer = Transfer()
    transfer.method = method
    // The bucket in the path: every server knows it, whatever its name resolves to.
    transfer.url = endpoint + "/" + location.bucket + (isEncoded ? path : Self.encode(path, alsoSlash: false))
    transfer.user = key
    transfer.password = secret
    transfer.signature = "aws:amz:\(location.region):s3"
    // TLS guards the content; the signature covers the rest, so that a file need not be read twice.
    transfer.headers = ["x-amz-content-sha256: UNSIGNED-PAYLOAD"]
    if !token.isEmpty { transfer.headers.append("x-amz-security-token: \(token)") }
    transfer.authorities = location.authorities
    return transfer
  }

  /// As Signature Version 4 wants it: all but unreserved characters, in capitals.
  static func encode(_ text: String, alsoSlash: Bool) -> String {
    let digits = Array("0123456789ABCDEF")
    return text.utf8.reduce(into: "") { out, byte in
      let isPlain =
        (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
        || [45, 46, 95, 126].contains(byte) || (byte == 47 && !alsoSlash)
      if isPlain {
        out.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        out += "%" + String(digits[Int(byte >> 4)]) + String(digits[Int(byte & 15)])
      }
    }
  }

  /// The texts of the elements of that name; a list of objects nests none of them.
  static func elements(_ name: String, in text: String) -> [String] {
    var found: [String] = []
    var rest = Substring(text)
    while let start = rest.firstRange(of: "<\(name)>"), let end = rest[start.upperBound...].firstRange(of: "</\(name)>")
    {
      found.append(unescape(rest[start.upperBound..<end.lowerBound]))
      rest = rest[end.upperBound...]
    }
    return found
  }

  private static func unescape(_ text: Substring) -> String {
    var out = String(text)
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
      out = out.split(separator: entity, omittingEmptySubsequences: false).joined(separator: character)
    }
    return out
  }
}

/// A secret in a file: small, and never logged.
enum Secret {
  static func text(of path: String) throws(DeliveryProblem) -> String {
    do throws(FileProblem) {
      let bytes = try FileContent.read(path, limit: 64 << 10)
      let text = String(decoding: bytes, as: UTF8.self)
      return String(text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    } catch {
      throw DeliveryProblem("\(error)")
    }
  }
}
