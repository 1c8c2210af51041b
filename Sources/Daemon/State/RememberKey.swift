import Glibc

/// The secret with which ids of events are hashed before they are remembered: who knows it could choose two events that
/// are taken for one. It has to outlive the process, because the hashes do.
enum RememberKey {
  static let byteCount = 16
  static let fileName = "remembered-events.key"

  /// A key as a storage directory keeps it.
  static func kept(_ key: [UInt8], in directory: String) -> KeptKey {
    KeptKey(path: directory + "/" + fileName, bytes: key, content: key) { $0 }
  }

  /// The directory's key, made at first start; without a directory one that lasts as long as the process.
  static func find(directory: StateDirectory?) throws(FileProblem) -> [UInt8] {
    let random = Array(try UserKey.random().prefix(byteCount))
    guard let path = directory?.file(fileName) else { return random }
    do throws(FileProblem) {
      try FileContent.create(path, with: random, mode: 0o600)
      return random
    } catch {
      guard error.code == EEXIST else { throw error }
    }
    let key = try FileContent.read(path, limit: 4_096)
    guard key.count == byteCount else {
      throw FileProblem(path: path, reason: "\(key.count) bytes found, \(byteCount) expected")
    }
    return key
  }
}
