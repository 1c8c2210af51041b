import NIOCore

extension Channel {
  /// Closes the connection of a client that takes nothing of what is written for so long.
  func whileTaken(within patience: TimeAmount, _ write: () async throws -> Void) async throws {
    let end = eventLoop.scheduleTask(in: patience) { self.close(mode: .all, promise: nil) }
    defer { end.cancel() }
    try await write()
  }
}
