import CallMetrics
import Events
import GRDB
import Pipeline
import Pricing

/// Numbers of the combinations that calls have in common. A call's texts are hashed as they came; only a combination
/// that was not seen since the start is made into text and looked for in the table.
struct CallSetTable {
  /// Combinations at most: beyond it everything but model, provider and operation becomes `__other__`.
  static let limit = 65_536

  private var ids: [UInt64: Int64] = [:]
  /// Secret, so that nobody outside can make two combinations the same.
  private let hash: SipHash
  private var key: [UInt8] = []
  private let labelNames: [String]

  init(hash: SipHash, labelNames: [String]) {
    self.hash = hash
    self.labelNames = labelNames
  }

  /// A transaction was rolled back: numbers may be gone again.
  mutating func forget() { ids.removeAll(keepingCapacity: true) }

  mutating func id(
    of event: LoggedEvent, in batch: CallLogBatch, pricer: inout Pricer, _ db: Database
  ) throws -> Int64 {
    key.removeAll(keepingCapacity: true)
    let texts = Self.texts(of: event.fields)
    for i in texts.indices { add(texts[i], batch) }
    for text in batch.labels(of: event) { add(text, batch) }
    let hash = hash.hash(key.span)
    if let id = ids[hash] { return id }
    let set = describe(event, in: batch, &pricer)
    let id = try find(ids.count < Self.limit ? set : Self.folded(set), db)
    ids[hash] = id
    return id
  }

  /// Each text with its length, so that no two combinations read the same.
  @inline(__always)
  private mutating func add(_ text: Text, _ batch: CallLogBatch) {
    key.append(UInt8(truncatingIfNeeded: text.count))
    key.append(UInt8(truncatingIfNeeded: text.count >> 8))
    if !text.isEmpty { key.append(contentsOf: batch.bytes[text.offset..<text.offset + text.count]) }
  }

  private static func texts(of fields: EventFields) -> [14 of Text] {
    [
      fields.requestModel, fields.model, fields.provider, fields.operation, fields.application, fields.team,
      fields.environment, fields.function, fields.promptName, fields.promptVersion, fields.version,
      fields.serviceTierText, fields.region, fields.fallbackFrom,
    ]
  }

  // MARK: New combinations

  private func describe(_ event: LoggedEvent, in batch: CallLogBatch, _ pricer: inout Pricer) -> CallSet {
    func mended(_ text: Text) -> String { LabelText.mend(batch.bytes(of: text)).value }
    let fields = event.fields
    var copy = Event()
    copy.fields = fields
    let resolution = pricer.resolve(copy, in: batch.bytes.span)
    var set = CallSet()
    set.model = LabelText.mend(Array(resolution.model.utf8)).value
    set.responseModel = mended(fields.model)
    set.requestModel = mended(fields.requestModel)
    set.provider = LabelText.mend(Array(resolution.provider.utf8)).value
    set.operation = fields.operation.isEmpty ? "chat" : mended(fields.operation)
    set.application = mended(fields.application)
    set.team = mended(fields.team)
    set.environment = mended(fields.environment)
    set.function = mended(fields.function)
    set.promptName = mended(fields.promptName)
    set.promptVersion = mended(fields.promptVersion)
    set.version = mended(fields.version)
    set.serviceTier = mended(fields.serviceTierText)
    set.region = mended(fields.region)
    set.fallbackFrom = mended(fields.fallbackFrom)
    set.labels = zip(labelNames, batch.labels(of: event))
      .filter { !$0.1.isEmpty }
      .map { CallSet.Label(key: $0.0, value: mended($0.1)) }
      .sorted { $0.key < $1.key }
    return set
  }

  private static func folded(_ set: CallSet) -> CallSet {
    var folded = CallSet()
    folded.model = set.model
    folded.provider = set.provider
    folded.operation = set.operation
    folded.application = LabelText.other
    return folded
  }

  /// The number of the combination in the file; a new one is written.
  func find(_ set: CallSet, _ db: Database) throws -> Int64 {
    let columns = CallSet.columns
    let names = columns.map(\.name) + ["labels"]
    let values = StatementArguments(columns.map { set[keyPath: $0.path] } + [CallSetLabels.json(set.labels)])
    let condition = names.map { "\($0) = ?" }.joined(separator: " AND ")
    if let id = try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM call_sets WHERE \(condition)"), arguments: values)
    {
      return id
    }
    let marks = names.map { _ in "?" }.joined(separator: ", ")
    try db.cachedStatement(sql: "INSERT INTO call_sets (\(names.joined(separator: ", "))) VALUES (\(marks))")
      .execute(arguments: values)
    return db.lastInsertedRowID
  }
}

extension CallLogBatch {
  func bytes(of text: Text) -> [UInt8] {
    guard text.offset + text.count <= bytes.count else { return [] }
    return Array(bytes[text.offset..<text.offset + text.count])
  }
}
