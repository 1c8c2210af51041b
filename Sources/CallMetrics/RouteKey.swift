import Events

/// A field of an event that helps to decide where the event is counted.
struct KeyField: Sendable, Equatable {
  enum Kind: UInt8, Sendable {
    case requestModel, model, provider, operation, region
    case application, team, environment, function, promptVersion, promptName, version
    case serviceTier, user, fallbackFrom, scoreName, gaugeLabel
    /// A key of the free `labels` object.
    case custom
  }
  var kind: Kind
  /// Which free key, where `kind` is `custom`.
  var index = 0

  /// What decides the label set and the price entry of a call.
  static let identity: [KeyField] = [
    .init(.requestModel), .init(.model), .init(.provider), .init(.operation), .init(.region),
  ]

  init(_ kind: Kind, index: Int = 0) {
    self.kind = kind
    self.index = index
  }

  @inline(__always)
  func text(of event: borrowing Event) -> Text {
    switch kind {
    case .requestModel: event.fields.requestModel
    case .model: event.fields.model
    case .provider: event.fields.provider
    case .operation: event.fields.operation
    case .region: event.fields.region
    case .application: event.fields.application
    case .team: event.fields.team
    case .environment: event.fields.environment
    case .function: event.fields.function
    case .promptVersion: event.fields.promptVersion
    case .promptName: event.fields.promptName
    case .version: event.fields.version
    case .serviceTier: event.fields.serviceTierText
    case .user: event.fields.user
    case .fallbackFrom: event.fields.fallbackFrom
    case .scoreName: event.fields.name
    case .gaugeLabel: event.fields.gaugeLabel
    case .custom: index < event.labels.count ? event.labels[index] : .absent
    }
  }
}

/// Hashes and compares the bytes of an event's key fields where they lie.
///
/// Unsafe, and measured to matter: a call has five to ten key fields, and a bounds-checked loop over the bytes of each
/// cost more than all the counters together. What makes it safe: `withKeyBytes` checks every text against the count of
/// the buffer that it points into before any pointer is used, and the pointers do not outlive its closure.
@unsafe struct KeyBytes {
  let line: UnsafeBufferPointer<UInt8>
  let scratch: UnsafeBufferPointer<UInt8>

  /// The text's bytes; empty if the text does not lie within its buffer.
  @inline(__always)
  func bytes(_ text: Text) -> UnsafeRawBufferPointer {
    let buffer = unsafe text.inScratch ? scratch : line
    guard text.offset &+ text.count <= buffer.count, let base = buffer.baseAddress else {
      return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    }
    return unsafe UnsafeRawBufferPointer(start: base + text.offset, count: text.count)
  }
}

/// A seeded 64-bit hash of several runs of bytes, for tables in memory only. The seed is random, so that nobody
/// outside can choose keys that collide.
/// Source of the mixing step: W. Yi, wyhash (public domain): fold the 128-bit product of two 64-bit words.
struct KeyHasher {
  private(set) var state: UInt64

  @inline(__always) init(seed: UInt64) { state = seed }

  @inline(__always) private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    return product.high ^ product.low
  }

  @inline(__always) mutating func combine(_ word: UInt64) {
    state = Self.mix(state ^ word, 0x9e37_79b9_7f4a_7c15)
  }

  /// Every load stays within `bytes`: words start at multiples of 8 below `count - 8`, the last one at `count - 8`,
  /// and shorter runs are read byte by byte.
  @inline(__always) mutating func combine(_ bytes: UnsafeRawBufferPointer) {
    let count = bytes.count
    var word = UInt64(truncatingIfNeeded: count)
    if count >= 8 {
      var offset = 0
      while offset < count &- 8 {
        combine(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        offset &+= 8
      }
      combine(unsafe bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self))
    } else {
      var tail: UInt64 = 0
      for i in 0..<count { tail = tail << 8 | UInt64(unsafe bytes[i]) }
      word |= tail << 8
    }
    combine(word)
  }
}
