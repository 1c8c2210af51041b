import Daemon
import Glibc

/// One GET over plain HTTP, for questions to the daemon beside us: no proxy, no redirect, no TLS.
struct HTTPGet {
  struct Failure: Error, CustomStringConvertible { var description: String }

  var status: Int
  var body: [UInt8]

  /// Longest answer that is read.
  private static let maxBytes = 4 << 20
  private static let seconds = 10

  /// - Parameter url: `http://HOST:PORT`, nothing behind it.
  init(_ url: String, _ path: String) throws(Failure) {
    let (host, port) = try Self.authority(of: url)
    let descriptor = try Self.connect(host, port)
    defer { close(descriptor) }
    let bare = host.contains(":") ? "[\(host)]" : host
    let request = "GET \(path) HTTP/1.1\r\nHost: \(bare):\(port)\r\nConnection: close\r\n\r\n"
    try Self.write(Array(request.utf8), to: descriptor)
    let answer = try Self.readAll(descriptor)
    let mark = Array("\r\n\r\n".utf8)
    guard let end = answer.indices.first(where: { answer[$0...].starts(with: mark) }) else {
      throw Failure(description: "\(url) gave no HTTP answer")
    }
    let head = String(decoding: answer[..<end], as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard head.count > 1, head[0].hasPrefix("HTTP/1."), let status = Int(head[1]) else {
      throw Failure(description: "\(url) gave no HTTP answer")
    }
    self.status = status
    body = Array(answer[(end + mark.count)...])
  }

  private static func authority(of url: String) throws(Failure) -> (host: String, port: String) {
    guard url.hasPrefix("http://") else { throw Failure(description: "\(url): expected http://HOST:PORT") }
    var rest = url.dropFirst("http://".count)
    while rest.last == "/" { rest.removeLast() }
    var host = rest
    var port = Substring("80")
    if let colon = rest.lastIndex(of: ":"), rest.last != "]" {
      host = rest[..<colon]
      port = rest[rest.index(after: colon)...]
    }
    if host.first == "[", host.last == "]" { host = host.dropFirst().dropLast() }
    guard !host.isEmpty, !host.contains("/"), UInt16(port) != nil else {
      throw Failure(description: "\(url): expected http://HOST:PORT")
    }
    return (String(host), String(port))
  }

  private static func connect(_ host: String, _ port: String) throws(Failure) -> Int32 {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    // The list is freed below; the strings live for the call.
    let code = unsafe getaddrinfo(host, port, &hints, &found)
    guard code == 0 else { throw Failure(description: "\(host): \(SystemWords.lookup(code))") }
    defer { unsafe freeaddrinfo(found) }
    var reason = ENOENT
    var next = unsafe found
    while let address = unsafe next {
      let descriptor = unsafe socket(address.pointee.ai_family, address.pointee.ai_socktype | O_CLOEXEC, 0)
      if descriptor >= 0 {
        var patience = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
          _ = unsafe setsockopt(descriptor, SOL_SOCKET, option, &patience, socklen_t(MemoryLayout<timeval>.size))
        }
        if unsafe Glibc.connect(descriptor, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0 {
          return descriptor
        }
      }
      reason = errno
      if descriptor >= 0 { close(descriptor) }
      unsafe next = address.pointee.ai_next
    }
    throw Failure(description: "can't reach \(host):\(port): \(SystemWords.error(reason))")
  }

  private static func write(_ bytes: [UInt8], to descriptor: Int32) throws(Failure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      // The kernel reads at most what the slice holds.
      let count = unsafe rest.withUnsafeBytes { unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw Failure(description: SystemWords.error(errno)) }
      rest = rest.dropFirst(count)
    }
  }

  private static func readAll(_ descriptor: Int32) throws(Failure) -> [UInt8] {
    var answer: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 16_384)
    while answer.count <= maxBytes {
      // `block` is this function's own and as long as is said.
      let count = unsafe read(descriptor, &block, block.count)
      guard count >= 0 else { throw Failure(description: SystemWords.error(errno)) }
      if count == 0 { return answer }
      answer += block[..<count]
    }
    throw Failure(description: "the answer is longer than \(maxBytes) bytes")
  }
}
