import CallMetrics
import Events
import GRDB
import Pipeline
import Pricing

/// The row as SQL has it.
enum CallRow {
  static let insert = """
    INSERT INTO calls (key, set_id, weight, outcome, http_status, finish_reason, cache, attempt, price, price_version,
      latency, ttft, input, cached_input, cache_write, output, reasoning, cost, user, session, call_id, trace_id,
      prompt_hash, detail)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
      ?24)
    """
}

/// Writes rows of `calls`. Lives for one commit.
///
/// Unsafe for the statement: the batch's bytes stay where they are while the rows are written, because the batch is
/// borrowed for the closure in which `base` is valid.
@unsafe struct CallInsert {
  /// Texts of a row are cut here, as labels are.
  static let maxTextBytes = 128

  let statement: RawStatement
  let base: UnsafeRawBufferPointer
  let priceVersion: Int64

  init(_ db: Database, base: UnsafeRawBufferPointer, priceVersion: Int64) throws {
    unsafe statement = try RawStatement(db, CallRow.insert)
    unsafe self.base = unsafe base
    unsafe self.priceVersion = priceVersion
  }

  /// - Parameters:
  ///   - user: as it is written: hashed, or not.
  ///   - detail: what few calls have.
  /// - Returns: false where the key is taken.
  func write(
    _ event: LoggedEvent, key: Int64, set: Int64, user: UnsafeRawBufferPointer, detail: UnsafeRawBufferPointer
  ) throws -> Bool {
    let fields = event.fields
    unsafe statement.bind(1, key)
    unsafe statement.bind(2, set)
    unsafe statement.bind(3, event.weight)
    unsafe statement.bind(4, Int64(CallOutcome.number(fields)))
    unsafe statement.bind(5, present: Int64(fields.httpStatus))
    unsafe statement.bind(6, present: fields.finishReason.map { Int64($0.rawValue) } ?? -1)
    unsafe statement.bind(7, present: fields.cache.map { Int64($0.rawValue) } ?? -1)
    unsafe statement.bind(8, Int64(fields.attempt))
    unsafe statement.bind(9, PriceVerdict.number(event.cost.verdict))
    unsafe statement.bind(10, priceVersion)
    unsafe statement.bind(11, present: fields.latency < 0 ? -1 : fields.latency / 1000)
    unsafe statement.bind(12, present: fields.timeToFirstToken < 0 ? -1 : fields.timeToFirstToken / 1000)
    if fields.usage.shape == .known {
      unsafe statement.bind(13, fields.usage.input)
      unsafe statement.bind(14, fields.usage.cachedInput)
      unsafe statement.bind(15, fields.usage.cacheWrite)
      unsafe statement.bind(16, fields.usage.output)
      unsafe statement.bind(17, fields.usage.reasoning)
    } else {
      for index: Int32 in 13...17 { unsafe statement.bindNull(index) }
    }
    // A stated cost is at most a million dollars; 9 million by the table are a table's fault, and clamped.
    unsafe statement.bind(18, Int64(clamping: event.cost.total))
    unsafe statement.bind(19, text: user)
    unsafe statement.bind(20, text: text(fields.session))
    unsafe statement.bind(21, text: text(fields.id))
    unsafe statement.bind(22, text: text(fields.traceID))
    unsafe statement.bind(23, text: text(fields.promptHash))
    unsafe statement.bind(24, blob: detail)
    return try unsafe statement.run()
  }

  /// A text of the batch, cut at a character's boundary.
  @inline(__always)
  func text(_ text: Text) -> UnsafeRawBufferPointer {
    guard !text.isEmpty, unsafe text.offset &+ text.count <= base.count else {
      return unsafe UnsafeRawBufferPointer(start: nil, count: 0)
    }
    var count = text.count
    if unsafe count > Self.maxTextBytes {
      count = unsafe Self.maxTextBytes
      while count > 0, unsafe base[text.offset + count] & 0xc0 == 0x80 { count -= 1 }
    }
    return unsafe UnsafeRawBufferPointer(rebasing: base[text.offset..<text.offset + count])
  }
}

/// How a call ended, as one number: 0 is success, else 1 + the number of the error type.
public enum CallOutcome {
  static func number(_ fields: EventFields) -> UInt8 {
    fields.status == .success ? 0 : 1 + (fields.errorType ?? .other).rawValue
  }
}

/// Who said what a call cost, or why nobody did, as one number.
enum PriceVerdict {
  static func number(_ verdict: CallCost.Verdict) -> Int64 {
    switch verdict {
    case .priced(let source): Int64(source.rawValue)
    case .unpriced(let reason): 16 + Int64(reason.rawValue)
    }
  }

  static func verdict(_ number: Int64) -> CallCost.Verdict {
    if let raw = UInt8(exactly: number), let source = CostSource(rawValue: raw) { return .priced(source) }
    if let raw = UInt8(exactly: number - 16), let reason = UnpricedReason(rawValue: raw) { return .unpriced(reason) }
    return .unpriced(.unknownModel)
  }
}
