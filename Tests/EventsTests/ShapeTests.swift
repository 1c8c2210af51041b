import Events
import Foundation
import Testing

/// A line of a shape that came before is read by comparison. Nothing else may tell the two ways of reading apart.
@Suite struct ShapeTests {
  private static let runs = 20_000
  private let decoder = EventDecoder(options: DecoderOptions(labelKeys: ["tenant", "user_id"]))

  /// All that an event says, texts as texts, or why it was rejected.
  private func reading(_ line: [UInt8], into event: inout Event) -> String {
    do {
      try decoder.decode(line.span, into: &event, now: arrival)
    } catch {
      return "rejected: \(error.reason) \(error.detail) at \(error.position)"
    }
    var said = Mirror(reflecting: event.fields).children.map { child in
      "\(child.label ?? ""): " + ((child.value as? Text).map { event.string($0, in: line.span) } ?? "\(child.value)")
    }
    said += event.labels.map { "label: \(event.string($0, in: line.span))" }
    said += event.iterations.map { "iteration: \(event.string($0.model, in: line.span)) \($0.usage)" }
    return said.joined(separator: "\n")
  }

  /// Another line of the same shape, mostly: other digits, other letters, and now and then other punctuation.
  private func variant(_ line: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
    var line = line
    for i in line.indices where UInt8(ascii: "0")...UInt8(ascii: "9") ~= line[i] {
      line[i] = UInt8.random(in: UInt8(ascii: "0")...UInt8(ascii: "9"), using: &random)
    }
    if Int.random(in: 0..<4, using: &random) == 0 { JSONGenerator.mutate(&line, &random) }
    return line
  }

  @Test func linesOfKnownShapesReadAsIfTheyWereTheFirst() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var knowing = Event()
    for run in 0..<Self.runs / 10 {
      let line = JSONGenerator.event(&random)
      for _ in 0..<10 {
        let other = variant(line, &random)
        var new = Event()
        let expected = reading(other, into: &new)
        guard reading(other, into: &knowing) == expected, reading(other, into: &knowing) == expected else {
          Issue.record("seed \(seed), run \(run): \(String(decoding: other, as: UTF8.self))")
          return
        }
      }
    }
  }

  @Test(arguments: [
    #"{"model":"m","labels":{"tenant":"t","other":[1,{"a":"b"}]},"tools":[{"name":"x"}],"x":null,"stream":true}"#,
    #"{"model":"m","usage":{},"error":{"code":"x"},"session":"a\"bc"}"#,
    #"{"model":"m","usage":{"prompt_tokens":1e2,"strange":{"deep":{}}},"latency_ms":0.25} "#,
    #" { "model" : "m" , "usage" : { "prompt_tokens" : "12" , "completion_tokens" : 5 } } "#,
    #"{"mod\u0065l":"m","user_id":"u"}"#,
  ])
  func oneShape(_ line: String) {
    var new = Event()
    var knowing = Event()
    let line = Array(line.utf8)
    let expected = reading(line, into: &new)
    #expect(expected.hasPrefix("kind"))
    for _ in 0..<3 { #expect(reading(line, into: &knowing) == expected) }
  }

  /// The same place holds a text, then something else.
  @Test(arguments: ["12", "-1", "01", "null", "true", "{}", #"{"a":1}"#, "[]", #""""#, #""a\nb""#, "\"\u{1}\"", ""])
  func valuesOfAnotherKind(_ value: String) {
    var knowing = Event()
    for key in ["user", "usage", "unknown", "latency_ms", "error", "model"] {
      _ = reading(Array(#"{"model":"m","\#(key)":"1","id":"i"}"#.utf8), into: &knowing)
      let line = Array(#"{"model":"m","\#(key)":\#(value),"id":"i"}"#.utf8)
      var new = Event()
      let expected = reading(line, into: &new)
      #expect(reading(line, into: &knowing) == expected)
    }
  }

  /// More shapes than there is room for, again and again: room is made, and nothing is misread.
  @Test func moreShapesThanRoom() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var knowing = Event()
    for run in 0..<12_000 {
      let members = (0..<3).map { _ in "\"k\(Int.random(in: 0..<100_000, using: &random))\":\(run)" }
      let line = Array(#"{"model":"m-\#(run)",\#(members.joined(separator: ",")),"user":"u\#(run)"}"#.utf8)
      do {
        try decoder.decode(line.span, into: &knowing, now: arrival)
      } catch {
        // Two of the keys may be the same, which of unknown ones is no fault.
        Issue.record("seed \(seed): \(error)")
        return
      }
      guard knowing.string(knowing.fields.user, in: line.span) == "u\(run)" else {
        Issue.record("seed \(seed), run \(run)")
        return
      }
    }
  }

  /// The places of a shape are those of one decoder.
  @Test func anotherDecoderLearnsAnew() throws {
    var event = Event()
    let line = Array(#"{"model":"m","labels":{"a":"1","b":"2"}}"#.utf8)
    for key in ["a", "b", "a"] {
      let decoder = EventDecoder(options: DecoderOptions(labelKeys: [key]))
      for _ in 0..<2 {
        try decoder.decode(line.span, into: &event, now: arrival)
        #expect(event.string(event.labels[0], in: line.span) == (key == "a" ? "1" : "2"))
      }
    }
  }
}
