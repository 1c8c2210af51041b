import ArgumentParser
import Daemon
import Events
import Glibc

struct SendCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "send", abstract: "Send one event made of flags, or events from standard input, one per line.",
    discussion: """
      With --model the flags make one event; without it, lines of JSON are read from standard input and sent as they \
      come. What a socket does not take within a second is lost and counted.
      """)

  @Option(help: "udp:HOST:PORT, unixgram:PATH or unix:PATH.")
  var to: EventDestination = .udp(host: "127.0.0.1", port: "10781")
  @Option(help: "Kind of the event: call, start, feedback, score, gauge or flush.") var event: String?
  @Option(help: "Model that was called.") var model: String?
  @Option(help: "Provider of the model.") var provider: String?
  @Option(help: "Input tokens, cached ones included.") var inputTokens: Int?
  @Option(help: "Output tokens, reasoning included.") var outputTokens: Int?
  @Option(help: "Input tokens that came from the provider's cache.") var cachedInputTokens: Int?
  @Option(help: "Whole call, in milliseconds.") var latencyMs: Double?
  @Option(help: "Time to the first token, in milliseconds.") var ttftMs: Double?
  @Option(help: "success or error.") var status: String?
  @Option(help: "Why it failed.") var errorType: String?
  @Option(help: "Cost in US dollars, where you know it.") var costUsd: Double?
  @Option(help: "Application that made the call.") var application: String?
  @Option(help: "User for whom it was made.") var user: String?
  @Option(help: "Number of the call.") var id: String?
  @Option(help: "Any other field, as name=value; numbers, true, false and JSON are taken as such. Repeatable.")
  var field: [String] = []

  func run() throws {
    var sent = 0
    var lost = 0
    var reason: EventSocket.Failure?
    func send(_ events: [[UInt8]], over socket: borrowing EventSocket) {
      for message in Self.packed(events, asStream: to.isStream) {
        do throws(EventSocket.Failure) {
          try socket.send(message.bytes)
          sent += message.count
        } catch {
          lost += message.count
          reason = error
        }
      }
    }
    let event = hasFields ? try eventOfFlags() : nil
    do {
      let socket = try EventSocket(to)
      if let event {
        send([event], over: socket)
      } else {
        var input = LineInput()
        while let lines = try input.next() { send(lines, over: socket) }
        if sent + lost == 0 { throw ValidationError("there is nothing to send on standard input") }
      }
      reason = socket.pendingError ?? reason
    } catch let failure as EventSocket.Failure {
      lost = event == nil ? 0 : 1
      reason = failure
    }
    print("sent \(sent) of \(sent + lost) events to \(to)")
    if let reason {
      StandardError.write("llm-exporter: \(reason)\n")
      throw ExitCode(1)
    }
  }

  private var hasFields: Bool { model != nil || event != nil || !field.isEmpty }

  private func eventOfFlags() throws -> [UInt8] {
    var members: [(String, String)] = []
    func add(_ name: String, text: String?) { if let text { members.append((name, JSONText.quote(text))) } }
    func add(_ name: String, number: Double?) { if let number { members.append((name, "\(number)")) } }
    func add(_ name: String, count: Int?) { if let count { members.append((name, "\(count)")) } }
    add("event", text: event)
    add("model", text: model)
    add("provider", text: provider)
    add("input_tokens", count: inputTokens)
    add("output_tokens", count: outputTokens)
    add("cached_input_tokens", count: cachedInputTokens)
    add("latency_ms", number: latencyMs)
    add("ttft_ms", number: ttftMs)
    add("status", text: status)
    add("error_type", text: errorType)
    add("cost_usd", number: costUsd)
    add("application", text: application)
    add("user", text: user)
    add("id", text: id)
    for pair in field {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else { throw ValidationError("--field \(pair): expected name=value") }
      let value = String(parts[1])
      let isJSON =
        JSONText.isNumber(value) || value == "true" || value == "false" || value.hasPrefix("{") || value.hasPrefix("[")
      members.append((String(parts[0]), isJSON ? value : JSONText.quote(value)))
    }
    return Array("{\(members.map { JSONText.quote($0.0) + ":" + $0.1 }.joined(separator: ","))}".utf8)
  }

  /// Lines put together: a datagram takes some up to 8 KiB, a stream up to 64 KiB a write.
  static func packed(_ events: [[UInt8]], asStream: Bool) -> [(bytes: [UInt8], count: Int)] {
    let limit = asStream ? 64 << 10 : 8 << 10
    var messages: [(bytes: [UInt8], count: Int)] = []
    for event in events {
      if let last = messages.last, last.bytes.count + event.count < limit {
        messages[messages.count - 1].bytes += event + [UInt8(ascii: "\n")]
        messages[messages.count - 1].count += 1
      } else {
        messages.append((event + [UInt8(ascii: "\n")], 1))
      }
    }
    return messages
  }
}
