import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle

/// One HTTP listener. Several of them share the responder.
struct HTTPDoor: Service, CustomStringConvertible {
  /// Idle keep-alive connections are closed after this: longer than any usual scrape interval.
  private static let idleTimeout = TimeAmount.minutes(3)
  /// So long a stop waits for answers on their way.
  private static let stopPatience = Duration.seconds(2)

  let address: HostPort
  let responder: HTTPResponder
  let connections: HTTPConnections
  let eventLoops: any EventLoopGroup
  let logger: Logger

  var description: String { "HTTP \(address)" }

  func run() async throws {
    let channel = HTTP1Channel(
      responder: { request, writer, channel in
        connections.beginRequest(channel)
        defer { connections.endRequest(channel) }
        try await responder.respond(to: request, writer, channel)
      },
      configuration: .init(
        idleTimeout: Self.idleTimeout,
        // A request here is a line and a few headers; a peer that sends more is not one of ours.
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100)
      ))
    let server = Server(
      childChannelSetup: CountedChannel(http: channel, connections: connections),
      configuration: ServerConfiguration(
        address: .hostname(bindHost, port: Int(address.port))),
      onServerRunning: { channel in
        let bound = channel.localAddress.map(Self.spell) ?? address.description
        logger.info("listening for HTTP", metadata: ["address": "\(bound)", "url": "http://\(bound)/"])
      },
      eventLoopGroup: eventLoops,
      logger: Logger(label: "http") { _ in SwiftLogNoOpLogHandler() })
    do {
      try await withThrowingTaskGroup { group in
        group.addTask {
          try await gracefulShutdown()
          try await Task.sleep(for: Self.stopPatience)
          connections.closeAll()
        }
        try await server.run()
        group.cancelAll()
      }
    } catch {
      throw StartProblem("cannot listen for HTTP on \(address): \(Self.reason(error))")
    }
  }

  /// Every address of this machine: `::` takes IPv4 too, where the kernel has IPv6 at all.
  private var bindHost: String {
    if !address.host.isEmpty { return address.host }
    return unsafe access("/proc/net/if_inet6", F_OK) == 0 ? "::" : "0.0.0.0"
  }

  private static func spell(_ address: SocketAddress) -> String {
    HostPort(host: address.ipAddress ?? "", port: UInt16(clamping: address.port ?? 0)).description
  }

  private static func reason(_ error: any Error) -> String {
    if let error = error as? IOError { return SystemWords.error(error.errnoCode) }
    return "\(error)"
  }
}

/// HTTP over a connection that counts among all, with our framing between the decoder and everything else.
private struct CountedChannel: ServerChildChannel {
  let http: HTTP1Channel
  let connections: HTTPConnections

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
    connections.add(channel)
    let value = http.setup(channel: channel, logger: logger)
    do {
      let pipeline = channel.pipeline.syncOperations
      let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
      try pipeline.addHandler(HTTPFraming(), position: .after(decoder))
      return value
    } catch {
      return channel.eventLoop.makeFailedFuture(error)
    }
  }

  func handle(value: HTTP1Channel.Value, logger: Logger) async { await http.handle(value: value, logger: logger) }
}

/// Why the daemon can't start (or go on), in one line for people.
struct StartProblem: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
