import Testing

@testable import Ingest

@Suite("The count of dropped datagrams") struct DropCountTests {
  @Test("follows the kernel's counter past its end") func followsWraps() {
    var drops = DropCount()
    for reading: UInt32 in [5, 5, .max, 3, 2_000_000_000, 1] { drops.note(reading) }
    #expect(drops.total == (1 << 32) + (1 << 32) + 1)
  }
}
