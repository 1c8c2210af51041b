import Events

/// Levels that applications report of themselves: the last report of a label set stands until it is too old.
struct ReportedGauges {
  private struct Key: Hashable {
    var name: GaugeName
    var model: String
    /// The gauge's own label: a queue, a device, a process, a kind of limit.
    var own: String
    var application: String

    static func isOrdered(_ a: Key, _ b: Key) -> Bool {
      (a.model, a.own, a.application) < (b.model, b.own, b.application)
    }
  }
  private struct Level {
    var value: Double
    var reported: Int64
  }

  private let limit: Int
  private var levels: [Key: Level] = [:]

  init(limit: Int) { self.limit = limit }

  /// - Returns: whether there was room for the label set.
  mutating func report(
    _ name: GaugeName, own: String, application: String, model: String, value: Double, now: Int64
  ) -> Bool {
    let key = Key(name: name, model: name == .ratelimitRemaining ? model : "", own: own, application: application)
    guard levels[key] != nil || levels.count < limit else { return false }
    levels[key] = Level(value: value, reported: now)
    return true
  }

  mutating func expire(before oldest: Int64) {
    levels = levels.filter { $0.value.reported >= oldest }
  }

  var families: [SampledFamily] {
    GaugeName.allCases.map { name in
      // A dictionary's own order is another one after every change.
      let samples = levels.filter { $0.key.name == name }.sorted { Key.isOrdered($0.key, $1.key) }.map { key, level in
        SampledFamily.Sample(Self.labels(of: key), .double(level.value))
      }
      return SampledFamily(Self.family(of: name), samples)
    }
  }

  private static func labels(of key: Key) -> [(name: String, value: String)] {
    let own: String =
      switch key.name {
      case .queueDepth: "queue"
      case .ratelimitRemaining: "kind"
      case .gpuUtilizationRatio, .gpuMemoryUsedBytes: "device"
      case .memoryUsedBytes: "process"
      }
    let model = key.name == .ratelimitRemaining ? [(name: "model", value: key.model)] : []
    return model + [(name: own, value: key.own), (name: "application", value: key.application)]
  }

  private static func family(of name: GaugeName) -> Family {
    switch name {
    case .queueDepth:
      Family("llm_queue_depth", .gauge, help: "Calls waiting in an application's own queue, as it reports.")
    case .ratelimitRemaining:
      Family(
        "llm_ratelimit_remaining", .gauge,
        help: "What a provider's rate limit leaves (requests or tokens), as an application last told this instance.")
    case .gpuUtilizationRatio:
      Family(
        "llm_gpu_utilization_ratio", .gauge, unit: "ratio",
        help: "Share of a GPU's time in use, as the application reports.")
    case .gpuMemoryUsedBytes:
      Family(
        "llm_gpu_memory_used_bytes", .gauge, unit: "bytes", help: "Memory of a GPU in use, as the application reports.")
    case .memoryUsedBytes:
      Family(
        "llm_memory_used_bytes", .gauge, unit: "bytes",
        help: "Memory of a model server's process, as the application reports.")
    }
  }
}
