import NIOCore
import NIOHTTP1

/// What the encoder can't know, because it sees answers only: that to HEAD none has a body, not even the mark that ends
/// one, and that HTTP/1.0 has no such marks. A body for HTTP/1.0 ends with its connection.
/// https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length
final class HTTPFraming: ChannelDuplexHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias InboundOut = HTTPServerRequestPart
  typealias OutboundIn = HTTPServerResponsePart
  typealias OutboundOut = HTTPServerResponsePart

  private struct Request {
    var isHead: Bool
    var isOld: Bool
  }

  /// Those whose answers have not ended, in their order.
  private var requests: [Request] = []

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
    let request = Request(isHead: head.method == .HEAD, isOld: head.version.major == 1 && head.version.minor == 0)
    requests.append(request)
    // Hummingbird, which does not see the version, ends the connection after the answer.
    if request.isOld { head.headers.replaceOrAdd(name: "connection", value: "close") }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    let request = requests.first ?? Request(isHead: false, isOld: false)
    switch unwrapOutboundIn(data) {
    case .head(var head):
      if request.isOld {
        head.version = .http1_0
        head.headers.replaceOrAdd(name: "connection", value: "close")
      }
      context.write(wrapOutboundOut(.head(head)), promise: promise)
    case .body:
      if request.isHead { promise?.succeed() } else { context.write(data, promise: promise) }
    case .end:
      if !requests.isEmpty { requests.removeFirst() }
      if request.isHead { promise?.succeed() } else { context.write(data, promise: promise) }
    }
  }
}
