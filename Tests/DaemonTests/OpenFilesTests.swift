import Testing

@testable import Daemon

@Suite("The files that may be open") struct OpenFilesTests {
  @Test(
    "are shared as the table says",
    arguments: [(256, 64, 64, 128), (1_024, 128, 256, 640), (20_000, 128, 512, 19_360)])
  func shares(limit: Int, ourselves: Int, http: Int, streams: Int) {
    let files = OpenFiles(limit: limit)
    #expect(files.ourselves == ourselves)
    #expect(files.http == http)
    #expect(files.connections(ofEach: 1) == streams)
  }

  @Test("are never promised twice, however few there are and however many listeners", arguments: 1...40)
  func neverTwice(listeners: Int) {
    for limit in [128, 129, 256, 1_000, 1_024, 4_096, 524_288] {
      let files = OpenFiles(limit: limit)
      let each = files.connections(ofEach: listeners)
      #expect(each > 0)
      #expect(each == 1 || files.ourselves + files.http + each * listeners <= limit, "\(limit), \(listeners)")
    }
  }

  @Test("may be as many as the process can set itself") func raises() {
    let files = OpenFiles.raise()
    #expect(files.limit >= 256)
    #expect(OpenFiles.raise() == files)
  }
}
