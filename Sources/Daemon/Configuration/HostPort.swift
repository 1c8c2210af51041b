/// An address to listen on, as exporters write it: `127.0.0.1:10780`, `[::1]:10780`, `:10780`, `localhost:0`.
public struct HostPort: Equatable, Sendable, CustomStringConvertible {
  /// Without brackets; empty: every address of the machine.
  public var host: String
  /// 0: the kernel chooses a free one, and the log says which.
  public var port: UInt16

  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// nil where the text is no address. A bare IPv6 address needs its brackets: its colons would be ambiguous.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":") else { return nil }
    let digits = text[text.index(after: colon)...]
    guard !digits.isEmpty, digits.utf8.allSatisfy({ (48...57).contains($0) }), let port = UInt16(digits) else {
      return nil
    }
    var host = text[..<colon]
    if host.first == "[" {
      guard host.last == "]", host.count > 2 else { return nil }
      host = host.dropFirst().dropLast()
    } else if host.contains(where: { ":[]/ ".contains($0) }) {
      return nil
    }
    self.init(host: String(host), port: port)
  }

  public var description: String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
