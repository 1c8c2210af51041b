import Glibc
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle

/// One HTTP listener. Several of them share the responder.
struct HTTPDoor: Service, CustomStringConvertible {
  /// Idle keep-alive connections are closed after this: longer than any usual scrape interval.
  private static let idleTimeout = TimeAmount.minutes(3)

  let address: HostPort
  let responder: HTTPResponder
  let eventLoops: any EventLoopGroup
  let logger: Logger

  var description: String { "HTTP \(address)" }

  func run() async throws {
    let channel = HTTP1Channel(
      responder: { request, writer, channel in try await responder.respond(to: request, writer, channel) },
      configuration: .init(
        idleTimeout: Self.idleTimeout,
        // A request here is a line and a few headers; a peer that sends more is not one of ours.
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 100)
      ))
    let server = Server(
      childChannelSetup: channel,
      configuration: ServerConfiguration(
        address: .hostname(bindHost, port: Int(address.port))),
      onServerRunning: { channel in
        let bound = channel.localAddress.map(Self.spell) ?? address.description
        logger.info("listening for HTTP", metadata: ["address": "\(bound)", "url": "http://\(bound)/"])
      },
      eventLoopGroup: eventLoops,
      logger: Logger(label: "http") { _ in SwiftLogNoOpLogHandler() })
    do {
      try await server.run()
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
    if let error = error as? IOError { return FileProblem.text(of: error.errnoCode) }
    return "\(error)"
  }
}

/// Why the daemon can't start (or go on), in one line for people.
struct StartProblem: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
