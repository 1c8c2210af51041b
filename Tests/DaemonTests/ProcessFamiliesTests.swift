import CallMetrics
import Testing

@testable import Daemon

@Suite struct ProcessFamiliesTests {
  @Test func aProgramNameWithBlanksAndParenthesesShiftsNothing() throws {
    let text = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 300 200 0 0 20 0 4 0 5000 1048576 10 18446744073709551615"
    let stat = try #require(ProcessFamilies.Stat(text))
    #expect(stat.cpuNanoseconds == 500 * (1_000_000_000 / ProcessFamilies.ticksPerSecond))
    #expect(stat.threads == 4)
    #expect(stat.startTicks == 5000)
    #expect(stat.virtualBytes == 1_048_576)
  }

  @Test(arguments: ["", "7 (a", "7 (a) S 1 2 3"])
  func whatCannotBeReadIsLeftOut(text: String) { #expect(ProcessFamilies.Stat(text) == nil) }

  @Test func thisProcessHasThemAll() {
    let names = ProcessFamilies.sample().map(\.family.name)
    #expect(
      Set(names) == [
        "process_cpu_seconds_total", "process_open_fds", "process_max_fds", "process_virtual_memory_bytes",
        "process_virtual_memory_max_bytes", "process_resident_memory_bytes", "process_start_time_seconds",
        "process_threads",
      ])
  }
}
