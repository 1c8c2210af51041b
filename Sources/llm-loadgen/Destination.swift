import ArgumentParser

/// Where events go: `udp:HOST:PORT`, `unixgram:PATH`, `unix:PATH`, or `-` for standard output.
enum Destination: ExpressibleByArgument, Equatable {
  case udp(host: String, port: UInt16)
  case unixDatagram(path: String)
  case unixStream(path: String)
  case standardOutput

  init?(argument: String) {
    if argument == "-" {
      self = .standardOutput
      return
    }
    guard let colon = argument.firstIndex(of: ":") else { return nil }
    let rest = String(argument[argument.index(after: colon)...])
    guard !rest.isEmpty else { return nil }
    switch argument[..<colon] {
    case "udp":
      guard let portColon = rest.lastIndex(of: ":"), let port = UInt16(rest[rest.index(after: portColon)...]) else {
        return nil
      }
      var host = rest[..<portColon]
      if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
      self = .udp(host: host.isEmpty ? "localhost" : String(host), port: port)
    case "unixgram": self = .unixDatagram(path: rest)
    case "unix": self = .unixStream(path: rest)
    default: return nil
    }
  }

  var isStream: Bool {
    switch self {
    case .unixStream, .standardOutput: true
    case .udp, .unixDatagram: false
    }
  }

  var description: String {
    switch self {
    case .udp(let host, let port): host.contains(":") ? "udp:[\(host)]:\(port)" : "udp:\(host):\(port)"
    case .unixDatagram(let path): "unixgram:\(path)"
    case .unixStream(let path): "unix:\(path)"
    case .standardOutput: "-"
    }
  }
}
