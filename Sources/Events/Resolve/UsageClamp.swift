extension Usage {
  mutating func suspect(_ suspicion: UsageSuspicion) { suspicions |= 1 << suspicion.rawValue }

  /// The same with no part greater than its whole: what is too much is cut, never priced twice.
  func clamped() -> Usage {
    var usage = self
    if usage.cachedInput &+ usage.cacheWrite > usage.input {
      usage.suspect(.cachedExceedsInput)
      usage.cachedInput = min(usage.cachedInput, usage.input)
      usage.cacheWrite = min(usage.cacheWrite, usage.input - usage.cachedInput)
    }
    usage.cacheWrite12h = min(usage.cacheWrite12h, usage.cacheWrite)
    usage.cacheWrite1h = min(usage.cacheWrite1h, usage.cacheWrite - usage.cacheWrite12h)
    if usage.reasoning &+ usage.audioOutput &+ usage.imageOutput &+ usage.videoOutput > usage.output {
      usage.suspect(.partsExceedOutput)
      var rest = usage.output
      Usage.cut(&usage.reasoning, &rest)
      Usage.cut(&usage.audioOutput, &rest)
      Usage.cut(&usage.imageOutput, &rest)
      Usage.cut(&usage.videoOutput, &rest)
    }
    if usage.audioInput &+ usage.imageInput &+ usage.videoInput > usage.input {
      usage.suspect(.partsExceedInput)
      var rest = usage.input
      Usage.cut(&usage.audioInput, &rest)
      Usage.cut(&usage.imageInput, &rest)
      Usage.cut(&usage.videoInput, &rest)
    }
    usage.cachedAudio = min(usage.cachedAudio, usage.audioInput, usage.cachedInput)
    usage.cachedImage = min(usage.cachedImage, usage.imageInput, usage.cachedInput - usage.cachedAudio)
    return usage
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
