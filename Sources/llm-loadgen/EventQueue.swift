/// Events that are due later: a ring of slots of a twentieth of a second. What is due after the ring's length is moved
/// to its end.
struct EventQueue {
  private static let slotSeconds = 0.05
  private static let slots = 4_096

  private var ring: [[[UInt8]]] = Array(repeating: [], count: slots)
  private var next = 0

  mutating func add(_ event: [UInt8], atSeconds due: Double) {
    let slot = max(next, min(next + Self.slots - 1, Int(due / Self.slotSeconds)))
    ring[slot % Self.slots].append(event)
  }

  /// What is due by now, in order of its slots.
  mutating func take(untilSeconds now: Double, into body: ([UInt8]) -> Void) {
    while Double(next) * Self.slotSeconds < now {
      for event in ring[next % Self.slots] { body(event) }
      ring[next % Self.slots].removeAll(keepingCapacity: true)
      next += 1
    }
  }
}
