import Events
import Glibc

/// Where the events of one key go: found by one look-up of the key's bytes.
struct RouteTable<Target: BitwiseCopyable & Sendable>: Sendable {
  private struct Route {
    var hash: UInt64
    var keyOffset: Int
    var target: Target
  }

  let fields: [KeyField]
  /// Routes and key bytes kept at most. Full tables are emptied: routes are a cache, and are found again.
  private let maxRoutes: Int
  private let maxKeyBytes: Int
  private let seed: UInt64
  /// Open addressing, linear probing, at most half full. -1: free, else an index into `routes`.
  private var slots: [Int32]
  private var routes: [Route] = []
  /// For each route: the salt (8 bytes), then each field as its count (4 bytes) and its bytes.
  private var keys: [UInt8] = []

  init(fields: [KeyField], maxRoutes: Int = 1 << 17, maxKeyBytes: Int = 1 << 24) {
    self.fields = fields
    self.maxRoutes = maxRoutes
    self.maxKeyBytes = maxKeyBytes
    seed = UInt64.random(in: .min ... .max)
    slots = Array(repeating: -1, count: 64)
  }

  var count: Int { routes.count }

  mutating func removeAll() {
    routes.removeAll()
    keys.removeAll()
    slots = Array(repeating: -1, count: 64)
  }

  /// - Parameter salt: tells apart equal keys of different parents.
  func hash(of event: borrowing Event, in line: Span<UInt8>, salt: UInt64 = 0) -> UInt64 {
    var hasher = KeyHasher(seed: seed ^ salt)
    unsafe event.scratch.withUnsafeBufferPointer { scratch in
      unsafe line.withUnsafeBufferPointer { line in
        let bytes = unsafe KeyBytes(line: line, scratch: scratch)
        for i in fields.indices { unsafe hasher.combine(bytes.bytes(fields[i].text(of: event))) }
      }
    }
    return hasher.state
  }

  func target(hash: UInt64, of event: borrowing Event, in line: Span<UInt8>, salt: UInt64 = 0) -> Target? {
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if routes[index].hash == hash, matches(at: routes[index].keyOffset, event, line, salt) {
        return routes[index].target
      }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  mutating func insert(
    _ target: Target, hash: UInt64, of event: borrowing Event, in line: Span<UInt8>, salt: UInt64 = 0
  ) {
    if routes.count >= maxRoutes || keys.count >= maxKeyBytes { removeAll() }
    if routes.count * 2 >= slots.count { grow() }
    let offset = keys.count
    appendKey(of: event, in: line, salt)
    place(Int32(truncatingIfNeeded: routes.count), hash: hash)
    routes.append(Route(hash: hash, keyOffset: offset, target: target))
  }

  /// Changes what the routes lead to, for instance when a price table was replaced.
  mutating func updateTargets(_ change: (inout Target) -> Void) {
    for i in routes.indices { change(&routes[i].target) }
  }

  private mutating func place(_ index: Int32, hash: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 { slot = (slot + 1) & mask }
    slots[slot] = index
  }

  private mutating func grow() {
    slots = Array(repeating: -1, count: slots.count * 2)
    for i in routes.indices { place(Int32(truncatingIfNeeded: i), hash: routes[i].hash) }
  }

  private mutating func appendKey(of event: borrowing Event, in line: Span<UInt8>, _ salt: UInt64) {
    unsafe withUnsafeBytes(of: salt) { unsafe keys.append(contentsOf: $0) }
    for field in fields {
      let text = field.text(of: event)
      let inside = text.offset + text.count <= (text.inScratch ? event.scratch.count : line.count)
      unsafe withUnsafeBytes(of: UInt32(truncatingIfNeeded: inside ? text.count : 0)) {
        unsafe keys.append(contentsOf: $0)
      }
      if inside { event.append(text, in: line, to: &keys) }
    }
  }

  /// Keys are written by `appendKey` only, so each stored count is followed by as many bytes within `keys`.
  private func matches(at offset: Int, _ event: borrowing Event, _ line: Span<UInt8>, _ salt: UInt64) -> Bool {
    unsafe event.scratch.withUnsafeBufferPointer { scratch in
      unsafe line.withUnsafeBufferPointer { line in
        unsafe keys.withUnsafeBytes { keys in
          let bytes = unsafe KeyBytes(line: line, scratch: scratch)
          guard unsafe keys.loadUnaligned(fromByteOffset: offset, as: UInt64.self) == salt else { return false }
          var position = offset &+ 8
          for i in fields.indices {
            let run = unsafe bytes.bytes(fields[i].text(of: event))
            let count = Int(unsafe keys.loadUnaligned(fromByteOffset: position, as: UInt32.self))
            position &+= 4
            guard count == run.count else { return false }
            if count > 0 {
              guard let a = run.baseAddress, let b = keys.baseAddress,
                unsafe memcmp(a, b + position, count) == 0
              else { return false }
            }
            position &+= count
          }
          return true
        }
      }
    }
  }
}
