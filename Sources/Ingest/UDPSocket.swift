import CSockets
import Glibc

/// A bound UDP socket.
enum UDPSocket {
  /// Binds `host:port`.
  static func open(_ text: String) throws(ListenerError) -> SocketDescriptor {
    let (host, port) = try split(text)
    if host.isEmpty {
      // Every address: one IPv6 socket takes both kinds, where the machine has IPv6 at all.
      if let descriptor = try? bind(host: "::", port: port, text: text) { return descriptor }
      return try bind(host: "0.0.0.0", port: port, text: text)
    }
    return try bind(host: host, port: port, text: text)
  }

  /// `127.0.0.1:10781`, `[::1]:10781`, `localhost:10781`, `:10781`.
  static func split(_ text: String) throws(ListenerError) -> (host: String, port: UInt16) {
    func bad(_ what: String) -> ListenerError {
      ListenerError(.badAddress, "udp:\(text): \(what); expected HOST:PORT, as 127.0.0.1:10781 or [::1]:10781")
    }
    guard let colon = text.lastIndex(of: ":") else { throw bad("no port") }
    guard let port = UInt16(text[text.index(after: colon)...]) else { throw bad("the port is not one of 0…65535") }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
    } else if host.contains(":") {
      throw bad("an IPv6 address stands in brackets")
    }
    guard !host.utf8.contains(0) else { throw bad("a NUL in the host") }
    return (String(host), port)
  }

  private static func bind(host: String, port: UInt16, text: String) throws(ListenerError) -> SocketDescriptor {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(bitPattern: SOCK_DGRAM.rawValue)
    unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let failure = unsafe getaddrinfo(host, String(port), &hints, &found)
    guard failure == 0, let first = unsafe found else {
      let words = unsafe gai_strerror(failure).map { unsafe String(cString: $0) } ?? "unknown"
      throw ListenerError(.badAddress, "udp:\(text): the host '\(host)' is not known: \(words)")
    }
    defer { unsafe freeaddrinfo(first) }
    let address = unsafe preferred(of: first).pointee
    let descriptor = try SocketDescriptor(domain: unsafe address.ai_family, type: SOCK_DGRAM, name: "udp:\(text)")
    if unsafe address.ai_family == AF_INET6 {
      // Only the address of all hosts takes IPv4 as well.
      var only: Int32 = host == "::" ? 0 : 1
      unsafe setsockopt(descriptor.number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &only, socklen_t(MemoryLayout<Int32>.size))
    }
    // SO_REUSEADDR is not set: on UDP it would let two daemons share the port and each lose half.
    guard unsafe Glibc.bind(descriptor.number, address.ai_addr, address.ai_addrlen) == 0 else {
      throw cannotBind(errno, text: text, port: port)
    }
    return descriptor
  }

  /// A name may have addresses of both kinds. `localhost` then means the IPv4 one to most senders, and datagrams to the
  /// other would be lost without a word.
  private static func preferred(of first: UnsafeMutablePointer<addrinfo>) -> UnsafeMutablePointer<addrinfo> {
    var next: UnsafeMutablePointer<addrinfo>? = unsafe first
    while let address = unsafe next {
      if unsafe address.pointee.ai_family == AF_INET { return unsafe address }
      unsafe next = address.pointee.ai_next
    }
    return unsafe first
  }

  private static func cannotBind(_ failure: Int32, text: String, port: UInt16) -> ListenerError {
    let what = "udp:\(text): cannot bind: \(describe(errno: failure))"
    switch failure {
    case EADDRINUSE:
      let holder = SocketHolder.ofUDP(port: port).map { ", held by \($0)" } ?? ""
      return ListenerError(.inUse, what + holder + "; stop that process or choose another port")
    case EACCES, EPERM:
      return ListenerError(.notPermitted, what + "; ports under 1024 need CAP_NET_BIND_SERVICE")
    case EADDRNOTAVAIL:
      return ListenerError(.badAddress, what + "; no interface of this machine has that address")
    default:
      return ListenerError(.system, what)
    }
  }

  /// `127.0.0.1:10781` as the kernel bound it.
  static func boundAddress(_ descriptor: Int32) -> String? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var service = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let failed = unsafe withUnsafeMutablePointer(to: &storage) { storage in
      unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard unsafe getsockname(descriptor, address, &length) == 0 else { return true }
        return unsafe getnameinfo(
          address, length, &host, socklen_t(host.count), &service, socklen_t(service.count),
          NI_NUMERICHOST | NI_NUMERICSERV) != 0
      }
    }
    if failed { return nil }
    let hostText = text(host)
    return (hostText.contains(":") ? "[\(hostText)]" : hostText) + ":" + text(service)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Lets nothing further into the queue and leaves what is in it: a socket that is connected to itself takes from
  /// nobody else, and senders learn that the port is closed.
  static func refuseNewcomers(_ descriptor: Int32) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    unsafe withUnsafeMutablePointer(to: &storage) { storage in
      unsafe storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        // Connecting to the address of all hosts is connecting to loopback.
        guard unsafe getsockname(descriptor, address, &length) == 0 else { return }
        unsafe connect(descriptor, address, length)
      }
    }
  }
}
