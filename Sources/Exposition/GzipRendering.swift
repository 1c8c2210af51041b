/// A rendering whose chunks come compressed: read like one.
public struct GzipRendering: ~Copyable, Sendable {
  private var rendering: SnapshotRendering
  private var text: [UInt8] = []
  /// Nil when all is written.
  private var compressor: GzipCompressor?
  /// Text shrinks to a tenth or less: chunks are gathered up to this size.
  private let chunkBytes: Int

  public init(_ rendering: SnapshotRendering, level: Int = 1, chunkBytes: Int = 32768) throws(GzipUnavailable) {
    self.rendering = rendering
    self.chunkBytes = chunkBytes
    compressor = try GzipCompressor(level: level)
  }

  /// Replaces a chunk by the next one, keeping its memory.
  ///
  /// - Returns: false, with the chunk empty, when all is written.
  public mutating func nextChunk(_ chunk: inout [UInt8]) throws(RenderingError) -> Bool {
    chunk.removeAll(keepingCapacity: true)
    while compressor != nil && chunk.count < chunkBytes {
      if try rendering.nextChunk(&text) {
        compressor?.compress(text, into: &chunk)
      } else {
        compressor.take()?.finish(into: &chunk)
      }
    }
    return !chunk.isEmpty
  }
}
