import CSockets
import Foundation
import Ingest
import Testing

@Suite("The file of a Unix socket") struct UnixSocketFileTests {
  private let minute = Duration.seconds(60)
  private let directory: SocketDirectory
  private var path: String { directory.socket() }

  init() throws { directory = try SocketDirectory() }

  private func addresses(_ path: String) -> [ListenerConfiguration.Address] {
    [.unixDatagram(path: path), .unixStream(path: path)]
  }

  private func mode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
  }

  @Test("has the mode that was asked for, whatever the umask", arguments: [UInt32(0o600), 0o660, 0o666, 0o222])
  func hasItsMode(asked: UInt32) throws {
    for address in addresses(path) {
      let listener = try Listeners.open(ListenerConfiguration(address, socketMode: asked))
      #expect(try mode(path) == Int(asked))
      listener.close(within: minute)
    }
  }

  @Test("has the owner and group that were asked for", .enabled(if: getuid() == 0)) func hasItsOwner() throws {
    let listener = try Listeners.open(
      ListenerConfiguration(.unixStream(path: path), socketOwner: "nobody", socketGroup: "1234"))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.ownerAccountName] as? String == "nobody")
    #expect(attributes[.groupOwnerAccountID] as? Int == 1234)
    listener.close(within: minute)
  }

  @Test("is refused for an owner that does not exist") func refusesUnknownOwners() {
    for configuration in [
      ListenerConfiguration(.unixStream(path: path), socketOwner: "no-such-user"),
      ListenerConfiguration(.unixStream(path: path), socketGroup: "no-such-group"),
    ] {
      #expect { try Listeners.open(configuration) } throws: { ($0 as? ListenerError)?.reason == .unknownOwner }
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("goes when its listener closes") func isRemoved() throws {
    for address in addresses(path) {
      let listener = try Listeners.open(ListenerConfiguration(address))
      #expect(FileManager.default.fileExists(atPath: path))
      listener.close(within: minute)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test("takes the place of one that a dead process left", arguments: [SOCK_DGRAM.rawValue, SOCK_STREAM.rawValue])
  func replacesStale(type: UInt32) throws {
    for address in addresses(path) {
      let dead = socket(AF_UNIX, Int32(type), 0)
      #expect(unsafe csockets_unix_bind(dead, path) == 0)
      close(dead)
      let listener = try Listeners.open(ListenerConfiguration(address))
      listener.close(within: minute)
    }
  }

  @Test("never takes the place of a live one, and names its holder") func neverSteals() throws {
    for held in addresses(path) {
      let holder = try Listeners.open(ListenerConfiguration(held))
      for wanted in addresses(path) {
        #expect { try Listeners.open(ListenerConfiguration(wanted)) } throws: { error in
          guard let error = error as? ListenerError else { return false }
          return error.reason == .inUse && error.description.contains("held by process \(getpid())")
        }
      }
      #expect(FileManager.default.fileExists(atPath: path))
      holder.close(within: minute)
    }
  }

  @Test("never takes the place of anything else") func neverRemovesFiles() throws {
    try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
    for address in addresses(path) {
      #expect { try Listeners.open(ListenerConfiguration(address)) } throws: { error in
        (error as? ListenerError)?.reason == .notASocket
      }
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
  }

  @Test("stays when it is another's by the time we close") func leavesAnothersFile() throws {
    let listener = try Listeners.open(ListenerConfiguration(.unixStream(path: path)))
    try FileManager.default.removeItem(atPath: path)
    try Data("another's".utf8).write(to: URL(fileURLWithPath: path))
    listener.close(within: minute)
    #expect(FileManager.default.fileExists(atPath: path))
  }

  @Test("is missed when it was removed under us") func isMissed() throws {
    let listener = try Listeners.open(ListenerConfiguration(.unixStream(path: path)))
    try listener.start(RecordingHandler())
    defer { listener.close(within: minute) }
    #expect(listener.status().isUp)
    try FileManager.default.removeItem(atPath: path)
    #expect(!listener.status().isUp)
    #expect(listener.status().problem?.contains(path) == true)
  }

  @Test("needs a path that fits and a directory that is there") func refusesBadPaths() throws {
    let room = Int(csockets_unix_path_limit()) - directory.path.utf8.count - 1
    let longest = directory.socket(String(repeating: "x", count: room))
    try Listeners.open(ListenerConfiguration(.unixStream(path: longest))).close(within: minute)
    let cases: [(String, ListenerError.Reason)] = [
      (longest + "x", .pathTooLong), ("", .badAddress), (directory.path + "/missing/s", .noDirectory),
    ]
    for (path, reason) in cases {
      for address in addresses(path) {
        #expect { try Listeners.open(ListenerConfiguration(address)) } throws: { error in
          (error as? ListenerError)?.reason == reason
        }
      }
    }
  }
}
