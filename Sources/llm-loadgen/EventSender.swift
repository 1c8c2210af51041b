import CSockets
import Glibc

/// What was given to the kernel, and what it refused. Loss is what is counted here less what the receiver counted.
struct SentCount {
  var events: UInt64 = 0
  var packets: UInt64 = 0
  var bytes: UInt64 = 0
  /// Times the socket was full: waited for, or the packet was given up.
  var wouldBlock: UInt64 = 0
  /// Packets given up for a full socket, and packets that nobody was there for.
  var abandonedPackets: UInt64 = 0
  var refusedPackets: UInt64 = 0
}

struct SendError: Error, CustomStringConvertible {
  var description: String
  init(_ what: String, _ failure: Int32) {
    let words = unsafe strerror(failure).map { unsafe String(cString: $0) } ?? "error \(failure)"
    description = "\(what): \(words)"
  }
}

/// A connected socket that packets are sent on, as many with one system call as it takes.
@safe final class EventSender {
  static let packetsPerCall = 64
  private static let streamBytesPerCall = 256 << 10

  private let destination: Destination
  private let descriptor: Int32
  private let sender: OpaquePointer
  /// Waits where the socket is full, instead of giving the packet up.
  private let waits: Bool

  init(_ destination: Destination, waits: Bool) throws {
    self.destination = destination
    self.waits = waits
    descriptor = try Self.connect(destination)
    guard let sender = unsafe csockets_sender_make(UInt32(Self.packetsPerCall)) else {
      throw SendError("cannot send", ENOMEM)
    }
    unsafe self.sender = sender
  }

  deinit {
    unsafe csockets_sender_free(sender)
    if descriptor > 2 { close(descriptor) }
  }

  private static func connect(_ destination: Destination) throws -> Int32 {
    switch destination {
    case .standardOutput: return 1
    case .unixDatagram(let path): return try connectUnix(SOCK_DGRAM, path, destination)
    case .unixStream(let path): return try connectUnix(SOCK_STREAM, path, destination)
    case .udp(let host, let port):
      var hints = unsafe addrinfo()
      unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
      var found: UnsafeMutablePointer<addrinfo>?
      guard unsafe getaddrinfo(host, String(port), &hints, &found) == 0, let first = unsafe found else {
        throw SendError("\(destination.description): the host is not known", ENOENT)
      }
      defer { unsafe freeaddrinfo(first) }
      let descriptor = unsafe socket(first.pointee.ai_family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      guard descriptor >= 0, unsafe Glibc.connect(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0
      else { throw SendError("cannot reach \(destination.description)", errno) }
      return descriptor
    }
  }

  private static func connectUnix(_ type: __socket_type, _ path: String, _ destination: Destination) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    let failure = unsafe -csockets_unix_connect(descriptor, path)
    guard failure == 0 else { throw SendError("cannot reach \(destination.description)", failure) }
    return descriptor
  }

  /// Sends the packets in order, and counts what became of them.
  func send(_ packets: Range<Int>, of buffer: borrowing PacketBuffer, count: inout SentCount) throws {
    var next = packets.lowerBound
    while next < packets.upperBound {
      if destination.isStream {
        next = try sendRun(next..<packets.upperBound, of: buffer, count: &count)
      } else {
        let end = min(packets.upperBound, next + Self.packetsPerCall)
        try sendDatagrams(next..<end, of: buffer, count: &count)
        next = end
      }
    }
  }

  private func sendDatagrams(_ packets: Range<Int>, of buffer: borrowing PacketBuffer, count: inout SentCount) throws {
    for index in packets {
      let bytes = unsafe buffer.bytes(of: index..<index + 1)
      // The bytes stay where they are: the buffer is borrowed until the call ends.
      unsafe csockets_sender_set(sender, UInt32(index - packets.lowerBound), bytes.baseAddress, bytes.count - 1)
    }
    var next = packets.lowerBound
    while next < packets.upperBound {
      let sent = unsafe csockets_send(
        sender, descriptor, UInt32(next - packets.lowerBound), UInt32(packets.upperBound - next), 0)
      if sent > 0 {
        let taken = next..<next + Int(sent)
        note(taken, of: buffer, newlines: false, count: &count)
        next = taken.upperBound
        continue
      }
      switch -sent {
      case EINTR: continue
      case EAGAIN, ENOBUFS:
        count.wouldBlock += 1
        if waits {
          waitForRoom()
        } else {
          count.abandonedPackets += 1
          next += 1
        }
      case ECONNREFUSED:
        // Says that an earlier datagram found nobody; this one was not sent.
        count.refusedPackets += 1
        next += 1
      default:
        throw SendError("cannot send to \(destination.description)", -sent)
      }
    }
  }

  private func sendRun(
    _ packets: Range<Int>, of buffer: borrowing PacketBuffer, count: inout SentCount
  ) throws -> Int {
    var end = packets.lowerBound + 1
    let start = end >= 2 ? buffer.ends[end - 2] : 0
    while end < packets.upperBound, buffer.ends[end] - start <= Self.streamBytesPerCall { end += 1 }
    let run = packets.lowerBound..<end
    let bytes = unsafe buffer.bytes(of: run)
    var written = 0
    while written < bytes.count {
      // Within `bytes`: written < bytes.count.
      let result = unsafe write(descriptor, bytes.baseAddress.map { unsafe $0 + written }, bytes.count - written)
      if result < 0 {
        if errno == EINTR { continue }
        throw SendError("cannot send to \(destination.description)", errno)
      }
      written += result
    }
    note(run, of: buffer, newlines: true, count: &count)
    return end
  }

  private func note(
    _ packets: Range<Int>, of buffer: borrowing PacketBuffer, newlines: Bool, count: inout SentCount
  ) {
    count.packets += UInt64(packets.count)
    count.events += UInt64(buffer.eventCount(of: packets))
    let bytes = unsafe buffer.bytes(of: packets).count
    count.bytes += UInt64(newlines ? bytes : bytes - packets.count)
  }

  private func waitForRoom() {
    var waited = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&waited, 1, 100)
  }
}
