import Daemon
import Glibc

/// Lines of standard input as they come.
struct LineInput {
  /// The beginning of a line whose end has not come.
  private var partial: [UInt8] = []
  private var chunk = [UInt8](repeating: 0, count: 64 << 10)
  private var hasEnded = false

  /// Waits for some and gives all that are there, without those that are blank; nil at the end.
  mutating func next() throws(FileProblem) -> [[UInt8]]? {
    while !hasEnded {
      // The kernel writes at most `count` bytes into the buffer that it is given with its own count.
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw FileProblem(path: "-", code: errno, doing: "cannot read")
      }
      hasEnded = count == 0
      partial += chunk[..<count]
      let lines = takeLines()
      if !lines.isEmpty { return lines }
    }
    return nil
  }

  private mutating func takeLines() -> [[UInt8]] {
    let newline = UInt8(ascii: "\n")
    let end = hasEnded ? partial.count : partial.lastIndex(of: newline).map { $0 + 1 } ?? 0
    let lines = partial[..<end].split(separator: newline).map(Array.init)
    partial.removeFirst(end)
    return lines.filter { $0.contains { $0 > 32 } }
  }
}
