/// What of a URL may be shown: metrics, pages and logs are read by more people than may know a password or token in it.
enum PublicURL {
  /// Scheme, host and path, without user, query and fragment. Text that is no URL stays as it is.
  static func text(_ url: String) -> String {
    let bytes = Array(url.utf8)
    let isStart = { (i: Int) in bytes[i...].starts(with: "://".utf8) }
    guard let mark = bytes.indices.first(where: isStart) else { return url }
    let end = bytes.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.count
    guard mark + 3 <= end else { return url }
    let rest = bytes[(mark + 3)..<end]
    let hostEnd = rest.firstIndex(of: UInt8(ascii: "/")) ?? end
    // A password may hold an @ itself: the host begins after the last.
    let host = rest[..<hostEnd].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? rest.startIndex
    return String(decoding: bytes[..<(mark + 3)] + bytes[host..<end], as: UTF8.self)
  }
}
