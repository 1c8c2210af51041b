import Events

/// The field of an event that a configured label is taken from.
struct KeyField: Sendable, Equatable {
  enum Kind: UInt8, Sendable {
    case model, application, team, environment, function, promptVersion, promptName, version, serviceTier, user
    /// A key of the free `labels` object.
    case custom
  }
  var kind: Kind
  /// Which free key, where `kind` is `custom`.
  var index = 0

  init(_ kind: Kind, index: Int = 0) {
    self.kind = kind
    self.index = index
  }

  @inline(__always)
  func text(of event: borrowing Event) -> Text {
    switch kind {
    case .model: event.fields.model
    case .application: event.fields.application
    case .team: event.fields.team
    case .environment: event.fields.environment
    case .function: event.fields.function
    case .promptVersion: event.fields.promptVersion
    case .promptName: event.fields.promptName
    case .version: event.fields.version
    case .serviceTier: event.fields.serviceTierText
    case .user: event.fields.user
    case .custom: index < event.labels.count ? event.labels[index] : .absent
    }
  }
}

/// 128 bits that stand for the key fields of an event.
///
/// They are compared in place of the fields themselves: with a secret random seed, two keys that ever meet agree in them
/// with a probability of 2^-128, and nobody outside can look for such two.
struct RouteKey: Equatable, BitwiseCopyable, Sendable {
  var low: UInt64
  var high: UInt64
  static let none = RouteKey(low: 0, high: 0)
}

/// Makes route keys.
///
/// Unsafe, and measured to matter: a call has five to ten key fields, and a bounds-checked loop over the bytes of each
/// cost more than all the counters together. What makes it safe: every text is checked against the count of the buffer
/// that it points into before it is read, and the pointers do not outlive the closures that lend them.
/// Source of the mixing step: W. Yi, wyhash (public domain): fold the 128-bit product of two 64-bit words.
struct RouteKeyMaker: Sendable {
  private let seed: RouteKey

  init() {
    seed = RouteKey(low: .random(in: .min ... .max), high: .random(in: .min ... .max))
  }

  /// The key of a call.
  ///
  /// - Parameter labels: the fields behind those that decide the price: models, provider, operation, region, residency.
  func key(ofCall event: borrowing Event, in line: Span<UInt8>, _ labels: [KeyField]) -> RouteKey {
    var state = seed
    unsafe event.scratch.withUnsafeBytes { scratch in
      unsafe line.withUnsafeBytes { line in
        unsafe Self.combine(event.fields.requestModel, line, scratch, into: &state)
        unsafe Self.combine(event.fields.model, line, scratch, into: &state)
        unsafe Self.combine(event.fields.provider, line, scratch, into: &state)
        unsafe Self.combine(event.fields.operation, line, scratch, into: &state)
        unsafe Self.combine(event.fields.region, line, scratch, into: &state)
        unsafe Self.combine(event.fields.dataResidency, line, scratch, into: &state)
        for i in labels.indices { unsafe Self.combine(labels[i].text(of: event), line, scratch, into: &state) }
      }
    }
    return state == .none ? RouteKey(low: 1, high: 0) : state
  }

  /// The key of one field of an event.
  ///
  /// - Parameter salt: tells apart equal fields of different parents.
  func key(of text: Text, _ event: borrowing Event, in line: Span<UInt8>, salt: UInt64) -> RouteKey {
    var state = RouteKey(low: seed.low ^ salt, high: seed.high)
    unsafe event.scratch.withUnsafeBytes { scratch in
      unsafe line.withUnsafeBytes { line in
        unsafe Self.combine(text, line, scratch, into: &state)
      }
    }
    return state == .none ? RouteKey(low: 1, high: 0) : state
  }

  @inline(__always)
  private static func combine(
    _ text: Text, _ line: UnsafeRawBufferPointer, _ scratch: UnsafeRawBufferPointer, into state: inout RouteKey
  ) {
    let buffer = unsafe text.inScratch ? scratch : line
    guard !text.isEmpty, text.offset &+ text.count <= buffer.count, let base = buffer.baseAddress else {
      state.low &+= 0x9e37_79b9_7f4a_7c15
      return
    }
    unsafe combine(base + text.offset, count: text.count, into: &state)
  }

  @inline(__always)
  private static func combine(_ word: UInt64, into state: inout RouteKey) {
    let a = (state.low ^ word).multipliedFullWidth(by: 0x9e37_79b9_7f4a_7c15)
    let b = (state.high ^ word).multipliedFullWidth(by: 0xd1b5_4a32_d192_ed03)
    state.low = a.high ^ a.low
    state.high = b.high ^ b.low
  }

  /// Every load stays within `count` bytes: whole words start at multiples of 8 below `count - 8`, the last one at
  /// `count - 8`; of four to seven bytes, halves start at 0 and at `count - 4`; fewer are read one by one.
  @inline(__always)
  private static func combine(_ bytes: UnsafeRawPointer, count: Int, into state: inout RouteKey) {
    var last = UInt64(0)
    if count >= 8 {
      var offset = 0
      while offset < count &- 8 {
        combine(unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self), into: &state)
        offset &+= 8
      }
      last = unsafe bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      let low = unsafe bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)
      let high = unsafe bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
      last = UInt64(low) | UInt64(high) << 32
    } else {
      for i in 0..<count { last = unsafe last << 8 | UInt64(bytes.load(fromByteOffset: i, as: UInt8.self)) }
    }
    // The count is mixed in by rotation, so that it takes no round of its own: fields of different lengths whose last
    // words agree still differ.
    combine(last ^ UInt64(truncatingIfNeeded: count) << 56 &+ UInt64(truncatingIfNeeded: count), into: &state)
  }
}
