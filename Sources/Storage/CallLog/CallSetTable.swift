import CallMetrics
import Events
import GRDB
import Pipeline
import Pricing

/// Numbers of the combinations that calls have in common. A call's texts are hashed as they came; only a combination
/// that was not seen since the start is made into text and looked for in the table.
struct CallSetTable {
  /// Combinations of a file at most: what is new beyond it becomes `__other__` but for model, provider and operation.
  static let limit = 65_536

  private var ids: [UInt64: Int64] = [:]
  /// Combinations in the file; nil: not counted yet.
  private var rows: Int?
  /// Secret, so that nobody outside can make two combinations the same.
  private let hash: SipHash
  private var key: [UInt8] = []
  private let labelNames: [String]

  init(hash: SipHash, labelNames: [String]) {
    self.hash = hash
    self.labelNames = labelNames
  }

  /// A transaction was rolled back: numbers may be gone again.
  mutating func forget() {
    ids.removeAll(keepingCapacity: true)
    rows = nil
  }

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
    guard let id = try number(of: set, db) else { return try find(Self.folded(set), db) }
    if ids.count < Self.limit { ids[hash] = id }
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

  /// The number of the combination; nil where it is new and the file holds as many as it may.
  private mutating func number(of set: CallSet, _ db: Database) throws -> Int64? {
    if let id = try existing(set, db) { return id }
    let count = try rows ?? Int.fetchOne(db, sql: "SELECT count(*) FROM call_sets") ?? 0
    rows = count
    guard count < Self.limit else { return nil }
    rows = count + 1
    return try find(set, db)
  }

  private func existing(_ set: CallSet, _ db: Database) throws -> Int64? {
    let condition = Self.names.map { "\($0) = ?" }.joined(separator: " AND ")
    return try Int64.fetchOne(
      db.cachedStatement(sql: "SELECT id FROM call_sets WHERE \(condition)"), arguments: Self.values(set))
  }

  private static let names = CallSet.columns.map(\.name) + ["labels"]

  private static func values(_ set: CallSet) -> StatementArguments {
    StatementArguments(CallSet.columns.map { set[keyPath: $0.path] } + [CallSetLabels.json(set.labels)])
  }

  /// The number of the combination in the file; a new one is written.
  func find(_ set: CallSet, _ db: Database) throws -> Int64 {
    if let id = try existing(set, db) { return id }
    let marks = Self.names.map { _ in "?" }.joined(separator: ", ")
    try db.cachedStatement(sql: "INSERT INTO call_sets (\(Self.names.joined(separator: ", "))) VALUES (\(marks))")
      .execute(arguments: Self.values(set))
    return db.lastInsertedRowID
  }
}

extension CallLogBatch {
  func bytes(of text: Text) -> [UInt8] {
    guard text.offset + text.count <= bytes.count else { return [] }
    return Array(bytes[text.offset..<text.offset + text.count])
  }
}
