/// A run of bytes that belongs to an event: in the event's own line or, where a JSON string held
/// escapes, unescaped in `Event.scratch`. Means nothing without the event and the line it came from.
@frozen public struct Text: Equatable, Sendable, BitwiseCopyable {
  /// Low 32 bits: offset. Next 31: count. Top bit: the bytes are in the scratch.
  @usableFromInline var word: UInt64

  @inlinable public init(offset: Int, count: Int, inScratch: Bool = false) {
    word =
      UInt64(truncatingIfNeeded: offset) & 0xffff_ffff
      | (UInt64(truncatingIfNeeded: count) & 0x7fff_ffff) << 32
      | (inScratch ? 1 << 63 : 0)
  }
  @inlinable public static var absent: Text { Text(offset: 0, count: 0) }
  @inlinable public var offset: Int { Int(word & 0xffff_ffff) }
  @inlinable public var count: Int { Int((word >> 32) & 0x7fff_ffff) }
  @inlinable public var inScratch: Bool { word >> 63 == 1 }
  /// An absent field and an empty string mean the same everywhere.
  @inlinable public var isEmpty: Bool { count == 0 }
}

/// Tokens and other billed things of one request, normalised: the parts lie inside the wholes.
public struct Usage: Equatable, Sendable, BitwiseCopyable {
  public var shape: UsageShape = .absent
  /// All input tokens, cached and cache-written ones included. At most 2^40, as all token counts.
  public var input: Int64 = 0
  /// Of `input`: read from the provider's cache.
  public var cachedInput: Int64 = 0
  /// Of `input`: written to the provider's cache, whatever the time to live.
  public var cacheWrite: Int64 = 0
  /// Of `cacheWrite`: to live 1 hour, and 12 hours. The rest is the provider's short default.
  public var cacheWrite1h: Int64 = 0
  public var cacheWrite12h: Int64 = 0
  /// All output tokens, reasoning included.
  public var output: Int64 = 0
  /// Of `output`.
  public var reasoning: Int64 = 0
  /// Of `input`, by modality; the rest is text. `cachedAudio` and `cachedImage` are parts of `cachedInput` too.
  public var audioInput: Int64 = 0
  public var imageInput: Int64 = 0
  public var videoInput: Int64 = 0
  public var cachedAudio: Int64 = 0
  public var cachedImage: Int64 = 0
  /// Of `output`, by modality.
  public var audioOutput: Int64 = 0
  public var imageOutput: Int64 = 0
  public var videoOutput: Int64 = 0
  /// Billed beside the tokens by some (Perplexity).
  public var citationTokens: Int64 = 0
  /// Impossible counts that were clamped: a bit per `UsageSuspicion`.
  public var suspicions: UInt8 = 0

  public init() {}
}

/// One of the separate requests inside one Anthropic answer: priced by its own model, by itself.
public struct Iteration: Equatable, Sendable, BitwiseCopyable {
  /// Absent: the model of the event.
  public var model: Text
  public var usage: Usage
  public init(model: Text, usage: Usage) {
    self.model = model
    self.usage = usage
  }
}

/// What is billed and is no token. Counts are whole; the `Nano` ones are in 1e-9 of their unit.
public struct BilledUnits: Equatable, Sendable, BitwiseCopyable {
  public var images: Int64 = 0
  public var characters: Int64 = 0
  public var pages: Int64 = 0
  public var annotatedPages: Int64 = 0
  public var searchUnits: Int64 = 0
  public var webSearchRequests: Int64 = 0
  public var audioSecondsNano: Int64 = 0
  public var videoSecondsNano: Int64 = 0
  public init() {}
}

/// One event, decoded. A value of one decode: it borrows the line it was decoded from, and both it and
/// the line are overwritten by the next one. Made once per thread and used again, so that decoding in
/// the steady state allocates nothing.
///
/// Times are in nanoseconds, money is in 1e-12 US dollars, both as integers; -1 means absent.
public struct Event: ~Copyable {
  /// Unescaped bytes of those texts that held escapes.
  public var scratch: [UInt8] = []
  /// The separate requests of an answer with Anthropic `iterations`; empty otherwise. `usage` is their sum.
  public var iterations: [Iteration] = []
  /// Scalars of the free `labels` object that `DecoderOptions.labelKeys` names, by index of the key.
  public var labels: [Text] = []
  /// Everything else.
  public var fields = EventFields()
  /// What the scanner found, before it was judged.
  var tape = Tape()
  /// How the lines before looked.
  var shapes = ShapeMemory()
  /// Where in the line the usage object stands that is on the tape.
  var usagePlace = Text.absent

  public init() {}

  /// The bytes of a text.
  @inlinable @inline(__always)
  public func withBytes<R>(
    of text: Text, in line: Span<UInt8>, _ body: (Span<UInt8>) -> R
  ) -> R {
    // Apart: the rare path would otherwise cost the frequent one a copy of the event.
    if text.inScratch { return Event.withScratch(scratch, text, body) }
    return body(line.extracting(text.offset..<(text.offset &+ text.count)))
  }

  @inlinable @inline(never)
  static func withScratch<R>(_ scratch: [UInt8], _ text: Text, _ body: (Span<UInt8>) -> R) -> R {
    body(scratch.span.extracting(text.offset..<(text.offset &+ text.count)))
  }

  /// Adds the bytes of a text to a buffer.
  @inlinable @inline(__always)
  public func append(_ text: Text, in line: Span<UInt8>, to buffer: inout [UInt8]) {
    withBytes(of: text, in: line) { bytes in
      for i in bytes.indices { buffer.append(bytes[i]) }
    }
  }

  /// The text as a String, bad UTF-8 mended. Allocates: not for the hot path.
  public func string(_ text: Text, in line: Span<UInt8>) -> String {
    var bytes: [UInt8] = []
    append(text, in: line, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The fixed-size part of an event.
public struct EventFields: Sendable {
  public var kind = EventKind.call

  // Which call this was.
  public var model = Text.absent
  public var requestModel = Text.absent
  public var provider = Text.absent
  public var operation = Text.absent
  public var id = Text.absent
  public var traceID = Text.absent
  public var spanID = Text.absent

  // Who made it.
  public var user = Text.absent
  public var session = Text.absent
  public var application = Text.absent
  public var team = Text.absent
  public var environment = Text.absent
  public var function = Text.absent
  public var promptName = Text.absent
  public var promptVersion = Text.absent
  public var version = Text.absent
  public var promptHash = Text.absent
  public var responseHash = Text.absent
  public var fallbackFrom = Text.absent

  // How it ended. `status` is decided already: stated, or derived from the evidence.
  public var status = CallStatus.success
  public var errorType: ErrorType? = nil
  public var httpStatus: Int32 = -1
  public var finishReason: FinishReason? = nil
  public var cache: CacheResult? = nil
  public var stream: Bool? = nil
  /// 1 is the first try.
  public var attempt: Int32 = 1
  /// The event stands for so many calls, 1…10,000.
  public var weight: Int64 = 1
  public var order: Int64 = -1

  // Nanoseconds; -1 is absent. `timestamp` is since 1970.
  public var timestamp: Int64 = -1
  public var latency: Int64 = -1
  public var timeToFirstToken: Int64 = -1
  public var queueWait: Int64 = -1
  public var retryWait: Int64 = -1
  public var modelLoad: Int64 = -1

  // What it used and what it cost.
  public var usage = Usage()
  public var units = BilledUnits()
  /// 1e-12 dollars; -1 is absent. What the caller states, and what the provider states inside `usage`.
  public var callerCost: Int64 = -1
  public var providerCost: Int64 = -1
  /// OpenRouter without `is_byok`: a stated 0 is meant.
  public var providerZeroIsMeant = false
  public var serviceTier = ServiceTier.unspecified
  public var serviceTierText = Text.absent
  public var batch = false
  public var region = Text.absent
  public var dataResidency = Text.absent
  public var inferenceGeo = Text.absent
  /// Anthropic `usage.speed` is "fast".
  public var fastSpeed = false

  // Columns of the call log.
  public var temperature = Double.nan
  public var topP = Double.nan
  public var maxOutputTokens: Int64 = -1
  public var promptLength: Int64 = -1
  public var responseLength: Int64 = -1
  /// Raw JSON of `messages`/`prompt`/`input` and of `response`/`output`, only with text capture on.
  public var promptText = Text.absent
  public var responseText = Text.absent

  // Feedback, scores and gauges.
  public var rating: Rating? = nil
  public var category = FaultCategory.none
  public var comment = Text.absent
  /// Name of a score.
  public var name = Text.absent
  public var evaluator: Evaluator? = nil
  /// A judgement scaled to 0…1, in 1e-9; -1 is absent.
  public var scoreNano: Int64 = -1
  public var gauge: GaugeName? = nil
  public var gaugeValue = Double.nan
  /// The gauge's own label: `queue`, `kind`, `device` or `process`.
  public var gaugeLabel = Text.absent

  public init() {}
}
