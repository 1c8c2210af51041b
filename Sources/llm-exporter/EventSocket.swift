import Daemon
import Glibc

/// A connected socket that never waits for its reader longer than it is told to.
struct EventSocket: ~Copyable {
  struct Failure: Error, CustomStringConvertible {
    var description: String
    init(_ action: String, _ code: Int32) {
      description = "\(action): \(SystemWords.error(code))"
    }
    init(_ description: String) { self.description = description }
  }

  private let descriptor: Int32
  private let isStream: Bool

  init(_ destination: EventDestination) throws(Failure) {
    isStream = destination.isStream
    descriptor =
      switch destination {
      case .udp(let host, let port): try Self.connectUDP(host, port)
      case .unixDatagram(let path): try Self.connectUnix(path, SOCK_DGRAM)
      case .unixStream(let path): try Self.connectUnix(path, SOCK_STREAM)
      }
  }

  deinit { close(descriptor) }

  /// Sends all bytes, or says why not, after up to a second in which there was no room.
  func send(_ bytes: [UInt8]) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
      // The kernel reads at most the slice's own count.
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, flags) }
      if count >= 0 {
        rest = isStream ? rest.dropFirst(count) : []
      } else if errno == EAGAIN, waitForRoom() {
        continue
      } else if errno != EINTR {
        throw errno == EAGAIN
          ? Failure("the socket is full: its reader does not keep up") : Failure("cannot send", errno)
      }
    }
  }

  /// An error that the last datagrams met with: nobody listens there.
  var pendingError: Failure? {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    // Both pointers are to locals of the sizes that are said.
    guard unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size) == 0, code != 0 else { return nil }
    return Failure("the last datagram was not taken", code)
  }

  private func waitForRoom() -> Bool {
    var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    // One entry, as said.
    return unsafe poll(&wanted, 1, 1_000) > 0
  }

  private static func connectUDP(_ host: String, _ port: String) throws(Failure) -> Int32 {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    // getaddrinfo makes the list, freeaddrinfo ends it; nothing of it is used afterwards.
    let code = unsafe getaddrinfo(host, port, &hints, &found)
    guard code == 0, let first = unsafe found else {
      throw Failure("\(host): \(SystemWords.lookup(code))")
    }
    defer { unsafe freeaddrinfo(first) }
    let family = unsafe first.pointee.ai_family
    let descriptor = socket(family, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure("cannot make a socket", errno) }
    guard unsafe connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0 else {
      let code = errno
      close(descriptor)
      throw Failure("cannot reach \(host):\(port)", code)
    }
    return descriptor
  }

  private static func connectUnix(_ path: String, _ type: __socket_type) throws(Failure) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count < room else { throw Failure("\(path): longer than \(room - 1) bytes") }
    // The path fits with its final zero, as just checked.
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let descriptor = socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure("cannot make a socket", errno) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    // A sockaddr_un is passed as the general type, with its own size.
    let connected = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(descriptor, $0, size) }
    }
    guard connected == 0 else {
      let code = errno
      close(descriptor)
      throw Failure("cannot connect to \(path)", code)
    }
    return descriptor
  }
}
