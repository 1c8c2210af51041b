import ArgumentParser

/// Believable traffic for demonstrations and end-to-end tests.
struct Traffic: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Sends what a company's applications might: many models, errors, retries, feedback, a daily rhythm.",
    discussion: """
      SIGUSR1 switches the incident on and off. The same seed gives the same requests.
      """)

  @OptionGroup var options: SendOptions

  @Option(help: "Requests per second, the mean over a day.")
  var rate: Double = 20

  @Option(help: "Seconds that a day's rhythm takes; 0 keeps the load level. A real day follows the clock (UTC).")
  var daySeconds: Double = 86_400

  @Option(help: "Users that call.")
  var users: Int = 500

  @Option(help: "\(Incident.allCases.map(\.rawValue).joined(separator: ", "))")
  var incident: Incident = .errorBurst

  @Option(help: "Seconds until the incident begins; without it only SIGUSR1 does.")
  var incidentAfter: Double?

  @Option(help: "Seconds that the incident lasts.")
  var incidentFor: Double = 300

  func validate() throws {
    guard rate > 0, rate <= 100_000 else { throw ValidationError("--rate is above 0, at most 100000") }
    guard (1...10_000_000).contains(users) else { throw ValidationError("--users is 1 to 10000000") }
    guard daySeconds == 0 || daySeconds >= 10 else { throw ValidationError("--day-seconds is 0 or at least 10") }
    guard options.to.isStream || options.batch <= 60 else {
      throw ValidationError("--batch is at most 60 where a datagram must hold it")
    }
  }

  mutating func run() throws {
    Interruption.listen()
    let sender = try EventSender(options.to, waits: !options.noWait)
    let schedule = IncidentSchedule(incident: incident, startSeconds: incidentAfter, lengthSeconds: incidentFor)
    var model = TrafficModel(seed: options.seed, users: users)
    var buffer = PacketBuffer(eventsPerPacket: options.batch)
    var count = SentCount()
    let firstHour = daySeconds == 86_400 ? Clock.unixSeconds() / 3_600 : 8
    let start = Clock.nanoseconds()
    // A step's requests are spread over it, so its length is not seen in what is sent.
    let stepSeconds = 0.05
    var now = 0.0
    while !Interruption.wantsStop, options.duration == 0 || now < options.duration,
      options.count == 0 || count.events < UInt64(options.count)
    {
      let next = now + stepSeconds
      let hour = (firstHour + (daySeconds > 0 ? now / daySeconds * 24 : 0)).truncatingRemainder(dividingBy: 24)
      let load = daySeconds > 0 ? DayCurve.load(atHour: hour) : 1
      let active = schedule.active(atSeconds: now, isSwitched: Interruption.isIncidentSwitched)
      model.advance(fromSeconds: now, toSeconds: next, rate: rate * load, incident: active, into: &buffer)
      Clock.wait(untilNanoseconds: start + UInt64(next * 1e9))
      try sender.send(0..<buffer.packetCount, of: buffer, count: &count)
      buffer.removeAll()
      now = next
    }
    printReport(
      SendReport(
        destination: options.to, seconds: Double(Clock.nanoseconds() - start) / 1e9,
        processorSeconds: Clock.processorSeconds(), count: count))
  }
}
