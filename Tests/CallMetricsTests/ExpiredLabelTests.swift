import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite("What expires gives back the values of its labels") struct ExpiredLabelTests {
  private let second: Int64 = 1_000_000_000

  private func registry(maxLabelValues: Int) -> Registry {
    var configuration = RegistryConfiguration()
    configuration.maxLabelValues = maxLabelValues
    configuration.expiry = 60 * second
    return Registry(configuration: configuration, prices: .testBook)
  }

  private func models(_ registry: Registry) -> [String] {
    registry.snapshot().rowLabels[RegistryTable.calls.index].map { String($0.split(separator: "\"")[1]) }.sorted()
  }

  @Test("after calls expired others may have as many values") func ofCalls() {
    let registry = registry(maxLabelValues: 3)
    for round in 0..<3 {
      let names = ["a\(round)", "b\(round)", "c\(round)"]
      for model in names + ["one too many"] {
        HandMadeEvent(model: model).record(in: registry, at: Int64(1_000 + 100 * round))
      }
      #expect(models(registry) == ["__other__"] + names)
      registry.tick(now: Int64(1_070 + 100 * round) * second)
      #expect(models(registry) == [])
    }
  }

  @Test("a value stays as long as one of its records does") func ofTheLast() {
    let registry = registry(maxLabelValues: 1)
    HandMadeEvent(model: "a").record(in: registry, at: 1_000)
    var another = HandMadeEvent(model: "a")
    another.set(\.application, "")
    another.record(in: registry, at: 1_050)
    registry.tick(now: 1_070 * second)
    HandMadeEvent(model: "b").record(in: registry, at: 1_071)
    #expect(models(registry) == ["__other__", "a"])
    registry.tick(now: 1_120 * second)
    HandMadeEvent(model: "b").record(in: registry, at: 1_121)
    #expect(models(registry).contains("b"))
  }

  @Test("a value under which there is still feedback stays") func ofFeedback() {
    let registry = registry(maxLabelValues: 1)
    HandMadeEvent(model: "a").record(in: registry, at: 1_000)
    var feedback = HandMadeEvent(.feedback, model: "a")
    feedback.event.fields.rating = .positive
    feedback.record(in: registry, at: 1_050)
    registry.tick(now: 1_070 * second)
    HandMadeEvent(model: "b").record(in: registry, at: 1_071)
    #expect(models(registry) == ["__other__"])
    registry.tick(now: 1_140 * second)
    HandMadeEvent(model: "b").record(in: registry, at: 1_141)
    #expect(models(registry) == ["b"])
  }

  @Test("names of scores and of models that failed go with their records") func ofNames() {
    let registry = registry(maxLabelValues: 1)
    func names(_ round: Int64, _ name: String) -> [[String]] {
      var score = HandMadeEvent(.score, model: "a")
      score.set(\.name, name)
      score.event.fields.scoreNano = 500_000_000
      score.record(in: registry, at: round)
      var call = HandMadeEvent(model: "a")
      call.set(\.fallbackFrom, name)
      call.record(in: registry, at: round)
      let labels = registry.snapshot().rowLabels
      registry.tick(now: (round + 70) * second)
      return [labels[RegistryTable.scores.index], labels[RegistryTable.fallbacks.index]]
    }
    for (round, name) in ["first", "second"].enumerated() {
      for rows in names(Int64(1_000 + 100 * round), name) {
        #expect(rows.count == 1 && rows[0].contains("\"\(name)\""), "\(rows)")
      }
    }
  }
}
