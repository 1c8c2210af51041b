import Events
import Foundation
import Testing

/// Files of usage objects with what has to come out, one JSON object in each line.
@Suite struct RecordedUsageTests {
  private struct Sample {
    var usage: [UInt8]
    var expected: Exclusive
  }

  private func samples(_ url: URL) throws -> [Sample] {
    try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map { line in
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      let expected = try #require(expectation(object["expect"]))
      let usage = try JSONSerialization.data(withJSONObject: try #require(object["usage"]))
      return Sample(
        usage: Array(usage),
        expected: expected)
    }
  }

  /// `{"input": …, "cached_input": …, …}`, or the five numbers as an array.
  private func expectation(_ value: Any?) -> Exclusive? {
    if let names = value as? [String: Int64] {
      return Exclusive(
        names["input"] ?? -1, names["cached_input"] ?? -1, names["cache_write"] ?? -1, names["output"] ?? -1,
        names["reasoning"] ?? -1)
    }
    guard let list = value as? [Int64], list.count == 5 else { return nil }
    return Exclusive(list[0], list[1], list[2], list[3], list[4])
  }

  private func check(_ url: URL) throws -> Int {
    let samples = try samples(url)
    for sample in samples {
      let usage = String(decoding: sample.usage, as: UTF8.self)
      let event = try call(#""usage":\#(usage)"#)
      #expect(Exclusive(event.usage) == sample.expected, "\(usage)")
      #expect(event.usage.shape == .known, "\(usage)")
      #expect(event.usage.suspicions == 0, "\(usage)")
    }
    return samples.count
  }

  private static var root: URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  }

  private static var recorded: URL { root.deletingLastPathComponent().appending(path: "shared/usage-samples.jsonl") }

  @Test func oneExampleOfEachShape() throws {
    let url = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/usage-shapes.jsonl")
    #expect(try check(url) > 40)
  }

  @Test("the recorded answers of 20 hosts", .enabled(if: FileManager.default.fileExists(atPath: recorded.path)))
  func recordedAnswers() throws {
    #expect(try check(Self.recorded) == 371)
  }
}
