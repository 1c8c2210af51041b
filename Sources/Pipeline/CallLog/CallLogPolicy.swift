/// Which calls get a row in the call log.
public struct CallLogPolicy: Sendable, Equatable {
  public enum Mode: Sendable, Equatable {
    /// Every call, up to `maxRowsPerSecond`; above it slow and failed calls, and a sample of the others.
    case all
    /// What is slow, failed, large or dear; the others leave no row and no roll-up.
    case slowAndFailed
    /// What is slow, failed, large or dear, and one of so many of the others.
    case sampled(oneOf: Int64)
    case off
  }

  public var mode = Mode.all
  /// Nanoseconds from which on a call is slow.
  public var slowLatency: Int64 = 10_000_000_000
  /// Input and output tokens from which on a call is large; nil: none is.
  public var largeTokens: Int64? = nil
  /// 1e-12 dollars from which on a call is dear; nil: none is.
  public var dearCost: Int128? = nil
  public var maxRowsPerSecond: Int64 = 5_000
  /// Keep the text of prompts and answers of the calls that are slow, failed, large or dear.
  public var capturesText = false
  /// Hold the text of the others for a while too, in case they are rated badly.
  public var capturesRatedText = false

  public init(mode: Mode = .all) { self.mode = mode }
}
