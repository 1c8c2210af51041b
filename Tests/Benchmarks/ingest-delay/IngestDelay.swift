// How long a datagram waits between its sender and the handler: `ingest-delay RATE SECONDS [plain]` sends to a listener
// of its own at a steady rate and prints the delays' quantiles and the processor time of the reading thread.
import CSockets
import Glibc
import Ingest
import Synchronization

@main struct IngestDelay {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3, let rate = Double(arguments[1]), let seconds = Double(arguments[2]) else {
      print("usage: ingest-delay RATE SECONDS [plain]")
      exit(2)
    }
    let coalesces = arguments.count == 3
    let listener = try Listeners.open(ListenerConfiguration(.udp("127.0.0.1:0"), coalesces: coalesces))
    let handler = DelayHandler()
    try listener.start(handler)
    let sent = send(to: listener.status().boundAddress, rate: rate, seconds: seconds)
    _ = listener.drain(within: .seconds(5))
    let status = listener.status()
    listener.close(within: .seconds(1))
    let quantiles = [0.5, 0.9, 0.99, 0.999, 1].map { "\"p\($0 * 100)\":\(handler.quantileMicroseconds($0))" }
    print(
      "{\"rate\":\(rate),\"sent\":\(sent),\"received\":\(status.datagrams),\"wakeups\":\(status.batches),"
        + "\"delay_us\":{\(quantiles.joined(separator: ","))}}")
  }

  /// 250-byte datagrams that begin with the time they were sent.
  private static func send(to address: String, rate: Double, seconds: Double) -> Int {
    guard let port = UInt16(address.split(separator: ":").last ?? "") else { return 0 }
    csockets_set_timer_slack(1)
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var to = sockaddr_in()
    to.sin_family = sa_family_t(AF_INET)
    to.sin_port = port.bigEndian
    to.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = unsafe withUnsafePointer(to: &to) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard connected else { return 0 }
    var datagram = [UInt8](repeating: UInt8(ascii: " "), count: 250)
    let start = nanoseconds()
    var sent = 0
    while Double(sent) < rate * seconds {
      let due = start + UInt64(Double(sent) / rate * 1e9)
      var now = nanoseconds()
      if due > now + 100_000 {
        var pause = timespec(tv_sec: 0, tv_nsec: Int(min(due - now - 50_000, 900_000_000)))
        unsafe nanosleep(&pause, nil)
      }
      while now < due { now = nanoseconds() }
      for byte in 0..<8 { datagram[byte] = UInt8(truncatingIfNeeded: now >> (8 * UInt64(byte))) }
      if unsafe Glibc.send(descriptor, datagram, datagram.count, 0) > 0 { sent += 1 }
    }
    return sent
  }
}

func nanoseconds() -> UInt64 {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Counts delays by the microsecond.
final class DelayHandler: BatchHandler {
  private static let longest = 100_000
  private let counts = Mutex<[Int]>(Array(repeating: 0, count: longest + 1))

  func handle(_ bytes: Span<UInt8>, pieces: Span<BatchPiece>, source: IngestSource, replies: (any StreamReplies)?) {
    let now = nanoseconds()
    counts.withLock { counts in
      for index in pieces.indices where pieces[index].count >= 8 {
        var sent: UInt64 = 0
        for byte in 0..<8 { sent |= UInt64(bytes[pieces[index].offset + byte]) << (8 * UInt64(byte)) }
        counts[min(Self.longest, Int(now &- sent) / 1_000)] += 1
      }
    }
  }

  func quantileMicroseconds(_ quantile: Double) -> Int {
    counts.withLock { counts in
      var left = quantile * Double(counts.reduce(0, +))
      for delay in counts.indices {
        left -= Double(counts[delay])
        if left <= 0 { return delay }
      }
      return Self.longest
    }
  }
}
