import Events
import Pricing

/// What few calls have, in few bytes: a tag, then a number or a run of bytes. Tags never change their meaning, and a
/// reader skips the ones it does not know, so that newer rows can be read by an older program.
///
///     tag 1…127      a number: zigzag, 7 bits to a byte, the lowest first
///     tag 128…255    a run of bytes: its count as a number, then the bytes
public enum CallDetail {
  enum Number: UInt8 {
    case cacheWrite1h = 1
    case cacheWrite12h, audioInput, imageInput, videoInput, cachedAudio, cachedImage
    case audioOutput, imageOutput, videoOutput, citationTokens, suspicions
    case images, characters, pages, annotatedPages, searchUnits, webSearchRequests, audioSecondsNano, videoSecondsNano
    case callerCost, providerCost, flags, serviceTier, unknownUsage
    case queueWait, retryWait, modelLoad, order, maxOutputTokens, promptLength, responseLength, temperature, topP
    case saved
    /// Only within an iteration.
    case input, cachedInput, cacheWrite, output, reasoning
    /// The parts of the cost, one tag for each `CostComponent` from here on.
    case component = 96
  }

  enum Bytes: UInt8 {
    case spanID = 128
    case responseHash, dataResidency, inferenceGeo
    /// One of an answer's separate requests: a detail of its own.
    case iteration
    case model
  }

  struct Flags: OptionSet {
    var rawValue: Int64
    static let batch = Flags(rawValue: 1)
    static let fastSpeed = Flags(rawValue: 2)
    static let providerZeroIsMeant = Flags(rawValue: 4)
    static let streamed = Flags(rawValue: 8)
    static let notStreamed = Flags(rawValue: 16)
  }
}

extension CallDetail {
  /// Whether all numbers are within what an event may hold, so that a call can be priced by them: for a detail that does
  /// not come from our own writer.
  public static func isSound(_ detail: [UInt8]) -> Bool {
    var reader = CallDetailReader(detail)
    while let item = reader.next() {
      switch item {
      case .number(let tag, let value): if !bounds(of: tag).contains(value) { return false }
      case .bytes(Bytes.iteration.rawValue, let range):
        var iteration = CallDetailReader(detail, in: range)
        while let part = iteration.next() {
          if case .number(let tag, let value) = part, !bounds(of: tag).contains(value) { return false }
        }
      case .bytes: break
      }
    }
    return true
  }

  private static func bounds(of tag: UInt8) -> ClosedRange<Int64> {
    switch Number(rawValue: tag) {
    case .temperature, .topP: .min ... .max
    // Money and times: a million dollars, and more than the seven days of an event.
    case .callerCost, .providerCost, .saved, .queueWait, .retryWait, .modelLoad, .audioSecondsNano, .videoSecondsNano:
      0...1_000_000_000_000_000_000
    case nil, .component: 0...(.max)
    default: 0...1 << 40
    }
  }
}

/// Writes a detail into a buffer that is used again for each row.
struct CallDetailWriter {
  var bytes: [UInt8] = []

  private mutating func varint(_ value: Int64) {
    var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  @inline(__always)
  mutating func add(_ tag: CallDetail.Number, _ value: Int64, unless absent: Int64 = 0) {
    if value == absent { return }
    bytes.append(tag.rawValue)
    varint(value)
  }

  @inline(__always)
  mutating func add(_ tag: CallDetail.Bytes, _ run: some Collection<UInt8>) {
    if run.isEmpty { return }
    bytes.append(tag.rawValue)
    varint(Int64(run.count))
    bytes.append(contentsOf: run)
  }

  /// An item that was read from another detail.
  mutating func addRaw(_ tag: UInt8, _ value: Int64) {
    bytes.append(tag)
    varint(value)
  }

  mutating func addRaw(_ tag: UInt8, _ run: ArraySlice<UInt8>) {
    bytes.append(tag)
    varint(Int64(run.count))
    bytes.append(contentsOf: run)
  }

  mutating func add(component: Int, _ cost: Picodollars) {
    if cost == 0 { return }
    bytes.append(CallDetail.Number.component.rawValue + UInt8(component))
    varint(Int64(clamping: cost))
  }

  mutating func addParts(of usage: Usage) {
    add(.cacheWrite1h, usage.cacheWrite1h)
    add(.cacheWrite12h, usage.cacheWrite12h)
    add(.audioInput, usage.audioInput)
    add(.imageInput, usage.imageInput)
    add(.videoInput, usage.videoInput)
    add(.cachedAudio, usage.cachedAudio)
    add(.cachedImage, usage.cachedImage)
    add(.audioOutput, usage.audioOutput)
    add(.imageOutput, usage.imageOutput)
    add(.videoOutput, usage.videoOutput)
    add(.citationTokens, usage.citationTokens)
    add(.suspicions, Int64(usage.suspicions))
    if usage.shape == .unknown { add(.unknownUsage, 1) }
  }

  mutating func add(_ units: BilledUnits) {
    add(.images, units.images)
    add(.characters, units.characters)
    add(.pages, units.pages)
    add(.annotatedPages, units.annotatedPages)
    add(.searchUnits, units.searchUnits)
    add(.webSearchRequests, units.webSearchRequests)
    add(.audioSecondsNano, units.audioSecondsNano)
    add(.videoSecondsNano, units.videoSecondsNano)
  }

  /// A detail within the detail.
  mutating func add(iteration usage: Usage, model: some Collection<UInt8>) {
    var inner = CallDetailWriter()
    inner.add(.model, model)
    inner.add(.input, usage.input)
    inner.add(.cachedInput, usage.cachedInput)
    inner.add(.cacheWrite, usage.cacheWrite)
    inner.add(.output, usage.output)
    inner.add(.reasoning, usage.reasoning)
    inner.addParts(of: usage)
    add(.iteration, inner.bytes)
  }
}

/// Reads a detail, item by item.
struct CallDetailReader {
  enum Item {
    case number(UInt8, Int64)
    case bytes(UInt8, Range<Int>)
  }
  let bytes: [UInt8]
  private var at: Int
  private let end: Int

  init(_ bytes: [UInt8], in range: Range<Int>? = nil) {
    self.bytes = bytes
    at = range?.lowerBound ?? 0
    end = range?.upperBound ?? bytes.count
  }

  /// - Returns: nil at the end, and where the bytes make no sense any more.
  mutating func next() -> Item? {
    guard at < end else { return nil }
    let tag = bytes[at]
    at += 1
    guard let value = varint() else { return nil }
    if tag < 128 { return .number(tag, value) }
    guard value >= 0, value <= Int64(end - at) else { return nil }
    let range = at..<at + Int(value)
    at = range.upperBound
    return .bytes(tag, range)
  }

  private mutating func varint() -> Int64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while at < end, shift < 64 {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7f) << shift
      if byte & 0x80 == 0 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
      shift += 7
    }
    return nil
  }
}
