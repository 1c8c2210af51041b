import Glibc

/// A file that could not be read or written, and why, in the kernel's words.
public struct FileProblem: Error, Equatable, Sendable, CustomStringConvertible {
  public var path: String
  public var reason: String
  /// The kernel's number, 0 where we refused ourselves.
  public var code: Int32

  public init(path: String, code: Int32, doing action: String) {
    self.path = path
    self.code = code
    reason = "\(action): \(SystemWords.error(code))"
  }

  init(path: String, reason: String) {
    self.path = path
    self.reason = reason
    code = 0
  }

  public var description: String { "\(path): \(reason)" }
}

/// Whole small files in, whole small files out.
public enum FileContent {
  /// Reads a file, a pipe or standard input (`-`), refusing more than `limit` bytes.
  public static func read(_ path: String, limit: Int) throws(FileProblem) -> [UInt8] {
    let descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileProblem(path: path, code: errno, doing: "cannot open") }
    defer { if path != "-" { close(descriptor) } }
    var content: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      // The kernel writes at most `count` bytes into the buffer that it is given with its own count.
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileProblem(path: path, code: errno, doing: "cannot read")
      }
      if count == 0 { return content }
      guard content.count + count <= limit else {
        throw FileProblem(path: path, reason: "larger than \(limit) bytes")
      }
      content += chunk[..<count]
    }
  }

  /// Writes a new file beside the old one and renames it over: a reader sees the whole old or the whole new content,
  /// whatever happens in between.
  static func replace(_ path: String, with content: [UInt8], mode: mode_t) throws(FileProblem) {
    let temporary = path + ".new"
    unsafe unlink(temporary)
    try create(temporary, with: content, mode: mode)
    guard unsafe rename(temporary, path) == 0 else {
      let code = errno
      unsafe unlink(temporary)
      throw FileProblem(path: path, code: code, doing: "cannot rename into place")
    }
  }

  /// Makes a file that must not be there yet, and has it on disk before it returns.
  static func create(_ path: String, with content: [UInt8], mode: mode_t) throws(FileProblem) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileProblem(path: path, code: errno, doing: "cannot create") }
    defer { close(descriptor) }
    var rest = content[...]
    while !rest.isEmpty {
      // The kernel reads at most `count` bytes of the buffer that it is given with its own count.
      let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        let code = errno
        unsafe unlink(path)
        throw FileProblem(path: path, code: code, doing: "cannot write")
      }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0 else {
      throw FileProblem(path: path, code: errno, doing: "cannot sync")
    }
  }
}
