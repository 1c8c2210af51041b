/// Of which kind the tokens of a Langfuse usage key are: its keys are open-ended, but speak.
enum ExclusivePart {
  case input, cached, cacheWrite, audioInput, imageInput
  case output, reasoning, audioOutput, imageOutput

  init?(key: Span<UInt8>) {
    // Langfuse's older form has the money among the tokens: `input_cost`, `inputCost`.
    guard !key.contains(Part.cost), !key.contains(Part.capitalCost) else { return nil }
    let isInput = key.begins(with: Part.input) || key.contains(Part.cacheInput)
    guard isInput || key.begins(with: Part.output) else { return nil }
    if isInput {
      if key.contains(Part.creation) || key.contains(Part.write) {
        self = .cacheWrite
      } else if key.contains(Part.cache) {
        self = .cached
      } else if key.contains(Part.audio) {
        self = .audioInput
      } else {
        self = key.contains(Part.image) ? .imageInput : .input
      }
    } else if key.contains(Part.reason) || key.contains(Part.think) {
      self = .reasoning
    } else if key.contains(Part.audio) {
      self = .audioOutput
    } else {
      self = key.contains(Part.image) ? .imageOutput : .output
    }
  }

  /// What tells them apart.
  private enum Part {
    static let input = Array("input".utf8)
    static let output = Array("output".utf8)
    static let cacheInput = Array("input_tokens".utf8)
    static let cost = Array("cost".utf8)
    static let capitalCost = Array("Cost".utf8)
    static let creation = Array("creation".utf8)
    static let write = Array("write".utf8)
    static let cache = Array("cache".utf8)
    static let audio = Array("audio".utf8)
    static let image = Array("image".utf8)
    static let reason = Array("reasoning".utf8)
    static let think = Array("thinking".utf8)
  }
}

extension Span where Element == UInt8 {
  func begins(with text: [UInt8]) -> Bool { holds(text, at: 0) }

  func contains(_ text: [UInt8]) -> Bool {
    var start = 0
    while start &+ text.count <= count {
      if holds(text, at: start) { return true }
      start &+= 1
    }
    return false
  }

  func isWord(_ text: [UInt8]) -> Bool { text.count == count && holds(text, at: 0) }

  private func holds(_ text: [UInt8], at start: Int) -> Bool {
    guard start &+ text.count <= count else { return false }
    for i in text.indices where text[i] != self[start &+ i] { return false }
    return true
  }
}
