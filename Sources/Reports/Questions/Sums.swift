import Events
import Pricing
import Storage

/// Sums over calls: the same from rows and from the sums of hours. They stop at the bounds of Int64, as those do.
struct Sums: Equatable {
  var calls: Int64 = 0
  var errors: Int64 = 0
  var unpriced: Int64 = 0
  var cacheHits: Int64 = 0
  var retries: Int64 = 0
  var input: Int64 = 0
  var cachedInput: Int64 = 0
  var cacheWrite: Int64 = 0
  var output: Int64 = 0
  var reasoning: Int64 = 0
  var cost: Picodollars = 0
  var latency: Int128 = 0
  var timed: Int64 = 0

  mutating func add(_ other: Sums) {
    calls.add(other.calls)
    errors.add(other.errors)
    unpriced.add(other.unpriced)
    cacheHits.add(other.cacheHits)
    retries.add(other.retries)
    input.add(other.input)
    cachedInput.add(other.cachedInput)
    cacheWrite.add(other.cacheWrite)
    output.add(other.output)
    reasoning.add(other.reasoning)
    cost += other.cost
    latency += other.latency
    timed.add(other.timed)
  }

  init() {}

  init(_ call: StoredCall) {
    let weight = call.weight
    calls = weight
    errors = call.isError ? weight : 0
    unpriced = call.isPriced ? 0 : weight
    retries = call.attempt > 1 ? weight : 0
    cost = call.totalCost
    if call.isCacheHit {
      cacheHits = weight
      return
    }
    input = call.usage.input.times(weight)
    cachedInput = call.usage.cachedInput.times(weight)
    cacheWrite = call.usage.cacheWrite.times(weight)
    output = call.usage.output.times(weight)
    reasoning = call.usage.reasoning.times(weight)
    if call.latency >= 0 {
      // The sums of hours are in whole microseconds.
      latency = Int128(call.latency / 1000 * 1000) * Int128(weight)
      timed = weight
    }
  }

  init(_ hour: StoredHour) {
    calls = hour.calls
    errors = hour.outcome == 0 ? 0 : hour.calls
    unpriced = hour.unpriced
    cacheHits = hour.cacheHits
    retries = hour.retries
    input = hour.input
    cachedInput = hour.cachedInput
    cacheWrite = hour.cacheWrite
    output = hour.output
    reasoning = hour.reasoning
    cost = hour.cost
    latency = Int128(hour.latency)
    timed = hour.timed
  }

  /// Every token once.
  var tokens: Int64 { input.plus(output) }
}
