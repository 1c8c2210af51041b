// The closed sets of words an event can mean. Raw values index tables and counters, so their order is
// part of the stored state: add at the end, never reorder. `label` is the word that is exposed.

/// A closed set whose values number themselves from 0 without gaps.
public protocol ClosedSet: CaseIterable, RawRepresentable, Sendable where RawValue == UInt8, AllCases == [Self] {
  /// The value as it stands in a metric label.
  var label: String { get }
}

@frozen public enum EventKind: UInt8, ClosedSet, BitwiseCopyable {
  case call, start, feedback, score, flush, gauge

  public var label: String {
    switch self {
    case .call: "call"
    case .start: "start"
    case .feedback: "feedback"
    case .score: "score"
    case .flush: "flush"
    case .gauge: "gauge"
    }
  }
}

@frozen public enum CallStatus: UInt8, ClosedSet, BitwiseCopyable {
  case success, error
  public var label: String { self == .success ? "success" : "error" }
}

/// Why a call failed: every provider's words folded into thirteen.
@frozen public enum ErrorType: UInt8, ClosedSet, BitwiseCopyable {
  case rateLimit, quota, timeout, contextLength, contentFilter, auth, invalidRequest
  case notFound, overloaded, serverError, connection, cancelled, other

  public var label: String {
    switch self {
    case .rateLimit: "rate_limit"
    case .quota: "quota"
    case .timeout: "timeout"
    case .contextLength: "context_length"
    case .contentFilter: "content_filter"
    case .auth: "auth"
    case .invalidRequest: "invalid_request"
    case .notFound: "not_found"
    case .overloaded: "overloaded"
    case .serverError: "server_error"
    case .connection: "connection"
    case .cancelled: "cancelled"
    case .other: "other"
    }
  }
}

/// How an answer ended.
@frozen public enum FinishReason: UInt8, ClosedSet, BitwiseCopyable {
  case stop, length, toolCalls, contentFilter, error, other

  public var label: String {
    switch self {
    case .stop: "stop"
    case .length: "length"
    case .toolCalls: "tool_calls"
    case .contentFilter: "content_filter"
    case .error: "error"
    case .other: "other"
    }
  }
}

/// The application's own response cache.
@frozen public enum CacheResult: UInt8, ClosedSet, BitwiseCopyable {
  case hit, miss
  public var label: String { self == .hit ? "hit" : "miss" }
}

@frozen public enum Rating: UInt8, ClosedSet, BitwiseCopyable {
  case positive, negative, neutral

  public var label: String {
    switch self {
    case .positive: "positive"
    case .negative: "negative"
    case .neutral: "neutral"
    }
  }
}

/// What a judge found wrong with an answer; `none` where no category was given.
@frozen public enum FaultCategory: UInt8, ClosedSet, BitwiseCopyable {
  case none, factual, grammar, bias, offTopic, safety, other

  public var label: String {
    switch self {
    case .none: ""
    case .factual: "factual"
    case .grammar: "grammar"
    case .bias: "bias"
    case .offTopic: "off_topic"
    case .safety: "safety"
    case .other: "other"
    }
  }
}

@frozen public enum Evaluator: UInt8, ClosedSet, BitwiseCopyable {
  case user, model, expert, rule

  public var label: String {
    switch self {
    case .user: "user"
    case .model: "model"
    case .expert: "expert"
    case .rule: "rule"
    }
  }
}

/// The levels an application may report with `gauge` events: a closed list.
@frozen public enum GaugeName: UInt8, ClosedSet, BitwiseCopyable {
  case queueDepth, ratelimitRemaining, gpuUtilizationRatio, gpuMemoryUsedBytes, memoryUsedBytes

  /// The name as events carry it, with or without the prefix `llm_`.
  public var label: String {
    switch self {
    case .queueDepth: "queue_depth"
    case .ratelimitRemaining: "ratelimit_remaining"
    case .gpuUtilizationRatio: "gpu_utilization_ratio"
    case .gpuMemoryUsedBytes: "gpu_memory_used_bytes"
    case .memoryUsedBytes: "memory_used_bytes"
    }
  }
}

/// What a provider's or framework's `usage` object looked like (which decides whether cached tokens
/// are part of the input or come on top).
@frozen public enum UsageShape: UInt8, Sendable, BitwiseCopyable {
  /// No usage at all.
  case absent
  /// A usage object of which no key is known: the tokens are unknown, not zero.
  case unknown
  /// Token counts were understood.
  case known
}

/// Impossible usage that was clamped.
@frozen public enum UsageSuspicion: UInt8, ClosedSet, BitwiseCopyable {
  /// More cached (or cache-written) tokens than input.
  case cachedExceedsInput
  /// Reasoning, audio or image tokens exceed the output they are part of.
  case partsExceedOutput
  /// Audio, image or video tokens exceed the input they are part of.
  case partsExceedInput
  /// `total_tokens` fits no reading of the parts.
  case totalMismatch

  public var label: String {
    switch self {
    case .cachedExceedsInput: "cached_exceeds_input"
    case .partsExceedOutput: "parts_exceed_output"
    case .partsExceedInput: "parts_exceed_input"
    case .totalMismatch: "total_mismatch"
    }
  }
}

/// The tier that served a call, where it can change the price. A word that is no tier's, such as
/// the `auto` of a request, leaves it `unspecified`.
@frozen public enum ServiceTier: UInt8, Sendable, BitwiseCopyable {
  case unspecified, standard, flex, priority, batch, balanced, ultrafast
}

/// Why an event was not counted.
@frozen public enum RejectReason: UInt8, ClosedSet, BitwiseCopyable {
  case invalidJSON, missingField, badField, unknownEvent, tooLong

  public var label: String {
    switch self {
    case .invalidJSON: "invalid_json"
    case .missingField: "missing_field"
    case .badField: "bad_field"
    case .unknownEvent: "unknown_event"
    case .tooLong: "too_long"
    }
  }
}

/// A rejected event: why, and where in its line.
public struct Reject: Error, Equatable, Sendable {
  public var reason: RejectReason
  /// Byte offset into the line at which the fault was found.
  public var position: Int
  /// The field in question, or the rule that was broken: a constant of the decoder, never a part of the event.
  public var detail: StaticText

  public init(_ reason: RejectReason, at position: Int, _ detail: StaticString) {
    self.reason = reason
    self.position = position
    self.detail = StaticText(detail)
  }
}

/// A constant text that is compared by content.
public struct StaticText: Equatable, Sendable, CustomStringConvertible {
  private let text: StaticString
  init(_ text: StaticString) { self.text = text }
  public var description: String { text.description }
  public static func == (a: StaticText, b: StaticText) -> Bool { a.description == b.description }
}
