import Glibc
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `/api/v1/live`: what the page at `/` shows, as server-sent events, once a second.
struct LiveEndpoint: Sendable {
  /// In milliseconds. Only TCP sees that a client takes nothing any more: until all buffers are full, one that does not read
  /// looks like one that does. https://man7.org/linux/man-pages/man7/tcp.7.html, TCP_USER_TIMEOUT
  private static let patience: SocketOptionValue = 20_000

  let feed: LiveFeed
  let report: @Sendable () -> StatusReport

  @concurrent
  func respond(to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
    let head = HTTPResponse(
      status: .ok,
      headerFields: [
        .contentType: EventStream.contentType, .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
        .accelBuffering: "no",
      ])
    if request.method == .head { return try await writer.writeResponse(head) }
    guard let client = feed.join(report) else {
      let reason = "Too many are watching (\(LiveFeed.maxClients)), or the daemon is stopping."
      return try await HTTPAnswer.refusal(reason, retryAfter: 10).send(writer)
    }
    defer { feed.leave(client) }
    try await channel.setOption(.tcpOption(NIOBSDSocket.Option(rawValue: TCP_USER_TIMEOUT)), value: Self.patience).get()
    var body = try await writer.writeHead(head)
    var text = EventStream.retry(milliseconds: 2_000)
    var seen = LiveFrame.Seen()
    for await frame in client.frames {
      text += frame.text(after: &seen)
      try await body.write(ByteBuffer(string: text))
      text = ""
    }
    try await body.finish(nil)
  }
}

extension HTTPField.Name {
  /// Asks proxies of nginx' kind to pass on each event as it comes.
  static let accelBuffering = HTTPField.Name("X-Accel-Buffering") ?? .via
}
