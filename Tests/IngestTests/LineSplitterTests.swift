import Testing

@testable import Ingest

@Suite("A line splitter") struct LineSplitterTests {
  /// What a splitter makes of `chunks`, its unfinished lines carried over as a connection does.
  private func pieces(of chunks: [String], limit: Int, ends: Bool = true) -> [String] {
    var splitter = LineSplitter(maximumLineBytes: limit)
    var carried: [UInt8] = []
    var result: [String] = []
    for index in chunks.indices {
      let bytes = carried + Array(chunks[index].utf8)
      var found: [BatchPiece] = []
      let isLast = index == chunks.count - 1
      let tail = splitter.split(bytes.span, range: 0..<bytes.count, atEnd: ends && isLast, into: &found)
      result += found.map {
        String(decoding: bytes[$0.offset..<$0.offset + $0.count], as: UTF8.self) + ($0.isTruncated ? "…" : "")
      }
      carried = Array(bytes[tail...])
      #expect(carried.count <= limit)
    }
    return result
  }

  @Test("keeps neighbouring lines together") func keepsRuns() {
    #expect(pieces(of: ["a\nbc\nd\n"], limit: 10) == ["a\nbc\nd"])
  }

  @Test("waits for the end of a line") func waits() {
    #expect(pieces(of: ["a\nb", "c\n"], limit: 10) == ["a", "bc"])
    #expect(pieces(of: ["a\nb"], limit: 10, ends: false) == ["a"])
  }

  @Test("takes the last line without its newline") func takesTheLastLine() {
    #expect(pieces(of: ["a\nb"], limit: 10) == ["a\nb"])
    #expect(pieces(of: [""], limit: 10) == [])
    #expect(pieces(of: ["\n"], limit: 10) == [])
  }

  @Test("takes a line of just the limit and cuts a longer one") func cutsAtTheLimit() {
    #expect(pieces(of: ["abcd\nx\n"], limit: 4) == ["abcd\nx"])
    #expect(pieces(of: ["abcde\nx\n"], limit: 4) == ["abcd…", "x"])
    #expect(pieces(of: ["x\nabcde"], limit: 4) == ["x", "abcd…"])
  }

  @Test("counts an over-long line once, however many chunks it takes") func passesOver() {
    #expect(pieces(of: ["ab", "cd", "ef", "gh", "\nx\n"], limit: 4) == ["abcd…", "x"])
  }

  @Test("finds the same lines wherever the stream is cut") func isIndependentOfCuts() {
    // All strings of up to seven characters of a small alphabet, cut at every pair of places.
    let limit = 2
    var texts = [""]
    for _ in 0..<7 { texts += texts.suffix(1 << 20).flatMap { text in ["a", "\n"].map { text + $0 } } }
    for text in Set(texts) {
      let expected = text.split(separator: "\n", omittingEmptySubsequences: true).map {
        $0.utf8.count > limit ? $0.prefix(limit) + "…" : String($0)
      }
      for first in 0...text.utf8.count {
        for second in first...text.utf8.count {
          let characters = Array(text)
          let chunks = [characters[..<first], characters[first..<second], characters[second...]].map { String($0) }
          let found = pieces(of: chunks, limit: limit).flatMap { $0.split(separator: "\n").map(String.init) }
          if found != expected { Issue.record("\(chunks) gave \(found), expected \(expected)") }
        }
      }
    }
  }
}
