public import CallMetrics

public struct RenderingOptions: Sendable {
  /// `_created` lines in OpenMetrics. Off by default: Prometheus 2 stores each as one more series.
  public var hasCreatedLines: Bool
  /// A chunk ends with the row that brings it to this size.
  public var chunkBytes: Int

  public init(hasCreatedLines: Bool = false, chunkBytes: Int = 65536) {
    self.hasCreatedLines = hasCreatedLines
    self.chunkBytes = chunkBytes
  }
}

public enum RenderingError: Error, Equatable {
  /// The scraper has stopped waiting. What was written so far is no answer, and must not look like one.
  case deadlinePassed
}

/// Writes a snapshot down, chunk by chunk, at the pace of whoever takes the chunks. Families come by name,
/// rows in the order of their table: the same snapshot gives the same bytes.
///
/// ```swift
/// var rendering = SnapshotRendering(snapshot, as: .text004)
/// var chunk: [UInt8] = []
/// while try rendering.nextChunk(&chunk) { try await writer.write(chunk) }
/// ```
public struct SnapshotRendering: Sendable {
  /// Looked at before each chunk.
  public var deadline: ContinuousClock.Instant?

  private let families: [FamilyPlan]
  private let format: ExpositionFormat
  private let chunkBytes: Int
  // Where the next chunk goes on.
  private var family = 0
  private var source = 0
  private var row = 0
  private var isHeaderWritten = false
  private var isEnded = false

  public init(
    _ snapshot: Snapshot, as format: ExpositionFormat, options: RenderingOptions = RenderingOptions(),
    deadline: ContinuousClock.Instant? = nil
  ) {
    self.format = format
    self.deadline = deadline
    chunkBytes = max(1, options.chunkBytes)
    families = planFamilies(snapshot, format: format, hasCreated: options.hasCreatedLines && format.isOpenMetrics)
  }

  /// Replaces a chunk by the next one, keeping its memory.
  ///
  /// - Returns: false, with the chunk empty, when all is written.
  public mutating func nextChunk(_ chunk: inout [UInt8]) throws(RenderingError) -> Bool {
    chunk.removeAll(keepingCapacity: true)
    if isEnded { return false }
    if let deadline, ContinuousClock.now >= deadline { throw .deadlinePassed }
    // Room for the row that goes over.
    chunk.reserveCapacity(chunkBytes + 8192)
    while family < families.count && chunk.count < chunkBytes { fill(&chunk) }
    if family == families.count && chunk.count < chunkBytes {
      if format.isOpenMetrics { chunk.append(contentsOf: "# EOF\n".utf8) }
      isEnded = true
    }
    return !chunk.isEmpty
  }

  /// Goes on with the current source, and moves to the next one where it ends.
  private mutating func fill(_ chunk: inout [UInt8]) {
    let plan = families[family]
    var header = PendingHeader(plan.header, isWritten: isHeaderWritten)
    let current = plan.sources[source]
    row = current.append(from: row, header: &header, until: chunkBytes, to: &chunk)
    isHeaderWritten = header.isWritten
    guard row == current.rowCount else { return }
    row = 0
    source += 1
    guard source == plan.sources.count else { return }
    source = 0
    family += 1
    isHeaderWritten = false
  }
}
