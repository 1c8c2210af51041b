import Glibc

/// The offsets of a place from Greenwich over time, as the system's time zone database has them.
public struct TimeZone: Sendable, Equatable {
  public let name: String
  /// Seconds since 1970 from which on the offset of the same index holds.
  private let transitions: [Int]
  private let offsets: [Int]
  /// Before the first transition.
  private let firstOffset: Int
  /// After the last one.
  private let rule: TimeZoneRule?

  public static let utc = TimeZone(name: "UTC", offset: 0)

  public init(name: String, offset: Int) {
    self.name = name
    transitions = []
    offsets = []
    firstOffset = offset
    rule = nil
  }

  /// Seconds east of Greenwich.
  public func offset(at time: Int) -> Int {
    guard let last = transitions.last else { return rule?.offset(at: time) ?? firstOffset }
    if time >= last, let rule { return rule.offset(at: time) }
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle] <= time { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? firstOffset : offsets[low - 1]
  }

  /// The day that the calendar shows at a time, and the seconds since its midnight.
  public func local(_ time: Int) -> (date: CivilDate, seconds: Int) {
    let shown = time + offset(at: time)
    let day = shown >= 0 ? shown / 86_400 : (shown - 86_399) / 86_400
    return (CivilDate(daysSinceEpoch: day), shown - day * 86_400)
  }

  /// When the clock shows this. Where it does so twice, the first time; where it never does, as if the clock had not
  /// been put forward yet.
  public func time(of date: CivilDate, seconds: Int = 0) -> Int {
    let shown = date.daysSinceEpoch * 86_400 + seconds
    // The offsets that hold a day before and after: one of them holds at the moment itself.
    let before = shown - offset(at: shown - 86_400)
    let after = shown - offset(at: shown + 86_400)
    for candidate in [min(before, after), max(before, after)] where candidate + offset(at: candidate) == shown {
      return candidate
    }
    return before
  }

  // MARK: The database

  /// - Returns: nil where the database has no such zone.
  public init?(named name: String) {
    if name == "UTC" || name == "Z" || name == "GMT" {
      self = .utc
      return
    }
    let isPlain = name.utf8.allSatisfy {
      ($0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z"))
        || ($0 >= UInt8(ascii: "+") && $0 <= UInt8(ascii: "9") && $0 != UInt8(ascii: ".") && $0 != UInt8(ascii: ","))
        || $0 == UInt8(ascii: "_")
    }
    guard isPlain, !name.isEmpty, name.utf8.first != UInt8(ascii: "/"),
      let bytes = Self.read("/usr/share/zoneinfo/" + name)
    else { return nil }
    self.init(name: name, file: bytes)
  }

  /// The zone of this machine: `TZ` where it names one, else `/etc/localtime`, else UTC.
  public static func current(environment: (String) -> String?) -> TimeZone {
    if let name = environment("TZ"), !name.isEmpty {
      return TimeZone(named: name.first == ":" ? String(name.dropFirst()) : name) ?? .utc
    }
    return read("/etc/localtime").flatMap { TimeZone(name: "local", file: $0) } ?? .utc
  }

  /// Largest file that is read. The database's largest is under 4 KB.
  private static let maxBytes = 1 << 20

  private static func read(_ path: String) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 8192)
    while content.count <= maxBytes {
      // `block` is this function's own and as long as is said.
      let count = unsafe Glibc.read(descriptor, &block, block.count)
      guard count >= 0 else { return nil }
      if count == 0 { return content }
      content += block[..<count]
    }
    return nil
  }

  /// Reads TZif. Source: RFC 8536: a header of 44 bytes, a block of 32-bit times, and from version 2 on the same
  /// again in 64 bits with the rule for later times after it.
  public init?(name: String, file: [UInt8]) {
    guard let first = TimeZoneFileBlock(file, at: 0, timeSize: 4) else { return nil }
    var block = first
    var rule: TimeZoneRule?
    if first.version >= 2 {
      guard let second = TimeZoneFileBlock(file, at: first.end, timeSize: 8) else { return nil }
      block = second
      let footer = file[second.end...].dropFirst().prefix { $0 != UInt8(ascii: "\n") }
      rule = TimeZoneRule(Array(footer))
    }
    guard let firstOffset = block.firstOffset else { return nil }
    self.name = name
    transitions = block.transitions
    offsets = block.offsets
    self.firstOffset = firstOffset
    self.rule = rule
  }
}
