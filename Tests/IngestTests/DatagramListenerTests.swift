import Glibc
import Ingest
import Testing

@Suite("A datagram listener") struct DatagramListenerTests {
  private let minute = Duration.seconds(60)

  @Test("receives over IPv4, IPv6 and both at once", arguments: ["127.0.0.1:0", "[::1]:0", "localhost:0"])
  func receivesUDP(address: String) throws {
    let handler = RecordingHandler()
    let listener = try Listeners.open(ListenerConfiguration(.udp(address)))
    try listener.start(handler)
    defer { listener.close(within: minute) }
    let client = try TestClient(udp: listener.status().boundAddress)
    try client.send("first")
    try client.send("second\nthird")
    #expect(handler.waitForLines(3))
    #expect(handler.pieces.map(\.text) == ["first", "second\nthird"])
    let status = listener.status()
    #expect(status.isUp)
    #expect(status.datagrams == 2)
    #expect(status.bytes == 17)
    #expect(status.kernelDrops == 0)
    #expect(status.lastReceiveUnixSeconds != nil)
  }

  @Test("is bound by the IPv4 address of a name that has both kinds") func prefersIPv4() throws {
    let listener = try Listeners.open(ListenerConfiguration(.udp("localhost:0")))
    defer { listener.close(within: minute) }
    #expect(listener.status().boundAddress.hasPrefix("127.0.0.1:"))
  }

  @Test("receives what is sent to every address, whatever its kind") func receivesOnAllAddresses() throws {
    let handler = RecordingHandler()
    let listener = try Listeners.open(ListenerConfiguration(.udp(":0")))
    try listener.start(handler)
    defer { listener.close(within: minute) }
    let port = listener.status().boundAddress.split(separator: ":").last ?? ""
    try TestClient(udp: "127.0.0.1:\(port)").send("four")
    try TestClient(udp: "[::1]:\(port)").send("six")
    #expect(handler.waitForLines(2))
    #expect(Set(handler.lines) == ["four", "six"])
  }

  @Test("receives from a Unix socket and says where one was cut") func receivesUnix() throws {
    let directory = try SocketDirectory()
    let handler = RecordingHandler()
    let listener = try Listeners.open(ListenerConfiguration(.unixDatagram(path: directory.socket())))
    try listener.start(handler)
    defer { listener.close(within: minute) }
    let client = try TestClient(unixDatagram: directory.socket())
    try client.send("whole")
    try client.send([UInt8](repeating: UInt8(ascii: "x"), count: (64 << 10) + 1))
    try client.send("after")
    #expect(handler.waitForLines(3))
    #expect(handler.pieces.map(\.isTruncated) == [false, true, false])
    #expect(handler.pieces[1].text.utf8.count == 64 << 10)
    #expect(listener.status().truncated == 1)
  }

  @Test("takes the largest datagram of UDP whole") func takesTheLargestDatagram() throws {
    let handler = RecordingHandler()
    let listener = try Listeners.open(ListenerConfiguration(.udp("127.0.0.1:0")))
    try listener.start(handler)
    defer { listener.close(within: minute) }
    let client = try TestClient(udp: listener.status().boundAddress)
    for _ in 0..<100 { try client.send([UInt8](repeating: UInt8(ascii: "x"), count: 65_507)) }
    #expect(handler.waitForLines(100))
    #expect(handler.pieces.allSatisfy { $0.text.utf8.count == 65_507 && !$0.isTruncated })
  }

  @Test("counts as dropped exactly what was sent and never came") func countsDrops() throws {
    let handler = RecordingHandler(keepsText: false)
    var configuration = ListenerConfiguration(.udp("127.0.0.1:0"))
    configuration.receiveBufferBytes = 8192
    let listener = try Listeners.open(configuration)
    handler.stall()
    try listener.start(handler)
    let client = try TestClient(udp: listener.status().boundAddress)
    let sent = 5_000
    for _ in 0..<sent { try client.send("an event") }
    handler.resume()
    #expect(listener.drain(within: minute))
    let status = listener.status()
    #expect(status.kernelDrops > 0)
    #expect(status.datagrams + status.kernelDrops == UInt64(sent))
    #expect(handler.lineCount == Int(status.datagrams))
    listener.close(within: minute)
    #expect(listener.status().kernelDrops == status.kernelDrops)
    #expect(!listener.status().isUp)
  }

  @Test("hands on what the kernel had taken before it was told to stop", arguments: ["udp", "unixgram"])
  func drainsAll(kind: String) throws {
    let directory = try SocketDirectory()
    let handler = RecordingHandler(keepsText: false)
    let address: ListenerConfiguration.Address =
      kind == "udp" ? .udp("127.0.0.1:0") : .unixDatagram(path: directory.socket())
    let listener = try Listeners.open(ListenerConfiguration(address))
    handler.stall()
    try listener.start(handler)
    let client =
      kind == "udp"
      ? try TestClient(udp: listener.status().boundAddress) : try TestClient(unixDatagram: directory.socket())
    // As many as a Unix socket queues.
    for _ in 0..<11 { try client.send("an event") }
    handler.resume()
    #expect(listener.drain(within: minute))
    #expect(handler.lineCount == 11)
    #expect(throws: TestClient.Failure.self) {
      // The first one may still leave; its echo says that nobody listens.
      for _ in 0..<10 { try client.send("too late") }
    }
    listener.close(within: minute)
    #expect(handler.lineCount == 11)
  }

  @Test("gives up a drain when its time is over") func drainIsBounded() throws {
    let handler = RecordingHandler()
    let listener = try Listeners.open(ListenerConfiguration(.udp("127.0.0.1:0")))
    handler.stall()
    try listener.start(handler)
    let client = try TestClient(udp: listener.status().boundAddress)
    try client.send("held by the handler")
    #expect(handler.waitForLines(1))
    try client.send("left behind")
    #expect(!listener.drain(within: .zero))
    handler.resume()
    listener.close(within: minute)
  }

  @Test("says who holds an address") func saysWhoHoldsIt() throws {
    let listener = try Listeners.open(ListenerConfiguration(.udp("127.0.0.1:0")))
    let address = listener.status().boundAddress
    #expect { try Listeners.open(ListenerConfiguration(.udp(address))) } throws: { error in
      guard let error = error as? ListenerError else { return false }
      return error.reason == .inUse && error.description.contains("held by process \(getpid())")
    }
    listener.close(within: minute)
    let again = try Listeners.open(ListenerConfiguration(.udp(address)))
    again.close(within: minute)
  }

  @Test(
    "refuses what is no address",
    arguments: ["", "10781", "127.0.0.1:", "127.0.0.1:65536", "::1:10781", "no.such.host.invalid:1", "192.0.2.1:0"])
  func refusesBadAddresses(text: String) {
    #expect { try Listeners.open(ListenerConfiguration(.udp(text))) } throws: { error in
      (error as? ListenerError)?.reason == .badAddress
    }
  }
}
