import Glibc

/// The directory that outlives the process: the key of user hashes, and the last good price table.
public struct StateDirectory: Sendable {
  public let path: String

  /// Makes the directory if it is missing: its owner's alone, because the key in it is a secret.
  public init(path: String) throws(FileProblem) {
    if unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
      throw FileProblem(path: path, code: errno, doing: "cannot create the storage directory")
    }
    try self.init(existing: path)
  }

  /// For those who only look: nothing is made.
  init(existing path: String) throws(FileProblem) {
    self.path = path
    var facts = stat()
    // stat fills the struct that it is given.
    guard unsafe stat(path, &facts) == 0 else {
      throw FileProblem(path: path, code: errno, doing: "cannot look at the storage directory")
    }
    guard facts.st_mode & S_IFMT == S_IFDIR else {
      throw FileProblem(path: path, reason: "the storage path is no directory")
    }
  }

  func file(_ name: String) -> String { path + "/" + name }
}
