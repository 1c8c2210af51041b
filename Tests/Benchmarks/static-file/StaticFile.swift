// The benchmark's yardstick for scrapes: `static-file FILE PORT` answers every request with the bytes of the file, kept
// in memory, through the HTTP library that the daemon uses. No server of that library can be faster.
import Foundation
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix

@main struct StaticFile {
  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count == 3, let port = Int(arguments[2]) else {
      print("usage: static-file FILE PORT")
      exit(2)
    }
    let body = ByteBuffer(bytes: try Data(contentsOf: URL(fileURLWithPath: arguments[1])))
    var head = HTTPResponse(status: .ok)
    head.headerFields[.contentType] = "text/plain; version=0.0.4; charset=utf-8"
    head.headerFields[.contentLength] = String(body.readableBytes)
    let response = head
    let server = Server(
      childChannelSetup: HTTP1Channel(
        responder: { _, writer, _ in
          try await writer.write(response: response, body: ResponseBody(byteBuffer: body))
        }, configuration: .init()),
      configuration: ServerConfiguration(address: .hostname("127.0.0.1", port: port)),
      eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
      logger: Logger(label: "static-file"))
    try await server.run()
  }
}
