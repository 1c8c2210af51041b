import Events
import Testing

@testable import Daemon

@Suite struct ValueSyntaxTests {
  @Test(arguments: [
    ("0", Duration.zero), ("250ms", .milliseconds(250)), ("30s", .seconds(30)), ("5m", .seconds(300)),
    ("1h30m", .seconds(5400)), ("7d", .seconds(604_800)),
  ])
  func durations(text: String, value: Duration) throws {
    #expect(try ValueSyntax.duration(text) == value)
  }

  @Test(arguments: ["", "5", "s", "5 m", "-5m", "1.5h", "5mm", "99999999999999999999s", "4000d"])
  func noDurations(text: String) {
    #expect(throws: Mismatch.self) { try ValueSyntax.duration(text) }
  }

  @Test(arguments: [("4096", 4096), ("64KiB", 65_536), ("4MiB", 4 << 20), ("1GiB", 1 << 30), ("8MB", 8_000_000)])
  func sizes(text: String, value: Int) throws {
    #expect(try ValueSyntax.bytes(0...1 << 40)(text) == value)
  }

  @Test(arguments: ["", "KiB", "1.5MiB", "-1", "1TiB", "9223372036854775807KiB", "5000"])
  func noSizes(text: String) {
    #expect(throws: Mismatch.self) { try ValueSyntax.bytes(0...4999)(text) }
  }

  @Test(arguments: [
    ("127.0.0.1:10780", "127.0.0.1", 10780), (":0", "", 0), ("[::1]:65535", "::1", 65535),
    ("[::]:1", "::", 1), ("host.example:80", "host.example", 80),
  ])
  func addresses(text: String, host: String, port: UInt16) throws {
    let address = try ValueSyntax.address(text)
    #expect(address == HostPort(host: host, port: port))
    #expect(address.description == text)
  }

  @Test(arguments: ["", "10780", "::1:80", "[::1]", "[]:1", "host:", "host:65536", "host:+1", "a/b:1", "http://a:1"])
  func noAddresses(text: String) {
    #expect(throws: Mismatch.self) { try ValueSyntax.address(text) }
  }

  @Test func theRunDirectoryIsTheFirstThatApplies() {
    func path(_ environment: [String: String], isRoot: Bool = false) -> String {
      RunDirectory.resolve(environment: { environment[$0] }, isRoot: isRoot, canWrite: { $0 != "/run/user/gone" })
    }
    #expect(path(["RUNTIME_DIRECTORY": "/run/a:/run/b", "XDG_RUNTIME_DIR": "/run/user/1"]) == "/run/a")
    #expect(path(["XDG_RUNTIME_DIR": "/run/user/1"], isRoot: true) == "/run/user/1/llm-exporter")
    #expect(path(["XDG_RUNTIME_DIR": "/run/user/gone"]) == "./llm-exporter-run")
    #expect(path([:], isRoot: true) == "/run/llm-exporter")
    #expect(path([:]) == "./llm-exporter-run")
  }

  @Test(arguments: ["0", "-1.5", "1e-06", "2E+10", "120", "-0.0"])
  func numbersOfJSON(text: String) { #expect(JSONText.isNumber(text)) }

  @Test(arguments: ["", "-", "01", "1.", ".5", "1e", "+1", "0x1", "NaN", "1 "])
  func noNumbersOfJSON(text: String) { #expect(!JSONText.isNumber(text)) }
}
