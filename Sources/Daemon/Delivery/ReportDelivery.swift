import CivilTime
import Events
import Exposition
import Glibc
import Pipeline
import Pricing
import Reports
import Storage

/// Makes one scheduled report, or archive, and sends it: once, without trying again. Blocks.
struct ReportDelivery {
  let report: ScheduledReport
  /// The store's file.
  let path: String
  /// When it was due: what `today` means in it.
  let due: Int64
  let prices: PriceBook

  /// - Returns: what was sent where, in words without secrets.
  func run() throws -> String {
    switch report.target {
    case .none: throw DeliveryProblem("it goes nowhere")
    case .webhook(let hook): return try post(to: hook)
    case .mail(let mail): return try send(mail)
    case .archive(let archive): return try store(archive)
    }
  }

  private func query(defaultSince since: String, until: String) throws -> (ReportRequest, ReportQuery) {
    var parameters: [(name: String, value: String)] = [("since", since), ("until", until)]
    if !report.zone.isEmpty { parameters.append(("zone", report.zone)) }
    parameters += report.parameters.map { ($0.name, $0.value) }
    let request = try ReportRequest(parameters)
    return (request, try ReportQuery(request.text, now: due, local: .utc))
  }

  private func made() throws -> (report: Report, query: ReportQuery) {
    guard let name = ReportName(rawValue: report.report) else {
      throw DeliveryProblem("there is no report \(report.report)")
    }
    let (request, query) = try query(defaultSince: "7d", until: "now")
    let source = CallSource([try CallLogReader(path: path)])
    if let model = request.whatIf {
      return (try source.whatIf(query, model: model, with: prices), query)
    }
    return (try source.report(name, query, request.extras), query)
  }

  private func rendered(_ made: (report: Report, query: ReportQuery), as format: String) -> (body: String, type: String)
  {
    func text(_ format: ReportFormat) -> String { made.report.rendered(as: format, zone: made.query.zone, width: 120) }
    switch format {
    case "html": return (text(.html), "text/html; charset=utf-8")
    case "markdown": return (text(.markdown), "text/markdown; charset=utf-8")
    case "csv": return (text(.csv), "text/csv; charset=utf-8")
    case "table": return (text(.table), "text/plain; charset=utf-8")
    case "slack":
      return (
        "{\"text\":\(JSONText.quote(SlackMessage.text(made.report.title, table: text(.table))))}", "application/json"
      )
    default: return (text(.json), "application/json")
    }
  }

  private func post(to hook: ScheduledReport.Webhook) throws -> String {
    let (body, type) = rendered(try made(), as: report.format)
    var transfer = Transfer()
    transfer.method = "POST"
    transfer.url = hook.urlFile.isEmpty ? hook.url : try Secret.text(of: hook.urlFile)
    guard transfer.url.hasPrefix("http://") || transfer.url.hasPrefix("https://") else {
      throw DeliveryProblem("the webhook's address starts neither with https:// nor with http://")
    }
    transfer.headers = ["Content-Type: \(type)", "Expect:", "X-LLM-Exporter-Report: \(report.name)"]
    if !hook.authorizationFile.isEmpty {
      transfer.headers.append("Authorization: \(try Secret.text(of: hook.authorizationFile))")
    }
    transfer.body = Array(body.utf8)
    transfer.authorities = report.authorities
    if let problem = DeliveryProblem(try transfer.run()) { throw problem }
    return "\(transfer.body.count) bytes to a webhook"
  }

  private func send(_ mail: ScheduledReport.Mail) throws -> String {
    let made = try made()
    let (body, type) = rendered(made, as: report.format)
    var transfer = Transfer()
    transfer.method = "MAIL"
    transfer.url = mail.server
    transfer.sender = "<\(mail.from)>"
    transfer.recipients = mail.to.map { "<\($0)>" }
    transfer.user = mail.user
    if !mail.user.isEmpty {
      transfer.password =
        mail.passwordFile.isEmpty
        ? Environment.value("LLM_EXPORTER_SMTP_PASSWORD") ?? "" : try Secret.text(of: mail.passwordFile)
    }
    transfer.needsTLS = mail.needsTLS
    transfer.authorities = report.authorities
    let subject = "\(made.report.title) · \(report.name) · \(Instant.shortText(due, in: made.query.zone))"
    transfer.body = MailMessage.bytes(mail, subject: subject, type: type, body: body, now: WallClock.now)
    let answer = try transfer.run()
    // 4xx passes, 5xx does not (RFC 5321, 4.2.1); libcurl tells most of them as problems of its own.
    guard (200..<300).contains(answer.status) else {
      throw DeliveryProblem("the mail server answered \(answer.status)", isFinal: answer.status >= 500)
    }
    return "\(transfer.body.count) bytes to \(mail.to.count) recipients"
  }

  // MARK: Archives

  private func store(_ archive: ScheduledReport.Archive) throws -> String {
    let (_, query) = try query(defaultSince: "yesterday", until: "today")
    let client = try S3Client(archive.location)
    let file = path + ".archive-\(report.name)-\(getpid())"
    defer { unsafe unlink(file) }
    let bytes = try write(query, to: file)
    let name = Self.objectName(archive, query, format: report.format)
    try client.put(name, file: file, type: "application/gzip")
    return "\(bytes) bytes as s3://\(archive.location.bucket)/\(name)"
  }

  static func objectName(_ archive: ScheduledReport.Archive, _ query: ReportQuery, format: String) -> String {
    let day = query.zone.local(Instant.seconds(query.range.lowerBound)).date.text
    let folders = archive.location.prefix.isEmpty ? [] : [archive.location.prefix]
    let parts = folders + day.split(separator: "-").map(String.init)
    return (parts + [(archive.host.isEmpty ? hostName() : archive.host) + ".\(format).gz"]).joined(separator: "/")
  }

  private static func hostName() -> String {
    var name = [CChar](repeating: 0, count: 256)
    // The last byte stays zero, whatever the length.
    unsafe name.withUnsafeMutableBufferPointer { buffer in
      if let base = buffer.baseAddress { _ = unsafe gethostname(base, buffer.count - 1) }
    }
    let bytes = name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return bytes.isEmpty ? "localhost" : String(decoding: bytes, as: UTF8.self)
  }

  /// Writes the calls, packed, some kilobytes at a time.
  ///
  /// - Returns: bytes of the file.
  private func write(_ query: ReportQuery, to file: String) throws -> Int {
    guard let output = unsafe fopen(file, "wxe") else {
      throw DeliveryProblem("\(FileProblem(path: file, code: errno, doing: "cannot create"))", isFinal: false)
    }
    var isOpen = true
    defer { if isOpen { unsafe fclose(output) } }
    var compressor = try GzipCompressor(level: 6)
    var packed: [UInt8] = []
    var total = 0
    func drain() throws {
      // fwrite reads as many bytes as the array has.
      let written = unsafe packed.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, output) }
      guard written == packed.count else {
        throw DeliveryProblem("\(FileProblem(path: file, code: errno, doing: "cannot write"))", isFinal: false)
      }
      total += written
      packed.removeAll(keepingCapacity: true)
    }
    let source = CallSource([try CallLogReader(path: path)])
    try source.export(query, as: report.format == "csv" ? .csv : .ndjson) { text in
      compressor.compress(Array(text.utf8), into: &packed)
      try drain()
    }
    compressor.finish(into: &packed)
    try drain()
    isOpen = false
    guard unsafe fclose(output) == 0 else {
      throw DeliveryProblem("\(FileProblem(path: file, code: errno, doing: "cannot write"))", isFinal: false)
    }
    return total
  }
}
