import Glibc

/// Which process holds an address, for error messages. Best effort: other users' descriptors can be read by root only.
enum SocketHolder {
  static func ofUDP(port: UInt16) -> String? {
    let wanted = ":" + hexadecimal(port)
    for table in ["/proc/net/udp", "/proc/net/udp6"] {
      for line in lines(of: table).dropFirst() {
        // sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …
        let fields = line.split(separator: " ", omittingEmptySubsequences: true)
        guard fields.count > 9, fields[1].hasSuffix(wanted) else { continue }
        if let holder = process(holdingInode: fields[9]) { return holder }
      }
    }
    return nil
  }

  static func ofUnixSocket(path: String) -> String? {
    for line in lines(of: "/proc/net/unix").dropFirst() {
      // Num RefCount Protocol Flags Type St Inode Path
      let fields = line.split(separator: " ", maxSplits: 7, omittingEmptySubsequences: true)
      guard fields.count == 8, fields[7] == path else { continue }
      if let holder = process(holdingInode: fields[6]) { return holder }
    }
    return nil
  }

  /// `process 42 (name)`.
  static func describe(pid: Int32) -> String {
    guard let name = lines(of: "/proc/\(pid)/comm").first else { return "process \(pid)" }
    return "process \(pid) (\(name))"
  }

  private static func process(holdingInode inode: Substring) -> String? {
    let link = "socket:[\(inode)]"
    for pid in entries(of: "/proc").compactMap({ Int32($0) }) {
      let directory = "/proc/\(pid)/fd"
      if entries(of: directory).contains(where: { target(of: "\(directory)/\($0)") == link }) {
        return describe(pid: pid)
      }
    }
    return nil
  }

  private static func hexadecimal(_ port: UInt16) -> String {
    let digits = String(port, radix: 16, uppercase: true)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  private static func lines(of path: String) -> [Substring] {
    guard let file = unsafe fopen(path, "re") else { return [] }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    // The kernel's tables are as long as there are sockets: bounded, so that a message never costs more than it is worth.
    while bytes.count < 16 << 20 {
      let count = unsafe fread(&chunk, 1, chunk.count, file)
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  private static func entries(of path: String) -> [String] {
    guard let directory = unsafe opendir(path) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      names.append(name)
    }
    return names
  }

  private static func target(of link: String) -> String? {
    var bytes = [CChar](repeating: 0, count: 256)
    let count = unsafe readlink(link, &bytes, bytes.count)
    guard count > 0 else { return nil }
    return String(decoding: bytes[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
