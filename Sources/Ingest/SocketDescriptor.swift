import Glibc

/// A descriptor that is closed once, at the latest when its owner goes.
struct SocketDescriptor: ~Copyable {
  let number: Int32

  init(domain: Int32, type: __socket_type, name: String) throws(ListenerError) {
    let flags = Int32(bitPattern: type.rawValue | SOCK_CLOEXEC.rawValue)
    number = socket(domain, flags, 0)
    let failure = errno
    guard number >= 0 else {
      throw ListenerError(.system, "\(name): cannot make a socket: \(describe(errno: failure))")
    }
  }

  deinit { Glibc.close(number) }
}
