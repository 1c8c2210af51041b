import Foundation

/// Random JSON, random events, and small damage to both.
enum JSONGenerator {
  private static let keys = [
    "model", "request_model", "usage", "id", "user", "latency_ms", "cost", "error", "labels", "metadata", "x", "y", "",
    "prompt_tokens", "prompt_tokens_details", "cached_tokens", "unbekannt", "ünï", "a\\nb", "mod\\u0065l", "messages",
    "iterations", "usageMetadata", "promptTokensDetails", "tokens", "status", "event",
  ]
  private static let scalars = [
    "null", "true", "false", "0", "-0", "1", "12.5", "-1.5e-3", "1E+10", "123456789012345678901234567890",
    #""""#, #""m""#, #""gpt-4o""#, #""é€😀""#, #""\u00e9\n\"\\\/""#, #""\ud83d\ude00""#, #""2026-11-21T09:00:00Z""#,
    #""12""#,
    #""rate_limit""#, "1795251600",
  ]
  private static let spaces = ["", "", "", "", " ", "  ", "\t", "\r\n"]

  static func object(_ random: inout SeededRandom) -> [UInt8] { Array(object(&random, depth: 0).utf8) }

  private static func space(_ random: inout SeededRandom) -> String { spaces.randomElement(using: &random) ?? "" }

  private static func object(_ random: inout SeededRandom, depth: Int) -> String {
    var members: [String] = []
    for key in Set((0..<Int.random(in: 0...6, using: &random)).compactMap { _ in keys.randomElement(using: &random) })
      .sorted()
    {
      let value = value(&random, depth: depth + 1)
      members.append("\(space(&random))\"\(key)\"\(space(&random)):\(space(&random))\(value)\(space(&random))")
    }
    return "{" + (members.isEmpty ? space(&random) : members.joined(separator: ",")) + "}"
  }

  private static func value(_ random: inout SeededRandom, depth: Int) -> String {
    switch Int.random(in: 0..<(depth < 4 ? 10 : 7), using: &random) {
    case 7, 8: return object(&random, depth: depth)
    case 9:
      let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) }
      return "[" + space(&random) + elements.joined(separator: "," + space(&random)) + "]"
    default: return scalars.randomElement(using: &random) ?? "0"
    }
  }

  static func mutate(_ line: inout [UInt8], _ random: inout SeededRandom) {
    let interesting = Array(#"{}[]:,"\/ 0189+-.eEutrnfalsd"#.utf8) + [0x00, 0x09, 0x0A, 0x1F, 0x7F]
    for _ in 0..<Int.random(in: 1...2, using: &random) where !line.isEmpty {
      let place = Int.random(in: 0..<line.count, using: &random)
      let byte = interesting.randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<4, using: &random) {
      case 0: line[place] = byte
      case 1: line.insert(byte, at: place)
      case 2: line.remove(at: place)
      default: line.removeSubrange(place...)
      }
    }
  }

  /// Lines of which the two parsers are known to judge differently (`OracleDifferenceTests`): trailing commas, known
  /// keys that stand twice (also by an escape), a lone surrogate, text that is no UTF-8, huge numbers, and NUL bytes,
  /// by which Foundation guesses UTF-16.
  static func isKnownDifference(_ line: [UInt8]) -> Bool {
    if line.contains(0) || String(validating: line, as: UTF8.self) == nil { return true }
    var names: Set<[UInt8]> = []
    var lastString: [UInt8] = []
    var lastSign: UInt8 = 0
    var i = 0
    while i < line.count {
      let byte = line[i]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "\""):
        var end = i + 1
        while end < line.count, line[end] != byte { end += line[end] == UInt8(ascii: "\\") ? 2 : 1 }
        lastString = Array(line[min(i + 1, line.count)..<min(end, line.count)])
        if hasLoneSurrogate(lastString) { return true }
        i = end
        lastSign = byte
      case UInt8(ascii: ":"):
        // Twice in one line is enough: which object it stands in is not followed here.
        if lastSign == UInt8(ascii: "\""), !names.insert(unescapedE(lastString)).inserted { return true }
        lastSign = byte
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if lastSign == UInt8(ascii: ",") { return true }
        lastSign = byte
      case UInt8(ascii: "e"), UInt8(ascii: "E"):
        let digits = line[(i + 1)...].drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        if digits.prefix(while: { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }).count > 2 { return true }
        lastSign = byte
      default: lastSign = byte
      }
      i += 1
    }
    return false
  }

  private static let pair = Array(#"\ud83d\ude00"#.utf8)
  private static let escapedE = Array(#"\u0065"#.utf8)

  private static func hasLoneSurrogate(_ text: [UInt8]) -> Bool {
    var i = 0
    while i + 2 < text.count {
      if text[i...].starts(with: pair) {
        i += pair.count
        continue
      }
      if text[i] == UInt8(ascii: "\\") {
        if text[i + 1] == UInt8(ascii: "u"), text[i + 2] | 0x20 == UInt8(ascii: "d") { return true }
        i += 1
      }
      i += 1
    }
    return false
  }

  private static func unescapedE(_ name: [UInt8]) -> [UInt8] {
    guard let place = name.indices.first(where: { name[$0...].starts(with: escapedE) }) else { return name }
    return name[..<place] + [UInt8(ascii: "e")] + name[(place + escapedE.count)...]
  }

  private static let values: [(name: String, values: [String])] = valuesByName.sorted { $0.key < $1.key }
    .map { ($0.key, $0.value) }

  private static let valuesByName: [String: [String]] = [
    "model": [#""gpt-4o""#], "response_model": [#""other""#], "request_model": [#""asked""#],
    "gen_ai.request.model": [#""otel""#], "provider": [#""openai""#], "llm.provider": [#""x_ai""#],
    "latency_ms": ["12.5", #""7""#], "duration": ["3"], "response_time": ["1.5"], "ttft_ms": ["5"],
    "cost_usd": ["0.01"], "cost": ["0.5", #"{"total_cost":0.25}"#], "response_cost": ["1"],
    "start": ["1795251590"], "end": ["1795251599"], "ts": [#""2026-11-21T08:00:00Z""#],
    "user": [#""u""#, "7"], "user_id": [#""v""#], "end_user": [#""w""#], "id": [#""1""#], "call_id": [#""2""#],
    "status": [#""error""#, #""ok""#, "500"], "success": ["false"],
    "error": [#""timeout""#, #"{"code":"x","type":"api_error"}"#],
    "error_type": [#""RateLimitError""#], "http_status": ["429"], "error_information": [#"{"error_class":"Timeout"}"#],
    "finish_reason": [#""stop""#], "stop_reason": [#""max_tokens""#], "weight": ["3"], "sample_rate": ["0.5"],
    "attempt": ["2"], "retry": ["4"], "cache": [#""hit""#], "cache_hit": ["false"], "type": [#""message""#],
    "usage": [
      #"{"prompt_tokens":10,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":3}}"#,
      #"{"input_tokens":5,"cache_read_input_tokens":7,"output_tokens":1}"#, "{}", #"{"unknown":1}"#,
      #"{"input_tokens":5,"iterations":[{"input_tokens":6}]}"#, #"{"usage":{"inputTokens":9}}"#,
    ],
    "usage_metadata": [#"{"input_tokens":8,"input_token_details":{"cache_read":2}}"#],
    "usageMetadata": [#"{"promptTokenCount":6,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":2}]}"#],
    "metadata": [#"{"usage_object":{"prompt_tokens":77},"user_api_key_team_alias":"t"}"#],
    "prompt_tokens": ["20"], "input_tokens": ["21"], "completion_tokens": ["6"], "output_tokens": ["5"],
    "gen_ai.usage.input_tokens": ["22"], "cached_input_tokens": ["2"], "cache_read_input_tokens": ["3"],
    "prompt_tokens_details": [#"{"cached_tokens":4}"#], "total_tokens": ["26"], "tokens": [#"{"prompt":23}"#],
    "eval_count": ["9"], "meta": [#"{"billed_units":{"input_tokens":3}}"#], "service_tier": [#""flex""#],
    "serviceTier": [#"{"type":"priority"}"#], "call_type": [#""completion""#], "operation": [#""chat""#],
  ]

  /// Members of a believable event, each key once.
  static func eventMembers(_ random: inout SeededRandom) -> [String] {
    var members = [#""event":"call""#, #""gen_ai.response.model":"m""#]
    for (name, values) in values where Int.random(in: 0..<4, using: &random) == 0 {
      members.append("\"\(name)\":\(values.randomElement(using: &random) ?? "null")")
    }
    return members
  }

  static func event(_ random: inout SeededRandom) -> [UInt8] {
    Array(("{" + eventMembers(&random).joined(separator: ",") + "}").utf8)
  }
}
