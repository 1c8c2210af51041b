import Foundation

/// A file that is no store of ours, or a damaged one, is kept under a dated name: somebody may want its numbers back.
enum SetAside {
  /// Renames the file, and with it what SQLite keeps beside it.
  ///
  /// - Returns: the new path.
  static func move(_ path: String, now: Date) throws -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
    let dated = path + ".set-aside-" + formatter.string(from: now)
    var target = dated
    var number = 1
    while FileManager.default.fileExists(atPath: target), number < 1_000 {
      number += 1
      target = "\(dated)-\(number)"
    }
    try FileManager.default.moveItem(atPath: path, toPath: target)
    for suffix in ["-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
      try FileManager.default.moveItem(atPath: path + suffix, toPath: target + suffix)
    }
    return target
  }
}
