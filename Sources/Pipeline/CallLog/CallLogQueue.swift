public import Events
public import Pricing
import Synchronization

/// Between the receive threads and the thread that writes the call log. Bounded: when the writer can't keep up, rows
/// are dropped and counted, and nothing waits.
public final class CallLogQueue: Sendable {
  /// Rows that wait at most, and bytes of their texts.
  public static let maxRows = 16_384
  static let maxBytes = 8 << 20

  private struct State {
    var gate: CallLogGate
    var waiting = CallLogBatch()
    var dropped: Int64 = 0
    /// The first calls that were skipped since the last row of their lane, alone in their batches.
    var skippedNotable = CallLogBatch()
    var skippedOrdinary = CallLogBatch()

    mutating func addRemainders(now: Int64, isLast: Bool) {
      if let weight = gate.takeRemainder(isNotable: true, now: now, isLast: isLast) {
        waiting.append(skippedNotable, weight: weight)
      }
      if let weight = gate.takeRemainder(isNotable: false, now: now, isLast: isLast) {
        waiting.append(skippedOrdinary, weight: weight)
      }
    }
  }
  private let state: Mutex<State>
  public let policy: CallLogPolicy
  private let wake: @Sendable () -> Void

  /// - Parameters:
  ///   - seed: of the choice of sampled calls.
  ///   - wake: called when the queue is half full, from a receive thread: must not block.
  public init(policy: CallLogPolicy, seed: UInt64, wake: @escaping @Sendable () -> Void) {
    self.policy = policy
    self.wake = wake
    state = Mutex(State(gate: CallLogGate(policy: policy, seed: seed)))
  }

  /// Rows that found the queue full.
  public var dropped: Int64 { state.withLock { $0.dropped } }

  /// Queues a call if it is to have a row; a judgement always is.
  public func offer(_ event: borrowing Event, in line: Span<UInt8>, cost: CallCost, now: Int64) {
    let fields = event.fields
    var isHalfFull = false
    state.withLock { state in
      var (weight, isNotable) = (fields.weight, false)
      if fields.kind == .call {
        let call = CallLogGate.Call(
          isError: fields.status == .error, latency: fields.latency, tokens: fields.usage.input &+ fields.usage.output,
          cost: cost.total, weight: fields.weight)
        switch state.gate.admit(call, now: now) {
        case .row(let all, let isWorthOne): (weight, isNotable) = (all, isWorthOne)
        case .skipped(true, true): return state.skippedNotable.replace(with: event, in: line, cost: cost, now: now)
        case .skipped(true, false): return state.skippedOrdinary.replace(with: event, in: line, cost: cost, now: now)
        case .skipped(false, _), .left: return
        }
      }
      guard state.waiting.events.count < Self.maxRows, state.waiting.bytes.count + line.count <= Self.maxBytes else {
        state.dropped &+= 1
        return
      }
      state.waiting.append(
        event, in: line, cost: cost, now: now, weight: weight, isNotable: isNotable,
        keepsText: policy.capturesText && (isNotable || fields.kind != .call || policy.capturesRatedText))
      isHalfFull = state.waiting.events.count == Self.maxRows / 2
    }
    if isHalfFull { wake() }
  }

  /// Takes all that waits. The batch given, emptied, is what fills up next: two batches change places for ever.
  ///
  /// - Parameters:
  ///   - now: nanoseconds since 1970.
  ///   - isLast: no call comes any more: what was skipped gets its row now.
  public func drain(into batch: inout CallLogBatch, now: Int64, isLast: Bool) {
    batch.removeAll()
    state.withLock { state in
      state.addRemainders(now: now, isLast: isLast)
      swap(&state.waiting, &batch)
    }
  }
}
