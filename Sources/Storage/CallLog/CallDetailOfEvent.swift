import Events
import Pipeline
import Pricing

extension CallDetailWriter {
  /// What the columns of a call's row do not hold: enough, with them, to price the call again.
  mutating func describe(_ event: LoggedEvent, in batch: CallLogBatch) {
    bytes.removeAll(keepingCapacity: true)
    let fields = event.fields
    addParts(of: fields.usage)
    add(fields.units)
    add(.callerCost, fields.callerCost, unless: -1)
    add(.providerCost, fields.providerCost, unless: -1)
    var flags: CallDetail.Flags = []
    if fields.batch { flags.insert(.batch) }
    if fields.fastSpeed { flags.insert(.fastSpeed) }
    if fields.providerZeroIsMeant { flags.insert(.providerZeroIsMeant) }
    if let stream = fields.stream { flags.insert(stream ? .streamed : .notStreamed) }
    add(.flags, flags.rawValue)
    add(.serviceTier, Int64(fields.serviceTier.rawValue))
    add(.queueWait, fields.queueWait, unless: -1)
    add(.retryWait, fields.retryWait, unless: -1)
    add(.modelLoad, fields.modelLoad, unless: -1)
    add(.order, fields.order, unless: -1)
    add(.maxOutputTokens, fields.maxOutputTokens, unless: -1)
    add(.promptLength, fields.promptLength, unless: -1)
    add(.responseLength, fields.responseLength, unless: -1)
    if !fields.temperature.isNaN { add(.temperature, Int64(bitPattern: fields.temperature.bitPattern), unless: -1) }
    if !fields.topP.isNaN { add(.topP, Int64(bitPattern: fields.topP.bitPattern), unless: -1) }
    if event.cost.total != 0 {
      for i in event.cost.components.indices { add(component: i, event.cost.components[i]) }
    }
    add(.saved, Int64(clamping: event.cost.saved))
    addTexts(event, in: batch)
  }

  private mutating func addTexts(_ event: LoggedEvent, in batch: CallLogBatch) {
    let fields = event.fields
    add(.spanID, batch.cut(fields.spanID))
    add(.responseHash, batch.cut(fields.responseHash))
    add(.dataResidency, batch.cut(fields.dataResidency))
    add(.inferenceGeo, batch.cut(fields.inferenceGeo))
    for iteration in batch.iterations(of: event) {
      add(iteration: iteration.usage, model: batch.cut(iteration.model))
    }
  }
}

extension CallLogBatch {
  /// At most 128 bytes of a text.
  @inline(__always)
  func cut(_ text: Text) -> ArraySlice<UInt8> {
    let end = text.offset &+ min(text.count, 128)
    return text.isEmpty || end > bytes.count ? [] : bytes[text.offset..<end]
  }
}
