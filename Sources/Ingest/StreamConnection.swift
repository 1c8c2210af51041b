import Glibc

/// One client of a stream socket, as its listener's thread knows it. Small while the client is quiet: no buffer, unless
/// a line is unfinished.
final class StreamConnection {
  let id: UInt64
  let descriptor: Int32
  let replies: StreamReplyQueue
  /// Nil once the client has ended its side: from then on only the handler may still hold it.
  var handle: StreamReplyHandle?
  /// The beginning of a line whose end has not come, at most the longest line.
  var partial: [UInt8] = []
  var splitter: LineSplitter
  /// The client's side has ended, all it wrote was read.
  var hasEnded = false
  var awaitsWritability = false

  init(id: UInt64, descriptor: Int32, maximumLineBytes: Int, replies: StreamReplyQueue) {
    self.id = id
    self.descriptor = descriptor
    self.replies = replies
    handle = StreamReplyHandle(queue: replies)
    splitter = LineSplitter(maximumLineBytes: maximumLineBytes)
  }

  deinit { Glibc.close(descriptor) }

  enum WriteOutcome {
    case done
    /// Done, and no answer will come any more.
    case finished
    case blocked, dead
  }

  /// Writes what the client takes of its answers.
  func writeReplies() -> WriteOutcome {
    replies.withContent { content in
      content.isAnnounced = false
      if content.hasOverflown { return .dead }
      while content.unwrittenBytes > 0 {
        let written = unsafe content.bytes.withUnsafeBytes { bytes in
          // Within bounds: writtenBytes < bytes.count here.
          unsafe Glibc.send(
            descriptor, bytes.baseAddress.map { unsafe $0 + content.writtenBytes }, content.unwrittenBytes,
            Int32(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        if written < 0 {
          switch errno {
          case EINTR: continue
          case EAGAIN: return .blocked
          default: return .dead
          }
        }
        content.writtenBytes += written
      }
      content.bytes.removeAll(keepingCapacity: content.bytes.capacity <= 1024)
      content.writtenBytes = 0
      // Under the lock that the last answer was added under: asked later, it might have come in between.
      return content.isReleased ? .finished : .done
    }
  }

  /// No further answer is taken, and those that wait are forgotten.
  func closeReplies() {
    replies.withContent { content in
      content.isClosed = true
      content.bytes = []
      content.writtenBytes = 0
    }
  }
}
