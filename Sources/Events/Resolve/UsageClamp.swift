extension Usage {
  mutating func suspect(_ suspicion: UsageSuspicion) { suspicions |= 1 << suspicion.rawValue }

  /// Leaves no part greater than its whole: what is too much is cut, never priced twice.
  mutating func clamp() {
    if cachedInput &+ cacheWrite > input {
      suspect(.cachedExceedsInput)
      cachedInput = min(cachedInput, input)
      cacheWrite = min(cacheWrite, input - cachedInput)
    }
    cacheWrite12h = min(cacheWrite12h, cacheWrite)
    cacheWrite1h = min(cacheWrite1h, cacheWrite - cacheWrite12h)
    if reasoning &+ audioOutput &+ imageOutput &+ videoOutput > output {
      suspect(.partsExceedOutput)
      var rest = output
      Usage.cut(&reasoning, &rest)
      Usage.cut(&audioOutput, &rest)
      Usage.cut(&imageOutput, &rest)
      Usage.cut(&videoOutput, &rest)
    }
    if audioInput &+ imageInput &+ videoInput > input {
      suspect(.partsExceedInput)
      var rest = input
      Usage.cut(&audioInput, &rest)
      Usage.cut(&imageInput, &rest)
      Usage.cut(&videoInput, &rest)
    }
    cachedAudio = min(cachedAudio, audioInput, cachedInput)
    cachedImage = min(cachedImage, imageInput, cachedInput - cachedAudio)
  }

  private static func cut(_ part: inout Int64, _ rest: inout Int64) {
    part = min(part, rest)
    rest -= part
  }

  mutating func add(_ other: Usage) {
    input += other.input
    cachedInput += other.cachedInput
    cacheWrite += other.cacheWrite
    cacheWrite1h += other.cacheWrite1h
    cacheWrite12h += other.cacheWrite12h
    output += other.output
    reasoning += other.reasoning
    suspicions |= other.suspicions
  }
}
