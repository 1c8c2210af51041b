import CLinux
import Glibc

/// The secret with which user ids are hashed before they become labels. Without it nobody can find a user id by trying.
struct UserKey: Sendable {
  static let byteCount = 32
  static let fileName = "user-hash.key"
  static let variable = "LLM_EXPORTER_USER_KEY"

  enum Origin: Equatable, Sendable {
    case environment
    case file(String)
    case made(String)
    /// Kept nowhere, or not yet, for what reason: if that stays so, hashes change with the next start.
    case temporary(FileProblem?)
  }

  var bytes: [UInt8]
  var origin: Origin

  /// The environment's key, else the configured file's, else the one in the state directory, which is made at first
  /// start, or as soon as it can be. A key that is there and can't be used is an error: a new one would split every user's numbers in two.
  static func find(
    environment: (String) -> String?, keyFile: String, directory: StateDirectory?
  ) throws(FileProblem) -> UserKey {
    if let text = environment(variable), !text.isEmpty {
      guard let key = UserKey(Array(text.utf8), origin: .environment) else {
        throw FileProblem(path: variable, reason: tooShort)
      }
      return key
    }
    if !keyFile.isEmpty { return try read(keyFile) }
    guard let directory else {
      return UserKey(bytes: try random(), origin: .temporary(nil))
    }
    let path = directory.file(fileName)
    if unsafe access(path, F_OK) == 0 { return try read(path) }
    let bytes = try random()
    do throws(FileProblem) {
      try FileContent.create(path, with: fileContent(bytes), mode: 0o600)
    } catch {
      // Another process was faster: its key stands.
      if error.code == EEXIST { return try read(path) }
      return UserKey(bytes: bytes, origin: .temporary(error))
    }
    return UserKey(bytes: bytes, origin: .made(path))
  }

  /// The key that `find` would use, if it is there already: nothing is made.
  static func existing(
    environment: (String) -> String?, keyFile: String, directory: StateDirectory?
  ) throws(FileProblem) -> UserKey? {
    let isGiven = !keyFile.isEmpty || !(environment(variable) ?? "").isEmpty
    if !isGiven {
      guard let path = directory?.file(fileName), unsafe access(path, F_OK) == 0 else { return nil }
    }
    return try find(environment: environment, keyFile: keyFile, directory: directory)
  }

  private static let tooShort = "the key needs at least 16 bytes (32 hexadecimal digits, or 16 characters)"

  private init(bytes: [UInt8], origin: Origin) {
    self.bytes = bytes
    self.origin = origin
  }

  /// Hexadecimal digits are read as bytes, anything else is taken as it is.
  private init?(_ text: [UInt8], origin: Origin) {
    let blanks: Set<UInt8> = [9, 10, 13, 32]
    let trimmed = Array(text.reversed().drop { blanks.contains($0) }.reversed().drop { blanks.contains($0) })
    let bytes = Self.unhex(trimmed) ?? trimmed
    guard bytes.count >= 16 else { return nil }
    self.init(bytes: bytes, origin: origin)
  }

  private static func read(_ path: String) throws(FileProblem) -> UserKey {
    let content = try FileContent.read(path, limit: 4096)
    guard let key = UserKey(content, origin: .file(path)) else { throw FileProblem(path: path, reason: tooShort) }
    return key
  }

  static func random() throws(FileProblem) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    // The kernel fills exactly the array; up to 256 bytes are never cut short (getrandom(2)).
    let count = unsafe bytes.withUnsafeMutableBytes { unsafe getrandom($0.baseAddress, $0.count, 0) }
    guard count == byteCount else { throw FileProblem(path: "getrandom", code: errno, doing: "no random bytes") }
    return bytes
  }

  private static func fileContent(_ bytes: [UInt8]) -> [UInt8] { Array(hex(bytes).utf8) + [UInt8(ascii: "\n")] }

  /// The key as a storage directory keeps it; nil for one that is given from elsewhere.
  func kept(in directory: String) -> KeptKey? {
    let path = directory + "/" + Self.fileName
    switch origin {
    case .environment: return nil
    case .file(let file) where file != path: return nil
    case .file, .made, .temporary: break
    }
    return KeptKey(path: path, bytes: bytes, content: Self.fileContent(bytes)) {
      UserKey($0, origin: .file(path))?.bytes
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef")
    return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  private static func unhex(_ text: [UInt8]) -> [UInt8]? {
    guard text.count >= 32, text.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: text.count, by: 2) {
      guard let high = digit(text[index]), let low = digit(text[index + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 97...102: byte - 87
    case 65...70: byte - 55
    default: nil
    }
  }
}
