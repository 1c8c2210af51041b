import Testing

@testable import Storage

@Suite struct CommitScheduleTests {
  private let second: Int64 = 1_000_000_000
  private func step(_ schedule: CommitSchedule, at now: Int64, clientsWait: Bool = false, urgent: Bool = false)
    -> CommitSchedule.Step
  {
    schedule.step(now: now, clientsWait: clientsWait, urgent: urgent, stopping: false)
  }

  @Test func commitsWhenTheIntervalIsOver() {
    let schedule = CommitSchedule(interval: second, now: 0)
    #expect(step(schedule, at: second / 4) == .wait(second / 4 * 3))
    #expect(step(schedule, at: second) == .commit(.timer))
  }

  @Test func commitsAtOnceForClientsThatWaitAndForWhatHasGrownLarge() {
    let schedule = CommitSchedule(interval: second, now: 0)
    #expect(step(schedule, at: 1, clientsWait: true) == .commit(.flush))
    #expect(step(schedule, at: 1, clientsWait: true, urgent: true) == .commit(.timer))
  }

  @Test func aFlushDoesNotPutOffTheTimer() {
    var schedule = CommitSchedule(interval: second, now: 0)
    schedule.committed(.flush, bytes: 100_000_000, began: second / 2)
    #expect(step(schedule, at: second) == .commit(.timer))
    #expect(schedule.interval == second)
  }

  @Test func whatClientsWaitForComesBeforeALargeCommitThatIsDueButOnlyOnce() {
    var schedule = CommitSchedule(interval: second, now: 0)
    #expect(step(schedule, at: second, clientsWait: true) == .commit(.flush))
    schedule.committed(.flush, bytes: 0, began: second)
    #expect(step(schedule, at: second + 1, clientsWait: true) == .commit(.timer))
    schedule.committed(.timer, bytes: 0, began: second + 1)
    #expect(step(schedule, at: 2 * second + 1, clientsWait: true) == .commit(.flush))
  }

  @Test func stretchesTheIntervalSoThatWritesStayBelowTwoMegabytesASecond() {
    var schedule = CommitSchedule(interval: second, now: 0)
    schedule.committed(.timer, bytes: 10_000_000, began: second)
    #expect(schedule.interval == 5 * second)
    #expect(step(schedule, at: 3 * second) == .wait(3 * second))
    #expect(step(schedule, at: 3 * second, clientsWait: true) == .commit(.flush), "clients never wait for the stretch")
    schedule.committed(.timer, bytes: 10_000, began: 6 * second)
    #expect(schedule.interval == second)
  }

  @Test func afterAFailureNothingIsTriedForASecond() {
    var schedule = CommitSchedule(interval: second / 10, now: 0)
    schedule.failed(now: second)
    #expect(step(schedule, at: second + 1, clientsWait: true, urgent: true) == .waitAfterFailure(second - 1))
    #expect(step(schedule, at: 2 * second) == .commit(.timer))
    schedule.committed(.timer, bytes: 0, began: 2 * second)
    #expect(step(schedule, at: 2 * second + 1, clientsWait: true) == .commit(.flush))
  }

  @Test func stoppingCommitsEvenAfterAFailure() {
    var schedule = CommitSchedule(interval: second, now: 0)
    schedule.failed(now: 0)
    #expect(schedule.step(now: 1, clientsWait: false, urgent: false, stopping: true) == .commit(.stop))
  }
}
