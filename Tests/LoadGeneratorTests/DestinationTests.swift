import Testing

@testable import llm_loadgen

@Suite("A destination") struct DestinationTests {
  @Test(
    "is read from its text",
    arguments: [
      ("udp:127.0.0.1:10781", Destination.udp(host: "127.0.0.1", port: 10781)),
      ("udp:[::1]:1", .udp(host: "::1", port: 1)),
      ("udp::9", .udp(host: "localhost", port: 9)),
      ("unixgram:/run/d", .unixDatagram(path: "/run/d")),
      ("unix:/run/a:b", .unixStream(path: "/run/a:b")),
      ("-", .standardOutput),
    ])
  func isRead(text: String, destination: Destination) { #expect(Destination(argument: text) == destination) }

  @Test(
    "is refused where it means nothing",
    arguments: ["", "udp", "udp:", "udp:host", "udp:host:99999", "tcp:a:1", "unix:"])
  func isRefused(text: String) { #expect(Destination(argument: text) == nil) }
}
