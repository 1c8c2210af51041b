import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct JudgementTests {
  let registry = Registry(configuration: RegistryConfiguration(), prices: .testBook)

  func judge(
    id: String = "", trace: String = "", model: String = "", rating: Rating = .positive, at second: Int64 = 1_001
  ) {
    var feedback = HandMadeEvent(.feedback, model: model)
    feedback.set(\.application, "")
    feedback.set(\.id, id)
    feedback.set(\.traceID, trace)
    feedback.event.fields.rating = rating
    feedback.record(in: registry, at: second)
  }

  func call(id: String = "", trace: String = "") {
    var call = HandMadeEvent()
    call.set(\.id, id)
    call.set(\.traceID, trace)
    call.record(in: registry)
  }

  @Test func feedbackTakesTheLabelsOfItsCall() {
    call(id: "c1", trace: "t1")
    judge(id: "c1")
    judge(trace: "t1", rating: .negative)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_feedback_total", #"application="shop""#, extra: "positive") == 1)
    #expect(snapshot.value("llm_feedback_total", #"application="shop""#, extra: "negative") == 1)
    #expect(snapshot.value("llm_feedback_total", #"application="shop""#, extra: "neutral") == 0)
  }

  @Test func feedbackOfAnUnknownOrOldCallHasEmptyLabels() {
    call(id: "c1")
    judge(id: "c2")
    judge(id: "c1", at: 1_000 + 3_602)
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_feedback_total", #"model="",provider="""#, extra: "positive") == 2)
    #expect(snapshot.rowLabels[2].count == 1)
  }

  @Test func feedbackThatNamesItsModelMakesNoCall() {
    judge(model: "gpt-4o")
    let snapshot = registry.snapshot()
    #expect(snapshot.value("llm_feedback_total", #"model="gpt-4o""#, extra: "positive") == 1)
    #expect(snapshot.value("llm_requests_total") == nil)
  }

  @Test func scoresAreHistogramsByNameAndEvaluator() {
    for (nano, evaluator) in [(250_000_000, .model), (1_000_000_000, .model), (500_000_000, .user)]
      as [(Int64, Evaluator)]
    {
      var score = HandMadeEvent(.score)
      score.set(\.name, "helpful")
      score.event.fields.scoreNano = nano
      score.event.fields.evaluator = evaluator
      score.record(in: registry)
    }
    let snapshot = registry.snapshot()
    let byModel = snapshot.histogram("llm_quality_score", #"name="helpful",evaluator="model""#)
    #expect(byModel?.sum == 1_250_000_000)
    #expect(byModel?.counts.reduce(0, +) == 2)
    #expect(snapshot.value("llm_quality_score", #"evaluator="user""#) == 1)
  }
}
