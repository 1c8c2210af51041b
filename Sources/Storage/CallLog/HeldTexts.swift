/// Text of ordinary calls of late, in memory only, until somebody rates one of them badly. Bounded by its bytes: the
/// oldest go first.
struct HeldTexts {
  static let maxBytes = 8 << 20

  struct Held {
    var prompt: [UInt8]
    var response: [UInt8]
    var count: Int { prompt.count + response.count }
  }
  private var texts: [Int64: Held] = [:]
  /// Keys as they came, from `first` on; some were taken since.
  private var order: [Int64] = []
  private var first = 0
  private var bytes = 0

  /// - Parameter key: of the call's row.
  mutating func keep(_ key: Int64, _ text: Held) {
    guard text.count <= Self.maxBytes else { return }
    _ = take(key)
    texts[key] = text
    order.append(key)
    bytes += text.count
    while bytes > Self.maxBytes, first < order.count {
      _ = take(order[first])
      first += 1
    }
    if first > 1024, first > order.count / 2 {
      order.removeSubrange(..<first)
      first = 0
    }
  }

  mutating func take(_ key: Int64) -> Held? {
    guard let text = texts.removeValue(forKey: key) else { return nil }
    bytes -= text.count
    return text
  }
}
