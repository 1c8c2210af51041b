import Events
public import Ingest

/// A stream client asks whether all that it sent before is safe. Answered exactly once.
public struct FlushRequest: Sendable {
  public enum Failure: String, Sendable {
    /// There is no store, by configuration.
    case noStorage = "no_storage"
    /// The commit failed, or can't be tried at the moment.
    case storage
  }

  public let id: [UInt8]
  public let replies: any StreamReplies

  public init(id: [UInt8], replies: any StreamReplies) {
    self.id = id
    self.replies = replies
  }

  /// Everything that came before it on its connection is decided, and what was counted is on disk.
  public func succeed() { replies.send(Self.flushed(id: id)) }

  public func fail(_ failure: Failure) { replies.send(Self.failed(id: id, reason: failure.rawValue)) }

  static func flushed(id: [UInt8]) -> [UInt8] {
    var line = Array("{\"event\":\"flushed\",\"id\":".utf8)
    JSONText.append(id, to: &line)
    line.append(contentsOf: "}\n".utf8)
    return line
  }

  static func failed(id: [UInt8], reason: String) -> [UInt8] {
    var line = Array("{\"event\":\"failed\",\"id\":".utf8)
    JSONText.append(id, to: &line)
    line.append(contentsOf: ",\"reason\":\"\(reason)\"}\n".utf8)
    return line
  }
}

/// Makes what was counted safe, and tells the clients that asked for it.
public protocol FlushHandler: AnyObject, Sendable {
  /// All that these clients sent before is counted already. Must not block; every request is answered in the end, from
  /// any thread.
  func flush(_ requests: [FlushRequest])

  /// So much waits for the next commit that it should come soon.
  func commitSoon()
}
