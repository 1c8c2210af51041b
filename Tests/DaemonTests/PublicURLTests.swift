import Testing

@testable import Daemon

@Suite struct PublicURLTests {
  @Test(arguments: [
    ("https://example.org/prices.json", "https://example.org/prices.json"),
    ("http://user:secret@example.org:8080/a/b", "http://example.org:8080/a/b"),
    ("https://token@example.org", "https://example.org"),
    ("https://user:p@ss@example.org/x", "https://example.org/x"),
    ("https://example.org/x?token=secret#secret", "https://example.org/x"),
    ("https://example.org?token=secret", "https://example.org"),
    ("https://example.org/@scope/x", "https://example.org/@scope/x"),
    ("https://example.org/?mail=a@b", "https://example.org/"),
    ("https://", "https://"), ("https://?", "https://"), ("https://@", "https://"), ("?://x", "?://x"),
    ("/etc/prices?.json", "/etc/prices?.json"), ("", ""),
  ])
  func onlySchemeHostAndPathAreShown(url: String, shown: String) {
    #expect(PublicURL.text(url) == shown)
  }
}
