public import Events
public import Pricing
import Synchronization

/// All that is counted: one lock, taken once per batch of events and once per few hundred records of a scrape.
///
/// Any thread may call any of this. A receive thread holds the lock for as long as its batch takes; a scrape for as
/// long as copying numbers takes, and renders outside.
public final class Registry: Sendable {
  let state: Mutex<RegistryState>
  let rowOrders = Mutex(RowOrders())

  public init(configuration: RegistryConfiguration, prices: PriceBook) {
    var initial = RegistryState(configuration: configuration, prices: prices)
    initial.addConfiguredModels()
    state = Mutex(initial)
  }

  /// Counts a batch of events under one hold of the lock.
  ///
  /// - Parameter remembering: events with an id are remembered, so that a resend is not counted again; and they may be
  ///   acknowledged, so the store's next commit for an acknowledgement takes them with it.
  public func withBatch<R>(remembering: Bool = false, _ body: (inout RegistryState) -> R) -> R {
    state.withLock { state in
      state.remembers = remembering
      state.mark(remembering ? [.changed, .promised] : .changed)
      return body(&state)
    }
  }

  /// From now on calls are priced by this table; what was priced before stays.
  public func replacePrices(_ book: PriceBook) {
    state.withLock { state in state.replacePrices(book) }
  }

  /// What time alone changes: call it once a second or so.
  ///
  /// - Parameter now: nanoseconds since 1970.
  public func tick(now: Int64) {
    state.withLock { state in state.tick(now: now) }
  }

  public var tallies: EventTallies { state.withLock { state in state.tallies } }

  /// Records, and the series that they show as.
  public var size: (records: Int, series: Int) { state.withLock { state in state.size } }
}

extension RegistryState {
  /// An event arrived; what becomes of it follows.
  @inline(__always)
  public mutating func received(from source: EventSource, now: Int64) {
    tallies.received[source] &+= 1
    tallies.lastEvent[source] = now
  }

  public mutating func rejected(_ reason: RejectReason) { tallies.rejected[reason] &+= 1 }
}
