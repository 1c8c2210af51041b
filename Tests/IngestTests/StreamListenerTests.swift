import CSockets
import Foundation
import Ingest
import Testing

@Suite("A stream listener") struct StreamListenerTests {
  private let minute = Duration.seconds(60)
  private let directory: SocketDirectory
  private var path: String { directory.socket() }

  init() throws { directory = try SocketDirectory() }

  private func open(
    _ handler: RecordingHandler, _ change: (inout ListenerConfiguration) -> Void = { _ in }
  ) throws -> any Listener {
    var configuration = ListenerConfiguration(.unixStream(path: path))
    change(&configuration)
    let listener = try Listeners.open(configuration)
    try listener.start(handler)
    return listener
  }

  @Test("hands on whole lines, however they are cut on the way") func joinsLines() throws {
    let handler = RecordingHandler()
    let listener = try open(handler)
    defer { listener.close(within: minute) }
    let client = try TestClient(unixStream: path)
    try client.send("one\ntw")
    #expect(handler.waitForLines(1))
    try client.send("o\nthree\nfo")
    #expect(handler.waitForLines(3))
    try client.send("ur")
    client.endSending()
    #expect(handler.waitForLines(4))
    #expect(handler.lines == ["one", "two", "three", "four"])
  }

  @Test("loses nothing of clients that close at once") func losesNothingOfHurriedClients() throws {
    let handler = RecordingHandler(keepsText: false)
    let listener = try open(handler)
    for _ in 0..<2_000 { try TestClient(unixStream: path).send("a\nb\nc") }
    #expect(handler.waitForLines(6_000))
    #expect(listener.drain(within: minute))
    #expect(handler.lineCount == 6_000)
    listener.close(within: minute)
  }

  @Test("reads what clients wrote before it was told to stop, even of those it had not met") func drainsAll() throws {
    let handler = RecordingHandler(keepsText: false)
    handler.stall()
    let listener = try open(handler)
    let first = try TestClient(unixStream: path)
    try first.send("held\n")
    #expect(handler.waitForLines(1))
    // The listener's thread is busy: these stay in the kernel's queue, some of them closed, one in the middle of a line.
    let open = try (0..<100).map { _ in try TestClient(unixStream: path) }
    for client in open { try client.send("x\ny") }
    for _ in 0..<100 { try TestClient(unixStream: path).send("z\n") }
    try first.send("later\n")
    let drained = Thread.detachedResult { listener.drain(within: .seconds(60)) }
    handler.resume()
    #expect(drained())
    #expect(handler.lineCount == 1 + 200 + 100 + 1)
    #expect(throws: TestClient.Failure.self) { try first.send("too late\n") }
    #expect(throws: TestClient.Failure.self) { try TestClient(unixStream: path) }
    listener.close(within: minute)
  }

  @Test("serves thousands of clients, and none waits for a slow or silent one") func servesThousands() throws {
    let handler = RecordingHandler(keepsText: false)
    let listener = try open(handler) { $0.maximumConnections = 3_000 }
    defer { listener.close(within: minute) }
    let clients = try (0..<3_000).map { _ in try TestClient(unixStream: path) }
    // Every other one stops in the middle of a line.
    for (index, client) in clients.enumerated() { try client.send(index % 2 == 0 ? "half a li" : "a line\n") }
    #expect(handler.waitForLines(1_500))
    for (index, client) in clients.enumerated() where index % 2 == 0 { try client.send("ne\n") }
    #expect(handler.waitForLines(3_000))
    #expect(listener.status().acceptedConnections == 3_000)
    #expect(listener.status().openConnections == 3_000)
  }

  @Test("lets clients beyond the limit wait, with what they wrote") func limitsConnections() throws {
    let handler = RecordingHandler()
    let listener = try open(handler) { $0.maximumConnections = 2 }
    defer { listener.close(within: minute) }
    var clients = try (0..<2).map { _ in try TestClient(unixStream: path) }
    for client in clients { try client.send("early\n") }
    #expect(handler.waitForLines(2))
    let third = try TestClient(unixStream: path)
    try third.send("waited\n")
    clients[0] = third
    #expect(handler.waitForLines(3))
    #expect(handler.lines.last == "waited")
    #expect(listener.status().acceptPauses >= 1)
    #expect(listener.status().lastAcceptPause == "all 2 connections are taken")
  }

  @Test("reads those beyond the limit too when it is told to stop") func drainsBeyondTheLimit() throws {
    let handler = RecordingHandler(keepsText: false)
    let listener = try open(handler) { $0.maximumConnections = 2 }
    let clients = try (0..<200).map { _ in try TestClient(unixStream: path) }
    for client in clients { try client.send("waited\n") }
    #expect(handler.waitForLines(2))
    #expect(listener.drain(within: minute))
    #expect(handler.lineCount == 200)
    listener.close(within: minute)
  }

  @Test("passes over a line that is too long, and nothing else") func passesOverLongLines() throws {
    let handler = RecordingHandler()
    let listener = try open(handler) { $0.maximumLineBytes = 1_000 }
    defer { listener.close(within: minute) }
    let client = try TestClient(unixStream: path)
    try client.send("before\n" + String(repeating: "x", count: 500_000) + "\nafter\n")
    #expect(handler.waitForLines(3))
    #expect(handler.pieces.map(\.isTruncated) == [false, true, false])
    #expect(handler.pieces.map(\.text.utf8.count) == [6, 1_000, 5])
    #expect(listener.status().truncated == 1)
  }

  @Test("gives up the longest unfinished line when all of them take too much") func shedsUnfinishedLines() throws {
    let handler = RecordingHandler()
    let listener = try open(handler) { $0.maximumPartialBytes = 10_000 }
    defer { listener.close(within: minute) }
    let small = try TestClient(unixStream: path)
    let large = try TestClient(unixStream: path)
    try small.send("small ")
    try large.send(String(repeating: "x", count: 11_000))
    #expect(handler.waitForLines(1))
    #expect(handler.pieces.map(\.isTruncated) == [true])
    try large.send("rest of it\nlarge again\n")
    #expect(handler.waitForLines(2))
    try small.send("but whole\n")
    #expect(handler.waitForLines(3))
    #expect(handler.pieces.dropFirst().map(\.text) == ["large again", "small but whole"])
    #expect(listener.status().shedLines == 1)
  }

  @Test("carries answers back, also to a client that has ended its side") func answers() throws {
    let handler = RecordingHandler(keepsReplies: true)
    let listener = try open(handler)
    defer { listener.close(within: minute) }
    let client = try TestClient(unixStream: path)
    try client.send("question\n")
    client.endSending()
    #expect(handler.waitForLines(1))
    handler.answer("answer 1\n")
    #expect(client.readLine() == "answer 1")
    handler.answer("answer 2\n")
    #expect(client.readLine() == "answer 2")
    handler.forgetReplies()
  }

  @Test("closes a client that has ended, once nobody can answer it") func closesEndedClients() throws {
    let handler = RecordingHandler(keepsReplies: true)
    let listener = try open(handler)
    defer { listener.close(within: minute) }
    let client = try TestClient(unixStream: path)
    try client.send("bye\n")
    client.endSending()
    #expect(handler.waitForLines(1))
    handler.forgetReplies()
    #expect(client.readLine() == nil)
  }

  @Test("gives every connection a number of its own") func numbersConnections() throws {
    let handler = RecordingHandler(keepsReplies: true)
    let listener = try open(handler)
    defer { listener.close(within: minute) }
    for count in 1...5 {
      try TestClient(unixStream: path).send("hello\n")
      #expect(handler.waitForLines(count))
    }
    #expect(Set(handler.replies.map(\.connectionID)).count == 5)
    handler.forgetReplies()
  }

  @Test("writes the answers that wait before it closes, and waits for those that the handler still owes")
  func closesAfterAnswers() throws {
    let handler = RecordingHandler(keepsReplies: true)
    let listener = try open(handler)
    let client = try TestClient(unixStream: path)
    try client.send("question\n")
    #expect(handler.waitForLines(1))
    #expect(listener.drain(within: minute))
    handler.answer("answer\n")
    let closed = Thread.detachedResult { listener.close(within: .seconds(60)) }
    #expect(client.readLine() == "answer")
    handler.answer("late answer\n")
    handler.forgetReplies()
    #expect(client.readLine() == "late answer")
    #expect(client.readLine() == nil)
    closed()
  }

  @Test("waits no longer than it may for an answer that never comes") func closesWithoutAnswers() throws {
    let handler = RecordingHandler(keepsReplies: true)
    let listener = try open(handler)
    let client = try TestClient(unixStream: path)
    try client.send("question\n")
    #expect(handler.waitForLines(1))
    #expect(listener.drain(within: minute))
    listener.close(within: .milliseconds(20))
    #expect(client.readLine() == nil)
  }

  @Test("disconnects a client that does not read its answers, after reading what it wrote") func shedsDeafClients()
    throws
  {
    // Answers each line with a kilobyte, from the listener's own thread.
    let answer = [UInt8](repeating: UInt8(ascii: "x"), count: 1_023) + [UInt8(ascii: "\n")]
    let handler = RecordingHandler(keepsText: true) { batch, replies in
      for piece in batch { for _ in piece.text.split(separator: "\n") { replies?.send(answer) } }
    }
    let listener = try open(handler) { $0.maximumReplyBytes = 10_000 }
    defer { listener.close(within: minute) }
    let deaf = try TestClient(unixStream: path)
    #expect(throws: TestClient.Failure.self) {
      while true { try deaf.send("question\n") }
    }
    let other = try TestClient(unixStream: path)
    try other.send("question\n")
    #expect(other.readLine()?.utf8.count == 1_023)
    #expect(listener.status().shedConnections == 1)
  }
}

extension Thread {
  /// Runs `body` on a thread; the result waits for its end.
  static func detachedResult<Value: Sendable>(_ body: @escaping @Sendable () -> Value) -> () -> Value {
    let box = Box<Value>()
    let done = DispatchSemaphore(value: 0)
    detachNewThread {
      box.value = body()
      done.signal()
    }
    return {
      done.wait()
      return box.value!
    }
  }

  /// Written before the semaphore is raised, read after.
  private final class Box<Value>: @unchecked Sendable { var value: Value? }
}
