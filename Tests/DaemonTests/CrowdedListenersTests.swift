import Testing

@testable import Daemon
@testable import Ingest

@Suite struct CrowdedListenersTests {
  private static let second: Int64 = 1_000_000_000

  private func status(_ name: String, pauses: UInt64) -> ListenerStatus {
    var status = ListenerStatus(name: name, source: .unix, boundAddress: "", isUp: true)
    status.acceptPauses = pauses
    return status
  }

  @Test func aListenerIsNamedWhenItsClientsBeganToWaitAndAtMostOnceAMinute() {
    var crowded = CrowdedListeners()
    func names(_ pauses: UInt64, _ seconds: Int64) -> [String] {
      crowded.newlyCrowded([status("a", pauses: pauses), status("b", pauses: 0)], now: seconds * Self.second)
        .map(\.name)
    }
    #expect(names(0, 0) == [])
    #expect(names(3, 1) == ["a"])
    #expect(names(3, 2) == [])
    #expect(names(9, 30) == [])
    #expect(names(9, 61) == ["a"])
    #expect(names(9, 200) == [])
  }
}
