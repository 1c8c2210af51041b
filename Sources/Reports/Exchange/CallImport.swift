import Events
import Foundation
import Pricing
public import Storage

/// Takes lines of NDJSON or CSV in again. What was exported comes back as the same rows; a line that is not of an export,
/// or is damaged, is counted and left out.
public struct CallImport {
  public private(set) var added = 0
  public private(set) var known = 0
  public private(set) var refused = 0
  public private(set) var judgementsAdded = 0
  public private(set) var judgementsKnown = 0
  private var waiting: [(call: StoredCall, set: CallSet, version: String)] = []
  private var waitingJudgements: [(judgement: StoredJudgement, set: CallSet?)] = []
  /// The columns, where the lines are of CSV.
  private var table: CSVTable?
  /// Only calls of this time are taken, in nanoseconds since 1970; nil: all.
  public var range: Range<Int64>?
  private let editor: CallLogEditor

  public init(_ editor: CallLogEditor) { self.editor = editor }

  public mutating func take(_ line: String) throws {
    if CSVTable.isHead(line) {
      table = CSVTable(head: line)
      return
    }
    if table == nil, line.allSatisfy(\.isWhitespace) { return }
    let object: [String: Any]?
    if table != nil {
      guard let row = table?.row(line) else { return }
      object = CallColumns.object(row)
    } else {
      object = (try? JSONSerialization.jsonObject(with: Data(line.utf8))) as? [String: Any]
    }
    try take(object ?? [:])
  }

  private mutating func take(_ object: [String: Any]) throws {
    if let record = JudgementRecord.parse(object) {
      if range?.contains(record.judgement.time) ?? true { waitingJudgements.append(record) }
    } else if let record = Self.parse(object) {
      if range?.contains(record.call.time) ?? true { waiting.append(record) }
    } else {
      refused += 1
    }
    if waiting.count + waitingJudgements.count >= 500 { try write() }
  }

  /// Writes what still waits.
  public mutating func finish() throws {
    // A record that was begun and never ended.
    if table?.isWithinRow == true { refused += 1 }
    table = nil
    try write()
  }

  private mutating func write() throws {
    let new = try editor.add(waiting)
    added += new
    known += waiting.count - new
    waiting.removeAll(keepingCapacity: true)
    let newJudgements = try editor.add(waitingJudgements)
    judgementsAdded += newJudgements
    judgementsKnown += waitingJudgements.count - newJudgements
    waitingJudgements.removeAll(keepingCapacity: true)
  }

  /// What no export of ours exceeds. A file from elsewhere must not bring numbers that nothing can count with.
  enum Bounds {
    /// The year 2116.
    static let key = 0...Int64.max / 2
    /// An event stands for 10,000 calls at most, a row of a sample for so many events.
    static let weight: ClosedRange<Int64> = 1...1_000_000_000
    static let tokens: ClosedRange<Int64> = 0...1 << 40
  }

  static func parse(_ object: [String: Any]) -> (call: StoredCall, set: CallSet, version: String)? {
    guard let log = object["log"] as? [String: Any], let key = log["key"] as? Int64, Bounds.key.contains(key),
      let cost = (log["cost_dollars"] as? String).flatMap({ Dollars.parse($0) }),
      let verdict = verdict(log)
    else { return nil }
    func text(_ name: String, in object: [String: Any]) -> String { object[name] as? String ?? "" }
    func number(_ name: String, else absent: Int64) -> Int64 { (object[name] as? NSNumber)?.int64Value ?? absent }
    /// The log keeps whole microseconds.
    func milliseconds(_ name: String) -> Int64 {
      guard let value = (object[name] as? NSNumber)?.doubleValue, (0...1e12).contains(value) else { return -1 }
      return Int64((value * 1000).rounded()) * 1000
    }
    var call = StoredCall()
    call.key = key
    call.cost = cost
    call.verdict = verdict
    call.detail = Hex.bytes(text("detail", in: log)) ?? []
    if text("status", in: object) == "error" {
      let type = ErrorType.allCases.first { $0.label == text("error_type", in: object) } ?? .other
      call.outcome = 1 + type.rawValue
    }
    call.httpStatus = number("http_status", else: -1)
    call.finishReason = FinishReason.allCases.first { $0.label == text("finish_reason", in: object) }
    call.cache = CacheResult.allCases.first { $0.label == text("cache", in: object) }
    call.attempt = number("attempt", else: 1)
    call.weight = number("weight", else: 1)
    call.latency = milliseconds("latency_ms")
    call.timeToFirstToken = milliseconds("ttft_ms")
    if object["input_tokens"] != nil {
      call.usage.shape = .known
      call.usage.input = number("input_tokens", else: 0)
      call.usage.output = number("output_tokens", else: 0)
      call.usage.cachedInput = number("cached_input_tokens", else: 0)
      call.usage.cacheWrite = number("cache_write_tokens", else: 0)
      call.usage.reasoning = number("reasoning_tokens", else: 0)
    }
    call.user = text("user", in: object)
    call.session = text("session", in: object)
    call.callID = text("id", in: object)
    call.traceID = text("trace_id", in: object)
    call.promptHash = text("prompt_hash", in: object)
    guard Bounds.weight.contains(call.weight), isSound(call.usage), CallDetail.isSound(call.detail) else { return nil }
    return (call, set(object, log), text("price_version", in: log))
  }

  private static func isSound(_ usage: Usage) -> Bool {
    [usage.input, usage.output, usage.cachedInput, usage.cacheWrite, usage.reasoning]
      .allSatisfy(Bounds.tokens.contains)
  }

  static func set(_ object: [String: Any], _ log: [String: Any]) -> CallSet {
    var set = CallSet()
    for (name, path) in CallSet.columns {
      let source = name == "response_model" ? "model" : name
      set[keyPath: path] = (name == "model" ? log[source] : object[source]) as? String ?? ""
    }
    let labels = object["labels"] as? [String: Any] ?? [:]
    set.labels = labels.compactMap { key, value in (value as? String).map { .init(key: key, value: $0) } }
      .sorted { $0.key < $1.key }
    return set
  }

  private static func verdict(_ log: [String: Any]) -> CallCost.Verdict? {
    if let name = log["priced_by"] as? String {
      return CostSource.allCases.first { $0.label == name }.map { .priced($0) }
    }
    let reason = UnpricedReason.allCases.first { $0.label == log["unpriced_for"] as? String }
    return reason.map { .unpriced($0) }
  }
}
