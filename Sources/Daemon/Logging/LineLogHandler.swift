import Events
import Glibc
public import Logging
import Synchronization

/// Log lines on standard error, as logfmt or JSON, one `write` each so that lines of several threads never mix.
public struct LineLogHandler: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level {
    get { output.level }
    set { output.level = newValue }
  }
  private let output: LogOutput

  public init(output: LogOutput) { self.output = output }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    guard let suppressed = output.admits(event.level, event.message.description) else { return }
    var fields = metadata.map { ($0.key, $0.value.description) }
    fields += (event.metadata ?? [:]).map { ($0.key, $0.value.description) }
    fields.sort { $0.0 < $1.0 }
    if suppressed > 0 { fields.append(("suppressed", String(suppressed))) }
    output.write(event.level, event.message.description, fields)
  }
}

/// Where log lines go. Its level can change while the daemon runs.
public final class LogOutput: Sendable {
  private let format: Configuration.Log.Format
  private let severity: Atomic<Int>
  private let repetition = Mutex(RepetitionLimit())

  public init(level: Logger.Level, format: Configuration.Log.Format) {
    self.format = format
    severity = Atomic(Self.number(level))
  }

  public var level: Logger.Level {
    get { Logger.Level.allCases[severity.load(ordering: .relaxed)] }
    set { severity.store(Self.number(newValue), ordering: .relaxed) }
  }

  private static func number(_ level: Logger.Level) -> Int {
    Logger.Level.allCases.firstIndex(of: level) ?? 2
  }

  /// nil: not now. Else how many like it were kept back since the last that was written.
  func admits(_ level: Logger.Level, _ message: String) -> Int? {
    if level >= .critical { return 0 }
    return repetition.withLock { $0.admit(message, now: SteadyClock.now) }
  }

  func write(_ level: Logger.Level, _ message: String, _ fields: [(String, String)]) {
    let time = WallClock.text(WallClock.now)
    let line =
      switch format {
      case .json:
        "{"
          + ([("time", time), ("level", "\(level)"), ("msg", message)] + fields)
          .map { JSONText.quote($0.0) + ":" + JSONText.quote($0.1) }.joined(separator: ",") + "}\n"
      case .logfmt:
        ([("time", time), ("level", "\(level)"), ("msg", message)] + fields)
          .map { $0.0 + "=" + Self.logfmt($0.1) }.joined(separator: " ") + "\n"
      }
    let bytes = Array(line.utf8)
    // The kernel reads at most the array's own count. A log that can't be written is not worth dying for.
    _ = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  static func logfmt(_ value: String) -> String {
    let isPlain =
      !value.isEmpty
      && value.unicodeScalars.allSatisfy {
        $0.value > 0x20 && $0 != "\"" && $0 != "=" && $0 != "\\" && $0.value != 0x7f
      }
    return isPlain ? value : JSONText.quote(value)
  }
}
