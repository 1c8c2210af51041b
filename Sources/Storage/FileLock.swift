import Foundation

/// Held for as long as this process writes the store, so that a second daemon on the same directory is told so instead
/// of overwriting the first one's numbers. The kernel lets go of it when the process dies, however it dies.
final class FileLock: Sendable {
  private let descriptor: Int32

  init(path: String) throws(StoreError) {
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .unavailable("can't make \(path): \(StoreError.describe(errno: errno))")
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw .locked("another process writes to it (\(path))")
    }
  }

  func release() { flock(descriptor, LOCK_UN) }

  deinit { close(descriptor) }
}
