/// What a run sent, as one line of JSON.
struct SendReport {
  var destination: Destination
  var seconds: Double
  var processorSeconds: Double
  var count: SentCount

  var json: String {
    let rate = seconds > 0 ? Double(count.events) / seconds : 0
    let fields: [(String, String)] = [
      ("to", "\"\(destination.description.filter { $0 != "\"" && $0 != "\\" })\""),
      ("seconds", Self.decimal(seconds)),
      ("cpu_seconds", Self.decimal(processorSeconds)),
      ("events", "\(count.events)"),
      (destination.isStream ? "packets" : "datagrams", "\(count.packets)"),
      ("bytes", "\(count.bytes)"),
      ("would_block", "\(count.wouldBlock)"),
      ("abandoned", "\(count.abandonedPackets)"),
      ("refused", "\(count.refusedPackets)"),
      ("events_per_second", Self.decimal(rate)),
    ]
    return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
  }

  private static func decimal(_ value: Double) -> String { "\((value * 1e6).rounded() / 1e6)" }
}
