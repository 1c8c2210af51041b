import CallMetrics
import Exposition
import Foundation
import Testing

extension ExpositionFormat {
  var fileExtension: String {
    switch self {
    case .text004: "0.0.4.txt"
    case .text100: "1.0.0.txt"
    case .openMetrics001: "0.0.1.om"
    case .openMetrics100: "1.0.0.om"
    }
  }
}

/// Everything that a rendering writes.
func render(_ snapshot: Snapshot, as format: ExpositionFormat, options: RenderingOptions = .init()) throws -> String {
  var rendering = SnapshotRendering(snapshot, as: format, options: options)
  var text: [UInt8] = []
  var chunk: [UInt8] = []
  while try rendering.nextChunk(&chunk) { text += chunk }
  return try #require(String(validating: text, as: UTF8.self))
}

@Suite("Golden files")
struct GoldenTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

  /// Each is a whole scrape, to be read by eye. UPDATE_GOLDEN=1 writes them anew; the parsers of others judge them
  /// in Python/test_golden.py.
  @Test(
    "Each snapshot is written as its golden file says, in each format",
    arguments: SampleSnapshots.all.map(\.name), ExpositionFormat.allCases)
  func golden(name: String, format: ExpositionFormat) throws {
    let snapshot = try #require(SampleSnapshots.all.first { $0.name == name }?.snapshot)
    try check(render(snapshot, as: format), against: "\(name).\(format.fileExtension)")
  }

  @Test("Creation times are written where they are asked for, in OpenMetrics only")
  func created() throws {
    let options = RenderingOptions(hasCreatedLines: true)
    try check(
      render(SampleSnapshots.calls, as: .openMetrics100, options: options), against: "created.1.0.0.om")
    #expect(
      try render(SampleSnapshots.calls, as: .text004, options: options) == render(SampleSnapshots.calls, as: .text004))
  }

  private func check(_ text: String, against file: String) throws {
    let url = Self.folder.appending(path: file)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] != nil {
      try Data(text.utf8).write(to: url)
    }
    let golden = String(decoding: try Data(contentsOf: url), as: UTF8.self)
    #expect(text == golden, "\(file) differs")
  }
}
