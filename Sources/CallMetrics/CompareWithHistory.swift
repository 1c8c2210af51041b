import Events
import Pricing

/// Calls that are out of line with their own record's running history.
extension RegistryState {
  @inline(__always)
  mutating func compareWithHistory(_ event: borrowing Event, _ call: Call) {
    let bounds = configuration.anomalies
    if event.fields.latency >= 0 {
      compare(Double(event.fields.latency), .latency, event, call) {
        $0.exceeds($1, deviations: bounds.latencyDeviations)
      }
    }
    if event.fields.usage.shape == .known {
      let tokens = event.fields.usage.input &+ event.fields.usage.output
      compare(Double(tokens), .tokens, event, call) { $0.exceeds($1, deviations: bounds.tokenDeviations) }
    }
    if case .priced(let source) = call.cost.verdict, source != .free {
      compare(Double(Int64(clamping: call.total)), .cost, event, call) {
        $0.exceeds($1, timesMean: bounds.costFactor)
      }
    }
  }

  @inline(__always)
  private mutating func compare(
    _ value: Double, _ kind: AnomalyKind, _ event: borrowing Event, _ call: Call,
    _ exceeds: (CallHistory, Double) -> Bool
  ) {
    let word = call.row &* CallWord.count &+ CallWord.history &+ CallHistory.words &* Int(kind.rawValue)
    var history = CallHistory(calls.words, at: word)
    if history.count >= configuration.anomalies.minimumCalls, exceeds(history, value) {
      calls.add(call.weight, row: call.row, word: CallWord.anomalous &+ Int(kind.rawValue))
    }
    guard event.fields.status == .success else { return }
    history.add(value, times: Double(call.weight))
    history.store(in: &calls.words, at: word)
  }
}
