import CallMetrics
import Synchronization

/// What became of scheduled reports: counted for `/metrics`, and when each was last due, kept in the storage directory so
/// that one that fell into a stop is made up for.
final class ReportLedger: Sendable {
  enum Outcome: String, CaseIterable { case sent, retried, failed }

  static let fileName = "scheduled-reports"

  private struct State {
    var counts: [String: [Int64]] = [:]
    /// Nanoseconds since 1970, by name: up to when its times were seen to.
    var handled: [String: Int64] = [:]
    /// Being made at the moment.
    var running: Set<String> = []
  }
  private let state: Mutex<State>
  private let path: String?

  init(directory: StateDirectory?) {
    path = directory?.file(Self.fileName)
    var known = State()
    let text = path.flatMap { try? FileContent.read($0, limit: 1 << 20) } ?? []
    for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
      let parts = line.split(separator: " ")
      if parts.count == 2, let time = Int64(parts[1]) { known.handled[String(parts[0])] = time }
    }
    state = Mutex(known)
  }

  /// Up to when its times were seen to; a report that is new is looked after from now on.
  func handled(_ name: String, now: Int64) -> Int64 {
    let (time, isNew) = state.withLock { state in
      // A clock that was ahead once must not silence a report for long.
      let time = min(state.handled[name] ?? now, now)
      let isNew = state.handled.updateValue(time, forKey: name) == nil
      return (time, isNew)
    }
    if isNew { keep() }
    return time
  }

  /// It was not due until then. Not kept: after a crash the same times are looked through once more.
  func passed(_ name: String, until now: Int64) { state.withLock { $0.handled[name] = now } }

  func begin(_ name: String) -> Bool { state.withLock { $0.running.insert(name).inserted } }

  /// It will not be made again for this time, whatever came of it.
  func end(_ name: String, handled time: Int64) {
    state.withLock { state in
      state.running.remove(name)
      state.handled[name] = time
    }
    keep()
  }

  private func keep() {
    guard let path else { return }
    state.withLock { state in
      let lines = state.handled.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }
      // Where it can't be written, a restart may make a report once more: better than none.
      try? FileContent.replace(path, with: Array(lines.joined().utf8), mode: 0o600)
    }
  }

  func count(_ name: String, _ outcome: Outcome) {
    state.withLock { state in
      var counts = state.counts[name] ?? [0, 0, 0]
      if let index = Outcome.allCases.firstIndex(of: outcome) { counts[index] += 1 }
      state.counts[name] = counts
    }
  }

  /// - Parameter names: of the reports in the configuration: their series are there from the start.
  func families(_ names: [String]) -> [SampledFamily] {
    if names.isEmpty { return [] }
    let counts = state.withLock { $0.counts }
    let samples = names.flatMap { name in
      Outcome.allCases.enumerated().map { index, outcome in
        SampledFamily.Sample(
          [("report", name), ("outcome", outcome.rawValue)], .integer(counts[name]?[index] ?? 0))
      }
    }
    return [
      SampledFamily(
        Family(
          "llm_exporter_reports_total", .counter,
          help: "Scheduled reports by what became of them; retried counts attempts after the first."), samples)
    ]
  }
}
