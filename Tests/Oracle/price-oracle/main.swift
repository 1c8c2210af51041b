// Prices calls for tests that compare with other calculators: one JSON object with a normalised usage a line on
// standard input, one line with its cost each on standard output.
//
//     price-oracle TABLE.json < calls.ndjson
//     price-oracle --rates TABLE.json          every rate that was read, a model a line

import Events
import Foundation
import Pricing

struct Call: Decodable {
  var model: String
  var provider: String?
  var input: Int64?
  var output: Int64?
  var cached: Int64?
  var written: Int64?
  var written1h: Int64?
  var written12h: Int64?
  var reasoning: Int64?
  var audioInput: Int64?
  var audioOutput: Int64?
  var cachedAudio: Int64?
  var imageInput: Int64?
  var imageOutput: Int64?
  var videoInput: Int64?
  var videoOutput: Int64?
  var citations: Int64?
  var tier: String?
  var residency: String?
  var region: String?
  var geo: String?
  var fast: Bool?
  var latencyNanoseconds: Int64?
  var time: Int64?
  /// Picodollars.
  var callerCost: Int64?
  var iterations: [Call]?
}

struct Answer: Encodable {
  var prompt: String
  var completion: String
  var request: String
  var verdict: String
  var entry: String
  var reason: String
}

let tiers: [String: ServiceTier] = [
  "flex": .flex, "priority": .priority, "batch": .batch, "balanced": .balanced, "ultrafast": .ultrafast,
]

func usage(of call: Call) -> Usage {
  var usage = Usage()
  usage.shape = .known
  usage.input = call.input ?? 0
  usage.output = call.output ?? 0
  usage.cachedInput = call.cached ?? 0
  usage.cacheWrite = call.written ?? 0
  usage.cacheWrite1h = call.written1h ?? 0
  usage.cacheWrite12h = call.written12h ?? 0
  usage.reasoning = call.reasoning ?? 0
  usage.audioInput = call.audioInput ?? 0
  usage.audioOutput = call.audioOutput ?? 0
  usage.cachedAudio = call.cachedAudio ?? 0
  usage.imageInput = call.imageInput ?? 0
  usage.imageOutput = call.imageOutput ?? 0
  usage.videoInput = call.videoInput ?? 0
  usage.videoOutput = call.videoOutput ?? 0
  usage.citationTokens = call.citations ?? 0
  return usage
}

/// The bytes that the event's texts point into.
func event(of call: Call, line: inout [UInt8]) -> Event {
  line.removeAll()
  func text(_ value: String?) -> Text {
    let start = line.count
    line += Array((value ?? "").utf8)
    return Text(offset: start, count: line.count - start)
  }
  var event = Event()
  event.fields.model = text(call.model)
  event.fields.provider = text(call.provider)
  event.fields.dataResidency = text(call.residency)
  event.fields.region = text(call.region)
  event.fields.inferenceGeo = text(call.geo)
  event.fields.fastSpeed = call.fast ?? false
  event.fields.serviceTier = tiers[call.tier ?? ""] ?? .unspecified
  event.fields.latency = call.latencyNanoseconds ?? -1
  event.fields.timestamp = call.time ?? 0
  event.fields.callerCost = call.callerCost ?? -1
  for iteration in call.iterations ?? [] {
    event.iterations.append(Iteration(model: text(iteration.model), usage: usage(of: iteration)))
  }
  event.fields.usage = usage(of: call)
  return event
}

func answer(_ cost: CallCost, entry: String) -> Answer {
  func sum(_ components: [CostComponent]) -> String {
    Dollars.text(components.reduce(0) { $0 + cost.components[Int($1.rawValue)] })
  }
  let (verdict, reason) =
    switch cost.verdict {
    case .priced(let source): ("priced", source.label)
    case .unpriced(let why): ("unpriced", why.label)
    }
  return Answer(
    prompt: sum([.input, .cachedInput, .cacheWrite]), completion: sum([.output, .reasoning]),
    request: sum([.request, .tool]), verdict: verdict, entry: entry, reason: reason)
}

struct ReadEntry: Encodable {
  var name: String
  var rates: [String: String]
}

guard let path = CommandLine.arguments.last, (2...3).contains(CommandLine.arguments.count),
  let table = FileManager.default.contents(atPath: path)
else {
  FileHandle.standardError.write(Data("usage: price-oracle [--rates] TABLE.json < calls.ndjson\n".utf8))
  exit(2)
}
do {
  let book = try PriceBook(layers: [.table([UInt8](table), name: path)])
  for problem in book.problems { FileHandle.standardError.write(Data("\(problem)\n".utf8)) }
  var pricer = Pricer(book: book)
  var line: [UInt8] = []
  let decoder = JSONDecoder()
  decoder.keyDecodingStrategy = .convertFromSnakeCase
  let encoder = JSONEncoder()
  encoder.outputFormatting = .sortedKeys
  if CommandLine.arguments[1] == "--rates" {
    for entry in book.entries() {
      let rates = Dictionary(entry.rates.map { ($0.key, $0.dollars) }) { first, _ in first }
      print(String(decoding: try encoder.encode(ReadEntry(name: entry.name, rates: rates)), as: UTF8.self))
    }
    exit(0)
  }
  while let input = readLine() {
    let event = event(of: try decoder.decode(Call.self, from: Data(input.utf8)), line: &line)
    let route = pricer.resolve(event, in: line.span).route
    let cost = pricer.cost(of: event, in: line.span, route: route, now: 0)
    let answer = answer(cost, entry: book.name(of: book.pricing(route)))
    print(String(decoding: try encoder.encode(answer), as: UTF8.self))
  }
} catch {
  FileHandle.standardError.write(Data("price-oracle: \(error)\n".utf8))
  exit(1)
}
