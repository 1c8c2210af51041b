import Glibc
import Ingest
import Pricing

/// A value that can't be what its setting needs.
struct Mismatch: Error, Equatable {
  var found: String
  var expected: String
}

/// How the values of settings are written: text in, value out or a `Mismatch`.
/// Every source (flag, environment, file) goes through here, so a value means the same wherever it stands.
enum ValueSyntax {
  static func text(_ text: String) throws(Mismatch) -> String { text }

  static func flag(_ text: String) throws(Mismatch) -> Bool {
    switch text {
    case "true", "1", "yes", "on": true
    case "false", "0", "no", "off": false
    default: throw Mismatch(found: text, expected: "true or false")
    }
  }

  static func count(_ range: ClosedRange<Int>) -> @Sendable (String) throws(Mismatch) -> Int {
    { text throws(Mismatch) in
      guard let number = Int(text), range.contains(number) else {
        throw Mismatch(found: text, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
  }

  /// A positive number with a decimal point allowed.
  static func factor(_ text: String) throws(Mismatch) -> Double {
    guard let number = Double(text), number.isFinite, number > 0 else {
      throw Mismatch(found: text, expected: "a number above 0")
    }
    return number
  }

  /// A decimal number of dollars, in 1e-12 dollars.
  static func dollars(_ text: String) throws(Mismatch) -> Int64 {
    guard let amount = Dollars.parse(text), amount >= 0, let amount = Int64(exactly: amount) else {
      throw Mismatch(found: text, expected: "an amount of dollars, such as 0.25, up to a million")
    }
    return amount
  }

  /// `250ms`, `30s`, `5m`, `24h`, `7d` and sums of them (`1h30m`); `0` for never.
  static func duration(_ text: String) throws(Mismatch) -> Duration {
    if text == "0" { return .zero }
    var total: Int64 = 0
    var number: Int64? = nil
    var rest = Substring(text).utf8
    let units: [(name: String, milliseconds: Int64)] = [
      ("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
    ]
    while let byte = rest.first {
      if (48...57).contains(byte) {
        let (tens, over) = (number ?? 0).multipliedReportingOverflow(by: 10)
        guard !over, tens < 1_000_000_000_000 else { throw badDuration(text) }
        number = tens + Int64(byte - 48)
        rest = rest.dropFirst()
        continue
      }
      guard let count = number, let unit = units.first(where: { rest.starts(with: $0.name.utf8) }) else {
        throw badDuration(text)
      }
      let (part, over) = count.multipliedReportingOverflow(by: unit.milliseconds)
      let (sum, overSum) = total.addingReportingOverflow(part)
      guard !over, !overSum, sum <= 10 * 366 * 86_400_000 else { throw badDuration(text) }
      total = sum
      number = nil
      rest = rest.dropFirst(unit.name.utf8.count)
    }
    guard number == nil, !text.isEmpty else { throw badDuration(text) }
    return .milliseconds(total)
  }

  private static func badDuration(_ text: String) -> Mismatch {
    Mismatch(found: text, expected: "a duration such as 30s, 5m, 1h30m or 7d (0: never)")
  }

  /// `8388608`, `64KiB`, `8MiB`, `1GiB`, also with the decimal units `KB`, `MB`, `GB`.
  static func bytes(_ range: ClosedRange<Int>) -> @Sendable (String) throws(Mismatch) -> Int {
    { text throws(Mismatch) in
      let units: [(suffix: String, factor: Int)] = [
        ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000),
      ]
      let unit = units.first { text.hasSuffix($0.suffix) }
      let digits = text.dropLast(unit?.suffix.count ?? 0)
      guard let count = Int(digits),
        case (let size, let over) = count.multipliedReportingOverflow(by: unit?.factor ?? 1),
        !over, range.contains(size)
      else {
        throw Mismatch(
          found: text, expected: "a size such as 64KiB or 8MiB, from \(range.lowerBound) to \(range.upperBound) bytes")
      }
      return size
    }
  }

  static func fileMode(_ text: String) throws(Mismatch) -> UInt32 {
    guard let mode = UInt32(text, radix: 8), mode <= 0o777, !text.isEmpty else {
      throw Mismatch(found: text, expected: "an octal file mode such as 0660")
    }
    return mode
  }

  static func address(_ text: String) throws(Mismatch) -> HostPort {
    guard let address = HostPort(text) else {
      throw Mismatch(found: text, expected: "HOST:PORT, :PORT or [IPV6]:PORT")
    }
    return address
  }

  static func path(_ text: String) throws(Mismatch) -> String {
    guard !text.isEmpty, !text.utf8.contains(0) else { throw Mismatch(found: text, expected: "a path") }
    return text
  }

  /// Asked of the kernel, not tried: what is read may be a pipe, which gives its bytes once.
  static func readableFile(_ text: String) throws(Mismatch) -> String {
    let path = try path(text)
    guard unsafe access(path, R_OK) == 0 else {
      throw Mismatch(found: "\(path): \(SystemWords.error(errno))", expected: "a file that can be read")
    }
    return path
  }

  /// The kernel's limit on the path of a Unix socket is 108 bytes with the final zero (unix(7)).
  static func socketPath(_ text: String) throws(Mismatch) -> String {
    let path = RunDirectory.expand(text)
    guard !path.isEmpty, path.utf8.count < 108 else {
      throw Mismatch(found: path, expected: "a path of at most 107 bytes, which is the kernel's limit for a socket")
    }
    return path
  }

  /// Empty, or somebody whom this machine knows.
  static func user(_ text: String) throws(Mismatch) -> String {
    guard text.isEmpty || SocketFileOwner.user(text) != nil else {
      throw Mismatch(found: text, expected: "a user of this machine, by name or number")
    }
    return text
  }

  static func group(_ text: String) throws(Mismatch) -> String {
    guard text.isEmpty || SocketFileOwner.group(text) != nil else {
      throw Mismatch(found: text, expected: "a group of this machine, by name or number")
    }
    return text
  }

  static func urlPath(_ text: String) throws(Mismatch) -> String {
    guard text.first == "/", text.utf8.allSatisfy({ $0 > 32 && $0 < 127 && $0 != UInt8(ascii: "?") }) else {
      throw Mismatch(found: text, expected: "a path of a URL, such as /metrics")
    }
    return text
  }

  static func httpURL(_ text: String) throws(Mismatch) -> String {
    guard text.isEmpty || text.hasPrefix("https://") || text.hasPrefix("http://") else {
      throw Mismatch(found: PublicURL.text(text), expected: "a URL that starts with https:// or http://")
    }
    return text
  }

  static func choice<Choice: RawRepresentable & CaseIterable & Sendable>(
    of type: Choice.Type
  ) -> @Sendable (String) throws(Mismatch) -> Choice where Choice.RawValue == String {
    { text throws(Mismatch) in
      guard let value = Choice(rawValue: text) else {
        throw Mismatch(found: text, expected: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "))
      }
      return value
    }
  }
}
