import Events
import Pricing
import Storage

/// What a row keeps in its detail, by the names that an event has for it.
extension JSONObject {
  mutating func addDetail(of rebuilt: borrowing RebuiltCall) {
    addParts(of: rebuilt.event.fields.usage)
    add("usage", Self.usage(of: rebuilt))
    add("inference_geo", rebuilt.string(rebuilt.event.fields.inferenceGeo))
    add(rebuilt.event.fields.units)
    addRequest(rebuilt)
  }

  // MARK: Tokens

  /// In the places where OpenAI and Anthropic have them.
  private mutating func addParts(of usage: Usage) {
    var cached = JSONObject()
    cached.add("audio_tokens", usage.cachedAudio, unless: 0)
    cached.add("image_tokens", usage.cachedImage, unless: 0)
    var input = Self.modalities(usage.audioInput, usage.imageInput, usage.videoInput)
    input.add("cached_tokens_details", cached)
    add("prompt_tokens_details", input)
    add("completion_tokens_details", Self.modalities(usage.audioOutput, usage.imageOutput, usage.videoOutput))
    add("cache_creation", Self.lifetimes(of: usage))
    add("citation_tokens", usage.citationTokens, unless: 0)
  }

  private static func modalities(_ audio: Int64, _ image: Int64, _ video: Int64) -> JSONObject {
    var object = JSONObject()
    object.add("audio_tokens", audio, unless: 0)
    object.add("image_tokens", image, unless: 0)
    object.add("video_tokens", video, unless: 0)
    return object
  }

  private static func lifetimes(of usage: Usage) -> JSONObject {
    var object = JSONObject()
    object.add("ephemeral_1h_input_tokens", usage.cacheWrite1h, unless: 0)
    object.add("ephemeral_12h_input_tokens", usage.cacheWrite12h, unless: 0)
    return object
  }

  /// What only a provider's own object can say.
  private static func usage(of rebuilt: borrowing RebuiltCall) -> JSONObject {
    let fields = rebuilt.event.fields
    var object = JSONObject()
    if !rebuilt.event.iterations.isEmpty { object.add("iterations", raw: iterations(of: rebuilt)) }
    if fields.fastSpeed { object.add("speed", "fast") }
    if fields.providerCost >= 0 {
      object.add("cost", raw: DecimalText.exact(Int128(fields.providerCost), scale: 12))
      if fields.providerZeroIsMeant { object.add("is_byok", false) }
    }
    if fields.usage.shape == .unknown { object.add("not_understood", true) }
    return object
  }

  /// Anthropic's list, in which what was read from and written to the cache comes on top of the input.
  private static func iterations(of rebuilt: borrowing RebuiltCall) -> String {
    var list: [String] = []
    for i in rebuilt.event.iterations.indices {
      let usage = rebuilt.event.iterations[i].usage
      var object = JSONObject()
      object.add("model", rebuilt.string(rebuilt.event.iterations[i].model))
      object.add("input_tokens", usage.input.minus(usage.cachedInput).minus(usage.cacheWrite))
      object.add("cache_read_input_tokens", usage.cachedInput, unless: 0)
      object.add("cache_creation_input_tokens", usage.cacheWrite, unless: 0)
      object.add("cache_creation", lifetimes(of: usage))
      object.add("output_tokens", usage.output)
      object.add("reasoning_tokens", usage.reasoning, unless: 0)
      list.append(object.text)
    }
    return "[" + list.joined(separator: ",") + "]"
  }

  // MARK: The rest

  private mutating func add(_ units: BilledUnits) {
    add("images", units.images, unless: 0)
    add("characters", units.characters, unless: 0)
    add("pages", units.pages, unless: 0)
    add("annotated_pages", units.annotatedPages, unless: 0)
    add("search_units", units.searchUnits, unless: 0)
    add("web_search_requests", units.webSearchRequests, unless: 0)
    add("audio_seconds", units.audioSecondsNano, scale: 9, unless: 0)
    add("video_seconds", units.videoSecondsNano, scale: 9, unless: 0)
  }

  private mutating func addRequest(_ rebuilt: borrowing RebuiltCall) {
    let fields = rebuilt.event.fields
    if fields.batch { add("batch", true) }
    if let stream = fields.stream { add("stream", stream) }
    add("data_residency", rebuilt.string(fields.dataResidency))
    add("queue_ms", fields.queueWait, scale: 6, unless: -1)
    add("retry_wait_ms", fields.retryWait, scale: 6, unless: -1)
    add("load_ms", fields.modelLoad, scale: 6, unless: -1)
    add("order", fields.order, unless: -1)
    add("max_output_tokens", fields.maxOutputTokens, unless: -1)
    add("prompt_length", fields.promptLength, unless: -1)
    add("response_length", fields.responseLength, unless: -1)
    if fields.temperature.isFinite { add("temperature", raw: String(fields.temperature)) }
    if fields.topP.isFinite { add("top_p", raw: String(fields.topP)) }
    add("response_hash", rebuilt.string(fields.responseHash))
    add("span_id", rebuilt.string(fields.spanID))
  }

  private mutating func add(_ key: String, _ value: Int64, scale: Int, unless absent: Int64) {
    if value != absent { add(key, raw: DecimalText.exact(Int128(value), scale: scale)) }
  }
}

extension RebuiltCall {
  func string(_ text: Text) -> String { event.string(text, in: line.span) }
}
