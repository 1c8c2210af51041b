import Foundation
import Ingest

/// Keeps what it is handed, and lets a test wait until it has enough.
final class RecordingHandler: BatchHandler, @unchecked Sendable {
  struct Piece: Equatable {
    var text: String
    var isTruncated: Bool
  }

  // Guarded by `condition`.
  private let condition = NSCondition()
  private var storedPieces: [Piece] = []
  private var storedReplies: [any StreamReplies] = []
  private var storedLineCount = 0
  private var isStalled = false
  private let keepsText: Bool
  /// A listener that closes waits for answers as long as somebody holds on to these.
  private let keepsReplies: Bool
  private let onBatch: (@Sendable ([Piece], (any StreamReplies)?) -> Void)?

  init(
    keepsText: Bool = true, keepsReplies: Bool = false,
    onBatch: (@Sendable ([Piece], (any StreamReplies)?) -> Void)? = nil
  ) {
    self.keepsText = keepsText
    self.keepsReplies = keepsReplies
    self.onBatch = onBatch
  }

  func handle(_ bytes: Span<UInt8>, pieces: Span<BatchPiece>, source: IngestSource, replies: (any StreamReplies)?) {
    var batch: [Piece] = []
    var lines = 0
    for index in pieces.indices {
      let piece = pieces[index]
      var text: [UInt8] = []
      for offset in piece.offset..<piece.offset + piece.count {
        if keepsText { text.append(bytes[offset]) }
        if bytes[offset] == UInt8(ascii: "\n") { lines += 1 }
      }
      lines += 1
      batch.append(Piece(text: String(decoding: text, as: UTF8.self), isTruncated: piece.isTruncated))
    }
    onBatch?(batch, replies)
    condition.lock()
    defer { condition.unlock() }
    if keepsText { storedPieces += batch }
    if keepsReplies, let replies, storedReplies.last !== replies { storedReplies.append(replies) }
    storedLineCount += lines
    condition.broadcast()
    while isStalled { condition.wait() }
  }

  var pieces: [Piece] { condition.withLock { storedPieces } }
  var lines: [String] { pieces.flatMap { $0.text.split(separator: "\n").map(String.init) } }
  var lineCount: Int { condition.withLock { storedLineCount } }
  var replies: [any StreamReplies] { condition.withLock { storedReplies } }

  /// Answers the first client.
  func answer(_ line: String) { replies.first?.send(Array(line.utf8)) }

  /// Lets go of the clients' replies.
  func forgetReplies() { condition.withLock { storedReplies = [] } }

  /// False when so many lines have not come within a generous time.
  func waitForLines(_ count: Int) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    let limit = Date(timeIntervalSinceNow: 30)
    while storedLineCount < count {
      if !condition.wait(until: limit) { return false }
    }
    return true
  }

  /// The next batch is held until `resume`.
  func stall() { condition.withLock { isStalled = true } }
  func resume() {
    condition.withLock {
      isStalled = false
      condition.broadcast()
    }
  }
}
