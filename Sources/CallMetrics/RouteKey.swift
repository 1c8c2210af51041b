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
/// Source of the mixing step: W. Yi, wyhash (public domain): fold the 128-bit product of two 64-bit words. Both factors
/// hold a secret, so that nobody can make a product zero and with it forget what was mixed in before.
struct RouteKeyMaker: Sendable {
  private let seed: RouteKey
  private let secret: RouteKey

  init() {
    seed = RouteKey(low: .random(in: .min ... .max), high: .random(in: .min ... .max))
    secret = RouteKey(low: .random(in: .min ... .max), high: .random(in: .min ... .max))
  }

  /// The key of a call.
  ///
  /// - Parameter labels: the fields behind those that decide the price: models, provider, operation, region, residency.
  func key(ofCall event: borrowing Event, in line: Span<UInt8>, _ labels: [KeyField]) -> RouteKey {
    var state = seed
    unsafe event.scratch.withUnsafeBytes { scratch in
      unsafe line.withUnsafeBytes { line in
        unsafe combine(event.fields.requestModel, line, scratch, into: &state)
        unsafe combine(event.fields.model, line, scratch, into: &state)
        unsafe combine(event.fields.provider, line, scratch, into: &state)
        unsafe combine(event.fields.operation, line, scratch, into: &state)
        unsafe combine(event.fields.region, line, scratch, into: &state)
        unsafe combine(event.fields.dataResidency, line, scratch, into: &state)
        for i in labels.indices { unsafe combine(labels[i].text(of: event), line, scratch, into: &state) }
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
        unsafe combine(text, line, scratch, into: &state)
      }
    }
    return state == .none ? RouteKey(low: 1, high: 0) : state
  }

  @inline(__always)
  private func combine(
    _ text: Text, _ line: UnsafeRawBufferPointer, _ scratch: UnsafeRawBufferPointer, into state: inout RouteKey
  ) {
    let buffer = unsafe text.inScratch ? scratch : line
    guard !text.isEmpty, text.offset &+ text.count <= buffer.count, let base = buffer.baseAddress else {
      state.low &+= 0x9e37_79b9_7f4a_7c15
      return
    }
    unsafe combine(base + text.offset, count: text.count, into: &state)
  }

  /// Mixes in sixteen bytes, or fewer, as two words.
  @inline(__always)
  private func combine(_ first: UInt64, _ second: UInt64, into state: inout RouteKey) {
    let a = (state.low ^ first).multipliedFullWidth(by: secret.low ^ second)
    let b = (state.high ^ second).multipliedFullWidth(by: secret.high ^ first)
    state.low = a.high ^ a.low
    state.high = b.high ^ b.low
  }

  /// Every load stays within `count` bytes: pairs of words start at multiples of 16 below `count - 16`, the last pair
  /// lies at 0 or `count - 16` and at `count - 8`; of four to seven bytes, halves start at 0 and at `count - 4`; fewer
  /// are read one by one.
  @inline(__always)
  private func combine(_ bytes: UnsafeRawPointer, count: Int, into state: inout RouteKey) {
    var first = UInt64(0)
    var last = UInt64(0)
    if count >= 8 {
      var offset = 0
      while offset < count &- 16 {
        combine(
          unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self),
          unsafe bytes.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self), into: &state)
        offset &+= 16
      }
      first = unsafe bytes.loadUnaligned(fromByteOffset: max(0, count &- 16), as: UInt64.self)
      last = unsafe bytes.loadUnaligned(fromByteOffset: count &- 8, as: UInt64.self)
    } else if count >= 4 {
      first = unsafe UInt64(bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
      last = unsafe UInt64(bytes.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self))
    } else {
      for i in 0..<count { last = unsafe last << 8 | UInt64(bytes.load(fromByteOffset: i, as: UInt8.self)) }
    }
    // The count takes no round of its own. Times a secret, so that no choice of bytes makes up for a different length.
    let length = UInt64(truncatingIfNeeded: count) &* (secret.low | 1)
    state.low ^= length
    state.high &+= length
    combine(first, last, into: &state)
  }
}
