import Testing

@testable import llm_loadgen

@Suite("When things are due") struct ScheduleTests {
  @Test("a steady rate is met exactly in the mean", arguments: [0.5, 3, 10_000, 123_456.7])
  func pacing(rate: Double) {
    let pacing = Pacing(rate: rate)
    for index in [0, 1, 2, 10, 999] {
      let due = pacing.dueNanoseconds(ofPacket: index)
      #expect(pacing.due(atNanoseconds: due) >= index + 1)
      if due > 1_000 { #expect(pacing.due(atNanoseconds: due - 1_000) <= index + 1) }
    }
    #expect(abs(Double(pacing.due(atNanoseconds: 10_000_000_000)) - 10 * rate) <= 1)
  }

  @Test("without a rate all is due at once") func unpaced() {
    #expect(Pacing(rate: nil).due(atNanoseconds: 0) == .max)
  }

  @Test("a day's loads have the mean 1, a quiet night and a busy afternoon") func day() {
    let loads = (0..<2_400).map { DayCurve.load(atHour: Double($0) / 100) }
    #expect(abs(loads.reduce(0, +) / Double(loads.count) - 1) < 1e-9)
    #expect(DayCurve.load(atHour: 3) < 0.3)
    #expect(DayCurve.load(atHour: 15) > 1.5)
    #expect(abs(DayCurve.load(atHour: 23.999_999) - DayCurve.load(atHour: 0)) < 1e-3)
  }

  @Test("an incident holds for its time, and a switch turns it over") func incident() {
    let schedule = IncidentSchedule(incident: .slowModel, startSeconds: 10, lengthSeconds: 5)
    #expect(schedule.active(atSeconds: 9.9, isSwitched: false) == nil)
    #expect(schedule.active(atSeconds: 10, isSwitched: false) == .slowModel)
    #expect(schedule.active(atSeconds: 15, isSwitched: false) == nil)
    #expect(schedule.active(atSeconds: 9.9, isSwitched: true) == .slowModel)
    #expect(schedule.active(atSeconds: 12, isSwitched: true) == nil)
    let manual = IncidentSchedule(incident: .errorBurst, startSeconds: nil, lengthSeconds: 5)
    #expect(manual.active(atSeconds: 1, isSwitched: false) == nil)
    #expect(manual.active(atSeconds: 1, isSwitched: true) == .errorBurst)
  }

  @Test("queued events come when they are due, none is lost however late") func queue() {
    var queue = EventQueue()
    for (event, due) in [(1, 0.2), (2, 0.01), (3, 1e6), (4, -5)] { queue.add([UInt8(event)], atSeconds: due) }
    var taken: [[UInt8]] = []
    queue.take(untilSeconds: 0.1) { taken.append($0) }
    #expect(taken == [[2], [4]])
    queue.take(untilSeconds: 0.5) { taken.append($0) }
    #expect(taken == [[2], [4], [1]])
    queue.take(untilSeconds: 1_000) { taken.append($0) }
    #expect(taken.last == [3])
  }
}
