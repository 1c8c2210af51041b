/// What the call log keeps, and for how long.
public struct CallLogConfiguration: Sendable {
  /// 16 secret bytes; user ids are written as SipHash-2-4 of them. nil: as they are.
  public var userHashKey: [UInt8]?
  /// Names of the free labels, in the order in which the decoder was told to look for them.
  public var labelNames: [String] = []
  /// Nanoseconds for which a call keeps its row. Default: 30 days.
  public var callRetention: Int64 = 30 * 86_400_000_000_000
  /// Hours for which the sums are kept. Default: 13 months, so that a month can be compared with the same month of
  /// the year before.
  public var hourRetention: Int64 = 13 * 31 * 24
  /// Nanoseconds for which captured text is kept. Default: 7 days.
  public var textRetention: Int64 = 7 * 86_400_000_000_000
  /// Bytes of the whole file, beyond which the oldest calls go before their time. Default: 4 GiB.
  public var maxFileBytes: Int64 = 4 << 30
  /// What is kept of a captured text.
  public var redaction = Redaction()

  public init(userHashKey: [UInt8]? = nil) { self.userHashKey = userHashKey }
}
