/// Cuts a stream's bytes into runs of whole lines. A value: what it remembers of a connection is one bit.
struct LineSplitter {
  private static let newline = UInt8(ascii: "\n")

  /// The rest of an over-long line is being passed over.
  private(set) var isSkipping = false

  /// The longest line, without its newline. What is longer becomes one truncated piece and is passed over.
  let maximumLineBytes: Int

  init(maximumLineBytes: Int) { self.maximumLineBytes = maximumLineBytes }

  /// Passes over the rest of the line that is being received.
  mutating func skipLine() { isSkipping = true }

  /// Appends the pieces of `range` of `bytes` to `pieces`, and returns where the unfinished line begins, at most
  /// `maximumLineBytes` before the range's end. At the stream's end the last line needs no newline.
  ///
  /// It looks backwards from the end of each stretch of a line's greatest length: of a run of short lines only the last
  /// one is read here.
  mutating func split(
    _ bytes: Span<UInt8>, range: Range<Int>, atEnd: Bool, into pieces: inout [BatchPiece]
  ) -> Int {
    var start = range.lowerBound
    if isSkipping {
      guard let end = Self.firstNewline(in: bytes, start..<range.upperBound) else { return range.upperBound }
      isSkipping = false
      start = end + 1
    }
    var runStart = start
    // A run goes without its last newline, and one that holds nothing else not at all.
    func closeRun(before end: Int) {
      guard end > runStart else { return }
      let count = bytes[end - 1] == Self.newline ? end - 1 - runStart : end - runStart
      if count > 0 { pieces.append(BatchPiece(offset: runStart, count: count)) }
    }
    while start < range.upperBound {
      let reach = min(range.upperBound, start + maximumLineBytes + 1)
      if let end = Self.lastNewline(in: bytes, start..<reach) {
        start = end + 1
        continue
      }
      guard reach - start > maximumLineBytes else { break }
      closeRun(before: start)
      pieces.append(BatchPiece(offset: start, count: maximumLineBytes, isTruncated: true))
      guard let end = Self.firstNewline(in: bytes, reach..<range.upperBound) else {
        isSkipping = true
        return range.upperBound
      }
      start = end + 1
      runStart = start
    }
    if atEnd {
      closeRun(before: range.upperBound)
      return range.upperBound
    }
    closeRun(before: start)
    return start
  }

  private static func firstNewline(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.lowerBound
    while index < range.upperBound {
      if bytes[index] == newline { return index }
      index += 1
    }
    return nil
  }

  private static func lastNewline(in bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var index = range.upperBound
    while index > range.lowerBound {
      index -= 1
      if bytes[index] == newline { return index }
    }
    return nil
  }

  static func containsNewline(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
    firstNewline(in: bytes, range) != nil
  }
}
