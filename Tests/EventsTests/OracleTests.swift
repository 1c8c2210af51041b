import Events
import Foundation
import Testing

/// The decoder and Foundation's parser agree on what is JSON, but for a list of differences that are tests of
/// their own below. `EVENTS_PROPERTY_RUNS` sets how many lines are compared; three times as many are cut off or noise.
@Suite struct OracleTests {
  private let decoder = EventDecoder()
  private static let runs = ProcessInfo.processInfo.environment["EVENTS_PROPERTY_RUNS"].flatMap(Int.init) ?? 500_000

  private func isJSONToUs(_ line: [UInt8], _ event: inout Event) -> Bool {
    do {
      try decoder.decode(line.span, into: &event, now: arrival)
      return true
    } catch {
      return error.reason != .invalidJSON
    }
  }

  private func isObjectToFoundation(_ line: [UInt8]) -> Bool {
    (try? JSONSerialization.jsonObject(with: Data(line))) is [String: Any]
  }

  @Test func agreesOnGeneratedAndMutatedLines() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var event = Event()
    var accepted = 0
    for run in 0..<Self.runs {
      var line = JSONGenerator.object(&random)
      if run % 2 == 1 { JSONGenerator.mutate(&line, &random) }
      let ours = isJSONToUs(line, &event)
      let theirs = isObjectToFoundation(line)
      if ours { accepted += 1 }
      if ours != theirs, !JSONGenerator.isKnownDifference(line) {
        Issue.record(
          "seed \(seed), run \(run), ours \(ours): \(String(decoding: line, as: UTF8.self).debugDescription)")
        return
      }
    }
    #expect(accepted > Self.runs / 3, "seed \(seed)")
  }

  /// Every line of up to four of these bytes, alone and inside a member, so that each meets each.
  @Test func agreesOnEveryShortLine() {
    let alphabet = Array(#"{}[]:,"\u0-.1eEtn a"#.utf8)
    var event = Event()
    for length in 0...4 {
      var indices = Array(repeating: 0, count: length)
      while true {
        let middle = indices.map { alphabet[$0] }
        let lines = [Array(#"{"x":"#.utf8) + middle + [UInt8(ascii: "}")], [UInt8(ascii: "{")] + middle]
        for line in lines {
          let ours = isJSONToUs(line, &event)
          // Foundation is slow: of the longest lines only some of those that we refuse are asked.
          if !ours, length == 4, indices.reduce(0, +) % 16 != 0 { continue }
          if ours != isObjectToFoundation(line), !JSONGenerator.isKnownDifference(line) {
            Issue.record("ours \(ours): \(String(decoding: line, as: UTF8.self).debugDescription)")
            return
          }
        }
        guard let place = indices.lastIndex(where: { $0 < alphabet.count - 1 }) else { break }
        indices[place] += 1
        for later in (place + 1)..<max(place + 1, length) { indices[later] = 0 }
      }
    }
  }

  @Test func truncationsAndNoiseNeverTrap() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    var event = Event()
    for _ in 0..<(Self.runs / 10) {
      let line = JSONGenerator.event(&random)
      for _ in 0..<10 {
        let cut = Array(line.prefix(Int.random(in: 0..<line.count, using: &random)))
        guard !isJSONToUs(cut, &event) else {
          Issue.record("seed \(seed): \(String(decoding: cut, as: UTF8.self))")
          return
        }
        var noise = line
        for _ in 0..<Int.random(in: 1...8, using: &random) {
          noise[Int.random(in: 0..<noise.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        _ = isJSONToUs(noise, &event)
        _ = isJSONToUs((0..<40).map { _ in UInt8.random(in: 0...255, using: &random) }, &event)
      }
    }
  }

  @Test func theOrderOfKeysNeverMatters() {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededRandom(seed: seed)
    for _ in 0..<(Self.runs / 250) {
      let members = JSONGenerator.eventMembers(&random)
      let first = summary("{" + members.joined(separator: ",") + "}")
      let other = summary("{" + members.shuffled(using: &random).joined(separator: ", ") + "}")
      #expect(first == other, "seed \(seed): \(members.joined(separator: ","))")
    }
  }

  /// Everything that an event says, free of places in the line.
  private func summary(_ line: String) -> String {
    do {
      let event = try decode(line)
      let mirror = Mirror(reflecting: event.fields)
      return mirror.children.map { child in
        let value = (child.value as? Text).map(event.string) ?? String(describing: child.value)
        return "\(child.label ?? "")=\(value)"
      }.joined(separator: " ")
    } catch {
      return "\(error.reason.label) \(error.detail)"
    }
  }
}

/// What the two parsers see differently, each in its own test.
@Suite struct OracleDifferenceTests {
  private func theyTake(_ line: [UInt8]) -> Bool {
    (try? JSONSerialization.jsonObject(with: Data(line))) is [String: Any]
  }
  private func weTake(_ line: [UInt8]) -> Bool {
    do {
      _ = try Decoded(line, decoder: EventDecoder(), now: arrival)
      return true
    } catch { return false }
  }

  @Test func duplicateKeys() {
    let line = Array(#"{"model":"m","model":"n"}"#.utf8)
    #expect(theyTake(line) && !weTake(line))
  }
  @Test func trailingCommas() {
    let line = Array(#"{"model":"m","x":[1,],}"#.utf8)
    #expect(theyTake(line) && !weTake(line))
  }
  @Test func byteOrderMark() {
    let line = Array("\u{FEFF}{\"model\":\"m\"}".utf8)
    #expect(theyTake(line) && !weTake(line))
  }
  @Test func utf16() {
    let line = Array(#"{"model":"m"}"#.utf16).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
    #expect(theyTake(line) && !weTake(line))
  }
  @Test func hugeNumbers() {
    for number in ["1e400", String(repeating: "9", count: 400)] {
      let line = Array(#"{"model":"m","x":\#(number)}"#.utf8)
      #expect(!theyTake(line) && weTake(line))
    }
  }
  @Test func loneSurrogates() {
    let line = Array(#"{"model":"\ud800"}"#.utf8)
    #expect(!theyTake(line) && weTake(line))
  }
  @Test func deepNesting() {
    let arrays = String(repeating: "[", count: 512) + String(repeating: "]", count: 512)
    let deep = Array(#"{"model":"m","x":\#(arrays)}"#.utf8)
    #expect(!theyTake(deep) && weTake(deep))
    let wrapped = String(repeating: #"{"usage":"#, count: 20) + "{}" + String(repeating: "}", count: 20)
    let read = Array(#"{"model":"m","usage":\#(wrapped)}"#.utf8)
    #expect(theyTake(read) && !weTake(read))
  }
  @Test func badUTF8InWhatIsNotCompared() {
    let line = Array(#"{"model":"m","x":""#.utf8) + [0xFF] + Array(#""}"#.utf8)
    #expect(!theyTake(line) && weTake(line))
  }
}
