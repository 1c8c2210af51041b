import ArgumentParser

/// Where to send events: `udp:HOST:PORT`, `unixgram:PATH`, `unix:PATH`.
enum EventDestination: ExpressibleByArgument, CustomStringConvertible {
  case udp(host: String, port: String)
  case unixDatagram(path: String)
  case unixStream(path: String)

  init?(argument: String) {
    guard let colon = argument.firstIndex(of: ":") else { return nil }
    let rest = String(argument[argument.index(after: colon)...])
    guard !rest.isEmpty else { return nil }
    switch argument[..<colon] {
    case "unixgram": self = .unixDatagram(path: rest)
    case "unix": self = .unixStream(path: rest)
    case "udp":
      guard let colon = rest.lastIndex(of: ":"), UInt16(rest[rest.index(after: colon)...]) != nil else { return nil }
      var host = rest[..<colon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      self = .udp(host: host.isEmpty ? "127.0.0.1" : String(host), port: String(rest[rest.index(after: colon)...]))
    default: return nil
    }
  }

  var description: String {
    switch self {
    case .udp(let host, let port): host.contains(":") ? "udp:[\(host)]:\(port)" : "udp:\(host):\(port)"
    case .unixDatagram(let path): "unixgram:\(path)"
    case .unixStream(let path): "unix:\(path)"
    }
  }

  var isStream: Bool { if case .unixStream = self { true } else { false } }
}
