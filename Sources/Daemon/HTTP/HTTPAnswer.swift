import HTTPTypes
import HummingbirdCore
import NIOCore

/// A whole answer, for everything but `/metrics` (which is streamed).
struct HTTPAnswer: Sendable {
  var status: HTTPResponse.Status
  var fields: HTTPFields
  var body: [UInt8]

  init(_ status: HTTPResponse.Status, type: String, body: String, fields: HTTPFields = [:]) {
    self.status = status
    self.body = Array(body.utf8)
    self.fields = fields
    self.fields[.contentType] = type
    self.fields[.xContentTypeOptions] = "nosniff"
  }

  static func text(_ status: HTTPResponse.Status, _ text: String, fields: HTTPFields = [:]) -> HTTPAnswer {
    HTTPAnswer(status, type: "text/plain; charset=utf-8", body: text + "\n", fields: fields)
  }

  static func json(
    _ text: String, _ status: HTTPResponse.Status = .ok, fields: HTTPFields = [:]
  ) -> HTTPAnswer {
    var fields = fields
    fields[.cacheControl] = "no-store"
    return HTTPAnswer(status, type: "application/json; charset=utf-8", body: text + "\n", fields: fields)
  }

  /// For what can be had a little later.
  static func refusal(_ reason: String, retryAfter seconds: Int = 1) -> HTTPAnswer {
    .text(.serviceUnavailable, reason, fields: [.retryAfter: String(seconds)])
  }

  /// To HEAD nothing of the body goes out: see `HTTPFraming`.
  @concurrent
  func send(_ writer: consuming ResponseWriter) async throws {
    var head = HTTPResponse(status: status, headerFields: fields)
    head.headerFields[.contentLength] = String(body.count)
    try await writer.write(response: head, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
  }
}
