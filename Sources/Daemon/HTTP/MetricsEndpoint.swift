import CLinux
import CallMetrics
import Exposition
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `/metrics`.
struct MetricsEndpoint: Sendable {
  /// A client that takes nothing for so long is gone.
  private static let patience = TimeAmount.seconds(10)
  /// No scraper waits longer, whatever it says.
  private static let maxSeconds = 120.0

  let gate: ScrapeGate
  /// False as long as stored state is not restored: counters from before it must not be seen.
  let isRestored: @Sendable () -> Bool
  let snapshot: @Sendable (_ exemplars: Bool) -> Snapshot
  let didScrape: @Sendable (_ nanoseconds: Int64) -> Void

  @concurrent
  func respond(to request: Request, _ writer: consuming ResponseWriter, _ channel: any Channel) async throws {
    guard gate.enter() else {
      return try await HTTPAnswer.refusal("Too many scrapes at once (--web.max-requests).").send(writer)
    }
    defer { gate.leave() }
    guard isRestored() else {
      return try await HTTPAnswer.refusal("Stored state is being restored.").send(writer)
    }
    let start = SteadyClock.now
    let format = NegotiatedFormat.negotiate(accept: Self.joined(request.headers[values: .accept]))
    let isPacked = acceptsGzip(acceptEncoding: Self.joined(request.headers[values: .acceptEncoding]))
    var head = HTTPResponse(
      status: .ok, headerFields: [.contentType: format.contentType, .vary: "Accept, Accept-Encoding"])
    if isPacked { head.headerFields[.contentEncoding] = "gzip" }
    if request.method == .head { return try await writer.writeResponse(head) }

    let snapshot = snapshot(format.format.isOpenMetrics)
    // What a scrape needs goes back to the system, also when it fails: the next one may be long from now.
    defer { llm_release_idle_memory() }
    let patience = Self.patience(header: request.headers[.scrapeTimeout])
    var rendering = SnapshotRendering(snapshot, as: format.format, deadline: ContinuousClock.now + patience)
    // A client that does not read would hold its place among the scrapes for as long as it likes.
    let end = channel.eventLoop.scheduleTask(in: .nanoseconds(patience.nanoseconds)) {
      channel.close(mode: .all, promise: nil)
    }
    defer { end.cancel() }
    var chunk: [UInt8] = []
    var body = try await writer.writeHead(head)
    func write(_ chunk: ByteBuffer) async throws {
      try await channel.whileTaken(within: Self.patience) { try await body.write(chunk) }
    }
    // A deadline that passes throws: the connection breaks off, which is a failed scrape and never half of one.
    if isPacked {
      var packed = try GzipRendering(rendering)
      while try packed.nextChunk(&chunk) { try await write(ByteBuffer(bytes: chunk)) }
    } else {
      while try rendering.nextChunk(&chunk) { try await write(ByteBuffer(bytes: chunk)) }
    }
    try await body.finish(nil)
    didScrape(SteadyClock.now - start)
  }

  private static func joined(_ values: [String]) -> String? {
    values.isEmpty ? nil : values.joined(separator: ",")
  }

  /// A tenth of the scraper's time-out is left for the way back. Without the header, or with one that is no number,
  /// Prometheus' own default of 10 s stands.
  static func patience(header: String?) -> Duration {
    let seconds = header.flatMap(Double.init).flatMap { $0.isFinite && $0 > 0 ? min($0, maxSeconds) : nil } ?? 10
    return .nanoseconds(Int64(seconds * 0.9e9))
  }
}

extension HTTPField.Name {
  static let scrapeTimeout = HTTPField.Name(validated: "X-Prometheus-Scrape-Timeout-Seconds")

  /// For names that are constants of this program and follow the grammar.
  private init(validated name: StaticString) {
    self = HTTPField.Name(name.description) ?? .from
  }
}
