import CSockets
import Foundation

/// A client's socket, blocking, closed with the object.
final class TestClient: Sendable {
  let descriptor: Int32

  struct Failure: Error { var errno: Int32 }

  init(udp address: String) throws {
    guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
      throw Failure(errno: EINVAL)
    }
    let host = String(address[..<colon])
    if host.hasPrefix("[") {
      descriptor = socket(AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
      var to = sockaddr_in6()
      to.sin6_family = sa_family_t(AF_INET6)
      to.sin6_port = port.bigEndian
      unsafe inet_pton(AF_INET6, String(host.dropFirst().dropLast()), &to.sin6_addr)
      let failed = unsafe withUnsafePointer(to: &to) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
        }
      }
      if failed != 0 { throw Failure(errno: errno) }
    } else {
      descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
      var to = sockaddr_in()
      to.sin_family = sa_family_t(AF_INET)
      to.sin_port = port.bigEndian
      unsafe inet_pton(AF_INET, host, &to.sin_addr)
      let failed = unsafe withUnsafePointer(to: &to) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if failed != 0 { throw Failure(errno: errno) }
    }
  }

  init(unixDatagram path: String) throws { descriptor = try Self.connected(SOCK_DGRAM, path) }
  init(unixStream path: String) throws { descriptor = try Self.connected(SOCK_STREAM, path) }

  private static func connected(_ type: __socket_type, _ path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(type.rawValue), 0)
    let result = unsafe csockets_unix_connect(descriptor, path)
    if result < 0 {
      Foundation.close(descriptor)
      throw Failure(errno: -result)
    }
    return descriptor
  }

  deinit { Foundation.close(descriptor) }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// All of it, waiting for room where there is none.
  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    repeat {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Foundation.send(
          descriptor, $0.baseAddress.map { unsafe $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count >= 0 else { throw Failure(errno: errno) }
      sent += count
    } while sent < bytes.count
  }

  func endSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// What the daemon wrote, up to a newline or the end.
  func readLine() -> String? {
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while unsafe recv(descriptor, &byte, 1, 0) == 1 {
      if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
      line.append(byte)
    }
    return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
  }
}

/// A directory of its own for a test's sockets, removed with the object.
final class SocketDirectory: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "ingest-" + UUID().uuidString.prefix(8)
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func socket(_ name: String = "s") -> String { path + "/" + name }
}
