import CSockets
import Glibc

/// The file of a bound Unix socket: made, guarded against others of its name, and removed.
struct UnixSocketFile: Sendable {
  let path: String
  private let device: dev_t
  private let inode: ino_t

  /// Binds `descriptor` at the configuration's path. A file that a dead process left is replaced; a live socket and
  /// whatever is no socket are never touched.
  static func bind(
    _ descriptor: borrowing SocketDescriptor, path: String, configuration: ListenerConfiguration
  ) throws(ListenerError) -> UnixSocketFile {
    let name = configuration.name
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw ListenerError(.badAddress, "\(name): the path is empty or holds a NUL")
    }
    let limit = Int(csockets_unix_path_limit())
    guard path.utf8.count <= limit else {
      throw ListenerError(
        .pathTooLong,
        "\(name): the path has \(path.utf8.count) bytes, a Unix socket's at most \(limit); choose a shorter")
    }
    let (uid, gid) = try SocketFileOwner.resolve(configuration)
    let directory = try lockedDirectory(of: path, name: name)
    defer { Glibc.close(directory) }

    try removeStale(path, name: name)
    // The mode of the file comes from the socket and the umask: set before, so that it is never wider than asked.
    fchmod(descriptor.number, configuration.socketMode)
    let failure = unsafe -csockets_unix_bind(descriptor.number, path)
    guard failure == 0 else { throw cannotBind(failure, path: path, name: name) }
    guard unsafe chmod(path, configuration.socketMode) == 0 else {
      let failure = errno
      unsafe unlink(path)
      throw ListenerError(.notPermitted, "\(name): cannot set the mode: \(describe(errno: failure))")
    }
    if uid != nil || gid != nil, unsafe chown(path, uid ?? uid_t.max, gid ?? gid_t.max) != 0 {
      let failure = errno
      unsafe unlink(path)
      throw ListenerError(
        .notPermitted, "\(name): cannot set owner or group: \(describe(errno: failure)); only root gives files away")
    }
    guard let status = fileStatus(path) else {
      throw ListenerError(.system, "\(name): the socket file was removed while it was made")
    }
    return UnixSocketFile(path: path, device: status.st_dev, inode: status.st_ino)
  }

  /// Whether the path still leads to our socket.
  var isInPlace: Bool {
    guard let status = Self.fileStatus(path) else { return false }
    return status.st_dev == device && status.st_ino == inode
  }

  /// Removes the file, unless it is another's by now.
  func remove() {
    if isInPlace { unsafe unlink(path) }
  }

  private static func fileStatus(_ path: String) -> stat? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status : nil
  }

  /// The directory, locked until it is closed: two daemons that start at once must not both find the same stale file,
  /// or the second would remove the first one's new socket.
  private static func lockedDirectory(of path: String, name: String) throws(ListenerError) -> Int32 {
    let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
    let descriptor = unsafe Glibc.open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    let failure = errno
    if descriptor < 0 {
      switch failure {
      case ENOENT, ENOTDIR:
        throw ListenerError(.noDirectory, "\(name): the directory \(parent) does not exist; create it first")
      default:
        throw ListenerError(.notPermitted, "\(name): cannot open the directory \(parent): \(describe(errno: failure))")
      }
    }
    _ = flock(descriptor, LOCK_EX)
    return descriptor
  }

  private static func removeStale(_ path: String, name: String) throws(ListenerError) {
    guard let status = fileStatus(path) else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else {
      throw ListenerError(
        .notASocket, "\(name): a file that is no socket is in the way; remove it or choose another path")
    }
    if let holder = try holder(of: path, name: name) {
      throw ListenerError(.inUse, "\(name): held by \(holder); stop it or choose another path")
    }
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw ListenerError(.notPermitted, "\(name): cannot replace the stale socket file: \(describe(errno: errno))")
    }
  }

  /// Who answers at the path; nil when nobody does.
  private static func holder(of path: String, name: String) throws(ListenerError) -> String? {
    for type in [SOCK_STREAM, SOCK_DGRAM] {
      let probe = try SocketDescriptor(
        domain: AF_UNIX, type: __socket_type(rawValue: type.rawValue | SOCK_NONBLOCK.rawValue), name: name)
      switch unsafe -csockets_unix_connect(probe.number, path) {
      case 0:
        let pid = csockets_peer_pid(probe.number)
        if type == SOCK_STREAM, pid > 0 { return SocketHolder.describe(pid: pid) }
        return SocketHolder.ofUnixSocket(path: path) ?? "another process"
      case EPROTOTYPE:
        // A live socket, of the other type.
        continue
      case ECONNREFUSED, ENOENT:
        return nil
      case EAGAIN:
        // Somebody listens, with a full queue.
        return SocketHolder.ofUnixSocket(path: path) ?? "another process"
      case let failure:
        throw ListenerError(
          .notPermitted, "\(name): cannot find out whether the socket there is alive: \(describe(errno: failure))")
      }
    }
    return SocketHolder.ofUnixSocket(path: path) ?? "another process"
  }

  private static func cannotBind(_ failure: Int32, path: String, name: String) -> ListenerError {
    let what = "\(name): cannot bind: \(describe(errno: failure))"
    switch failure {
    case EADDRINUSE: return ListenerError(.inUse, what + "; something has just appeared there")
    case EACCES, EPERM, EROFS: return ListenerError(.notPermitted, what + "; the directory must be writable for us")
    case ENAMETOOLONG: return ListenerError(.pathTooLong, what)
    default: return ListenerError(.system, what)
    }
  }
}
