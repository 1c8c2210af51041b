import Foundation
import Testing

@testable import llm_loadgen

@Suite("The traffic model") struct TrafficModelTests {
  private func events(seed: UInt64, seconds: Double, rate: Double = 100, incident: Incident? = nil) throws -> [[String:
    Any]]
  {
    try lines(seed: seed, seconds: seconds, rate: rate, incident: incident).map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private func lines(seed: UInt64, seconds: Double, rate: Double, incident: Incident? = nil) -> [Substring] {
    var model = TrafficModel(seed: seed, users: 100)
    var buffer = PacketBuffer(eventsPerPacket: 1)
    for step in 0..<Int(seconds * 20) {
      model.advance(
        fromSeconds: Double(step) / 20, toSeconds: Double(step + 1) / 20, rate: rate, incident: incident, into: &buffer)
    }
    return unsafe String(decoding: buffer.bytes(of: 0..<buffer.packetCount), as: UTF8.self).split(separator: "\n")
  }

  private func calls(_ events: [[String: Any]]) -> [[String: Any]] {
    events.filter { $0["event"] as? String == "call" }
  }

  private func failed(_ call: [String: Any]) -> Bool {
    call["error"] != nil || call["error_type"] != nil || call["status"] as? String == "error"
  }

  @Test("sends the same for the same seed, and other things for another") func isDeterministic() {
    #expect(lines(seed: 1, seconds: 5, rate: 50) == lines(seed: 1, seconds: 5, rate: 50))
    #expect(lines(seed: 1, seconds: 5, rate: 50) != lines(seed: 2, seconds: 5, rate: 50))
  }

  @Test("sends JSON of every kind: calls, starts, failures, retries, fallbacks, hits, judgements, levels")
  func sendsAllKinds() throws {
    let events = try events(seed: 3, seconds: 200, rate: 40)
    let kinds = Set(events.compactMap { $0["event"] as? String })
    #expect(kinds == ["call", "start", "feedback", "score", "gauge"])
    let calls = calls(events)
    #expect(
      Set(calls.compactMap { $0["request_model"] as? String }).count == Set(ModelProfile.all.map(\.requested)).count)
    #expect(calls.contains { $0["attempt"] as? Int == 3 })
    #expect(calls.contains { $0["fallback_from"] != nil })
    #expect(calls.contains { $0["cache"] as? String == "hit" })
    #expect(calls.contains { $0["queue_ms"] != nil })
    #expect(calls.contains { $0["cost_usd"] != nil })
    let share = Double(calls.count(where: failed)) / Double(calls.count)
    #expect((0.003..<0.02).contains(share))
  }

  @Test("meets its rate") func meetsItsRate() throws {
    let calls = calls(try events(seed: 4, seconds: 50))
    // Retries add a little, calls in flight at the end take a little.
    #expect((4_500..<5_500).contains(calls.count))
  }

  @Test("gives no alert a reason on an ordinary day") func isOrdinary() throws {
    var byModel: [String: [[String: Any]]] = [:]
    for call in calls(try events(seed: 6, seconds: 600, rate: 40)) {
      byModel["\(call["provider"] ?? "") \(call["request_model"] ?? "")", default: []].append(call)
    }
    for (model, calls) in byModel {
      func p95(_ name: String) -> Double {
        let of = calls.filter { !failed($0) }.compactMap { $0[name] as? Double }.sorted()
        return of.isEmpty ? 0 : of[of.count * 95 / 100]
      }
      #expect(p95("latency_ms") < 4_500, "\(model)")
      #expect(p95("ttft_ms") < 2_500, "\(model)")
      #expect(Double(calls.count(where: failed)) / Double(calls.count) < 0.03, "\(model)")
    }
  }

  @Test("has the incident that was asked for") func hasIncidents() throws {
    let normal = calls(try events(seed: 5, seconds: 240, rate: 15))
    let burst = calls(try events(seed: 5, seconds: 240, rate: 15, incident: .errorBurst))
    let slow = calls(try events(seed: 5, seconds: 240, rate: 15, incident: .slowModel))
    let spike = calls(try events(seed: 5, seconds: 240, rate: 15, incident: .costSpike))
    func failures(_ calls: [[String: Any]]) -> Double {
      let of = calls.filter { $0["request_model"] as? String == "gpt-4o" && $0["provider"] as? String == "openai" }
      return Double(of.count(where: failed)) / Double(of.count)
    }
    #expect(failures(normal) < 0.05)
    #expect(failures(burst) > 0.25)
    func latency(_ calls: [[String: Any]]) -> Double {
      let of = calls.filter { ($0["request_model"] as? String)?.hasPrefix("claude-sonnet-4") == true && !failed($0) }
        .compactMap { $0["latency_ms"] as? Double }.sorted()
      return of[of.count / 2]
    }
    #expect(latency(slow) > 3 * latency(normal))
    func research(_ calls: [[String: Any]]) -> Int { calls.count { $0["application"] as? String == "research-agent" } }
    #expect(research(spike) > 2 * research(normal))
  }
}
