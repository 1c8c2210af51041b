import ArgumentParser
import CSockets

/// Precomputed events at a steady rate, or as fast as one core goes.
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sends precomputed events of one size, at a steady rate or as fast as it goes.")

  @OptionGroup var options: SendOptions

  @Option(help: "Events per second; 0 is as fast as it goes.")
  var rate: Double = 0

  @Option(help: "Bytes of an event; 0 leaves them as they come (about 200).")
  var size: Int = 250

  @Option(help: "Distinct label sets (model and application).")
  var series: Int = 100

  func validate() throws {
    guard rate >= 0 else { throw ValidationError("--rate is not negative") }
    guard (1...1_000_000).contains(series) else { throw ValidationError("--series is 1 to 1000000") }
    guard size <= 60_000, options.to.isStream || max(size, 250) * options.batch <= 65_000 else {
      throw ValidationError("--size times --batch must fit into a datagram")
    }
  }

  mutating func run() throws {
    Interruption.listen()
    csockets_set_timer_slack(1)
    var buffer = PacketBuffer(eventsPerPacket: options.batch)
    var events = FixedEvents(series: series, bytes: size > 0 ? size : nil, seed: options.seed)
    events.fill(&buffer, atLeast: 1_024 * options.batch)
    let sender = try EventSender(options.to, waits: !options.noWait)

    let pacing = Pacing(rate: rate > 0 ? rate / Double(options.batch) : nil)
    let wanted = options.count > 0 ? (options.count + options.batch - 1) / options.batch : Int.max
    // As fast as it goes a stream takes as much as fits into one write.
    let most = pacing.rate == nil && options.to.isStream ? buffer.packetCount : EventSender.packetsPerCall
    let end = options.duration > 0 ? UInt64(options.duration * 1e9) : .max
    let start = Clock.nanoseconds()
    var count = SentCount()
    var position = 0
    var issued = 0
    while issued < wanted, !Interruption.wantsStop {
      let elapsed = Clock.nanoseconds() - start
      guard elapsed < end else { break }
      let due = min(pacing.due(atNanoseconds: elapsed), wanted) - issued
      guard due > 0 else {
        Clock.wait(untilNanoseconds: start + pacing.dueNanoseconds(ofPacket: issued))
        continue
      }
      let run = position..<min(position + min(due, most), buffer.packetCount)
      try sender.send(run, of: buffer, count: &count)
      issued += run.count
      position = run.upperBound == buffer.packetCount ? 0 : run.upperBound
    }
    printReport(
      SendReport(
        destination: options.to, seconds: Double(Clock.nanoseconds() - start) / 1e9,
        processorSeconds: Clock.processorSeconds(), count: count))
  }
}
