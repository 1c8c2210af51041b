import Glibc
import Storage

/// A secret key that lies beside the store, because hashes in the store were made with it.
///
/// The storage directory may come late or be mounted over another one, and its disk may be full when the key is made. So
/// the key is looked at whenever the store is to be opened: hashes of another key would mean nothing to the process, nor
/// its own to the next one.
struct KeptKey: Sendable {
  let path: String
  private let bytes: [UInt8]
  /// The file's.
  private let content: [UInt8]
  private let parse: @Sendable ([UInt8]) -> [UInt8]?

  init(path: String, bytes: [UInt8], content: [UInt8], parse: @escaping @Sendable ([UInt8]) -> [UInt8]?) {
    self.path = path
    self.bytes = bytes
    self.content = content
    self.parse = parse
  }

  /// Makes the file if it is missing.
  func keep() throws(StoreError) {
    let found: [UInt8]
    do throws(FileProblem) {
      if unsafe access(path, F_OK) != 0 {
        try FileContent.create(path, with: content, mode: 0o600)
        return
      }
      found = try FileContent.read(path, limit: 4_096)
    } catch {
      let isFull = error.code == ENOSPC || error.code == EDQUOT
      throw isFull ? .full("\(error)") : .unavailable("\(error)")
    }
    guard parse(found) == bytes else {
      throw .unavailable(
        "\(path) is another key than the one in use: after a restart it is used, and the store with it")
    }
  }
}
