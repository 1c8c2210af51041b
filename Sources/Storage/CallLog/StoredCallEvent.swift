public import Events
public import Pricing

/// A stored call as an event again, so that it can be priced anew: by another table, or as another model.
public struct RebuiltCall: ~Copyable {
  public var event = Event()
  /// The bytes that the event's texts lie in.
  public var line: [UInt8] = []

  public init() {}

  /// Overwrites what was there.
  ///
  /// - Parameter model: asked and answered in place of the call's own; nil: its own.
  public mutating func rebuild(_ call: StoredCall, of set: CallSet, as model: String? = nil) {
    line.removeAll(keepingCapacity: true)
    event.iterations.removeAll(keepingCapacity: true)
    var fields = EventFields()
    fields.requestModel = text(model ?? set.requestModel)
    fields.model = text(model ?? set.responseModel)
    // Another model is another provider's, as a rule: it is found by its name.
    fields.provider = model == nil ? text(set.provider) : .absent
    fields.operation = text(set.operation)
    fields.region = text(set.region)
    fields.serviceTierText = text(set.serviceTier)
    fields.timestamp = call.time
    fields.status = call.isError ? .error : .success
    fields.errorType = call.errorType
    fields.finishReason = call.finishReason
    fields.cache = call.cache
    fields.attempt = Int32(clamping: call.attempt)
    fields.latency = call.latency
    fields.timeToFirstToken = call.timeToFirstToken
    fields.usage = call.usage
    fields.weight = call.weight
    event.fields = fields
    readDetail(call.detail, as: model)
    if model != nil {
      // What was stated was stated of the model that answered.
      event.fields.callerCost = -1
      event.fields.providerCost = -1
      event.fields.fastSpeed = false
    }
  }

  private mutating func text(_ text: String) -> Text {
    let offset = line.count
    line.append(contentsOf: text.utf8)
    return Text(offset: offset, count: line.count - offset)
  }

  private mutating func readDetail(_ detail: [UInt8], as model: String?) {
    var reader = CallDetailReader(detail)
    while let item = reader.next() {
      switch item {
      case .number(let tag, let value):
        guard let tag = CallDetail.Number(rawValue: tag) else { continue }
        event.fields.usage.set(tag, value)
        event.fields.units.set(tag, value)
        event.fields.set(tag, value)
      case .bytes(let tag, let range): take(tag, detail, range, as: model)
      }
    }
  }

  private mutating func take(_ tag: UInt8, _ detail: [UInt8], _ range: Range<Int>, as model: String?) {
    switch CallDetail.Bytes(rawValue: tag) {
    case .spanID: event.fields.spanID = text(detail, range)
    case .responseHash: event.fields.responseHash = text(detail, range)
    case .dataResidency: event.fields.dataResidency = text(detail, range)
    case .inferenceGeo: event.fields.inferenceGeo = text(detail, range)
    case .iteration: event.iterations.append(iteration(detail, range, as: model))
    case .model, nil: break
    }
  }

  private mutating func text(_ bytes: [UInt8], _ range: Range<Int>) -> Text {
    let offset = line.count
    line.append(contentsOf: bytes[range])
    return Text(offset: offset, count: range.count)
  }

  private mutating func iteration(_ detail: [UInt8], _ range: Range<Int>, as model: String?) -> Iteration {
    var iteration = Iteration(model: .absent, usage: Usage())
    iteration.usage.shape = .known
    var reader = CallDetailReader(detail, in: range)
    while let item = reader.next() {
      switch item {
      case .number(let tag, let value):
        if let tag = CallDetail.Number(rawValue: tag) { iteration.usage.set(tag, value) }
      case .bytes(let tag, let range):
        if tag == CallDetail.Bytes.model.rawValue, model == nil { iteration.model = text(detail, range) }
      }
    }
    return iteration
  }
}

extension Usage {
  mutating func set(_ tag: CallDetail.Number, _ value: Int64) {
    switch tag {
    case .input: input = value
    case .cachedInput: cachedInput = value
    case .cacheWrite: cacheWrite = value
    case .output: output = value
    case .reasoning: reasoning = value
    case .cacheWrite1h: cacheWrite1h = value
    case .cacheWrite12h: cacheWrite12h = value
    case .audioInput: audioInput = value
    case .imageInput: imageInput = value
    case .videoInput: videoInput = value
    case .cachedAudio: cachedAudio = value
    case .cachedImage: cachedImage = value
    case .audioOutput: audioOutput = value
    case .imageOutput: imageOutput = value
    case .videoOutput: videoOutput = value
    case .citationTokens: citationTokens = value
    case .suspicions: suspicions = UInt8(truncatingIfNeeded: value)
    case .unknownUsage: shape = .unknown
    default: break
    }
  }
}

extension BilledUnits {
  mutating func set(_ tag: CallDetail.Number, _ value: Int64) {
    switch tag {
    case .images: images = value
    case .characters: characters = value
    case .pages: pages = value
    case .annotatedPages: annotatedPages = value
    case .searchUnits: searchUnits = value
    case .webSearchRequests: webSearchRequests = value
    case .audioSecondsNano: audioSecondsNano = value
    case .videoSecondsNano: videoSecondsNano = value
    default: break
    }
  }
}

extension EventFields {
  mutating func set(_ tag: CallDetail.Number, _ value: Int64) {
    switch tag {
    case .callerCost: callerCost = value
    case .providerCost: providerCost = value
    case .serviceTier: serviceTier = UInt8(exactly: value).flatMap(ServiceTier.init(rawValue:)) ?? .standard
    case .queueWait: queueWait = value
    case .retryWait: retryWait = value
    case .modelLoad: modelLoad = value
    case .order: order = value
    case .maxOutputTokens: maxOutputTokens = value
    case .promptLength: promptLength = value
    case .responseLength: responseLength = value
    case .temperature: temperature = Double(bitPattern: UInt64(bitPattern: value))
    case .topP: topP = Double(bitPattern: UInt64(bitPattern: value))
    case .flags:
      let flags = CallDetail.Flags(rawValue: value)
      batch = flags.contains(.batch)
      fastSpeed = flags.contains(.fastSpeed)
      providerZeroIsMeant = flags.contains(.providerZeroIsMeant)
      stream = flags.contains(.streamed) ? true : flags.contains(.notStreamed) ? false : nil
    default: break
    }
  }
}

extension StoredCall {
  /// The parts of the cost of one call, by `CostComponent.rawValue`; needs the detail.
  public var components: [8 of Picodollars] {
    var components: [8 of Picodollars] = .init(repeating: 0)
    var reader = CallDetailReader(detail)
    let first = CallDetail.Number.component.rawValue
    while let item = reader.next() {
      if case .number(let tag, let value) = item, tag >= first, tag < first + 8 {
        components[Int(tag - first)] = Picodollars(value)
      }
    }
    return components
  }
}
