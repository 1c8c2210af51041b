extension Event {
  /// Puts a text where it belongs. Of the wrong type, what says which model or which event it was rejects; any
  /// other text is left out.
  @inline(__always)
  mutating func storeText(_ field: EventField, _ value: RawValue, _ line: Span<UInt8>) throws(Reject) {
    switch value.kind {
    case .string: break
    case .number where field != .model && field != .requestModel: break
    default:
      switch field {
      case .model, .requestModel, .id, .traceID, .spanID, .promptHash, .responseHash:
        throw Reject(.badField, at: value.position, field.label)
      default: return
      }
    }
    let text = value.text
    switch field {
    case .model: fields.model = text
    case .requestModel: fields.requestModel = text
    case .provider: fields.provider = text
    case .id: fields.id = try identity(text, field, line)
    case .traceID: fields.traceID = try identity(text, field, line)
    case .spanID: fields.spanID = try identity(text, field, line)
    case .promptHash: fields.promptHash = try identity(text, field, line)
    case .responseHash: fields.responseHash = try identity(text, field, line)
    case .user: fields.user = text
    case .session: fields.session = text
    case .application: fields.application = text
    case .team: fields.team = text
    case .environment: fields.environment = text
    case .function: fields.function = text
    case .promptName: fields.promptName = text
    case .promptVersion: fields.promptVersion = text
    case .version: fields.version = text
    case .fallbackFrom: fields.fallbackFrom = text
    case .region: fields.region = text
    case .dataResidency: fields.dataResidency = text
    case .vertexLocation: if fields.region.isEmpty { fields.region = text }
    case .comment: fields.comment = text
    case .name: fields.name = text
    default: break
    }
  }

  /// What tells one event from another is compared byte for byte, so it has to be UTF-8.
  private mutating func identity(_ text: Text, _ field: EventField, _ line: Span<UInt8>) throws(Reject) -> Text {
    let isValid = withBytes(of: text, in: line) { bytes in
      bytes.isASCII || UTF8Text.isValid(bytes)
    }
    guard isValid else { throw Reject(.invalidJSON, at: text.inScratch ? 0 : text.offset, field.label) }
    return text
  }
}

extension Span where Element == UInt8 {
  var isASCII: Bool {
    var i = 0
    var seen: UInt64 = 0
    while i &+ 8 <= count {
      seen |= word(at: i)
      i &+= 8
    }
    while i < count {
      seen |= UInt64(self[i])
      i &+= 1
    }
    return seen & .repeating(0x80) == 0
  }
}

enum UTF8Text {
  /// Unicode 16, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
  static func isValid(_ bytes: Span<UInt8>) -> Bool {
    var i = 0
    while i < bytes.count {
      let lead = bytes[i]
      i &+= 1
      let following: Int
      var lowest: UInt8 = 0x80
      var highest: UInt8 = 0xBF
      switch lead {
      case 0..<0x80: continue
      case 0xC2...0xDF: following = 1
      case 0xE0: (following, lowest) = (2, 0xA0)
      case 0xED: (following, highest) = (2, 0x9F)
      case 0xE1...0xEF: following = 2
      case 0xF0: (following, lowest) = (3, 0x90)
      case 0xF4: (following, highest) = (3, 0x8F)
      case 0xF1...0xF3: following = 3
      default: return false
      }
      for _ in 0..<following {
        let byte = bytes.byte(at: i)
        guard byte >= lowest, byte <= highest else { return false }
        (lowest, highest) = (0x80, 0xBF)
        i &+= 1
      }
    }
    return true
  }
}
