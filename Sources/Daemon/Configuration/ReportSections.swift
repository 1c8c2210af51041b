import CivilTime
import Reports
import Yams

/// The list `reports`.
extension ConfigurationSections {
  private static let keys = [
    "name", "schedule", "zone", "report", "parameters", "format", "ca_file", "webhook", "mail", "archive",
  ]
  private static let formats = ["json", "slack", "html", "markdown", "table", "csv"]

  static func readReports(_ node: Node, _ configuration: inout Configuration, _ reader: inout SectionReader) {
    for (index, node) in reader.list(node, expected: "a list of reports").enumerated() {
      let path = "[\(index)]"
      let problemsBefore = reader.problems.count
      var report = ScheduledReport()
      for (name, node) in reader.members(node, at: path, expected: "a mapping") {
        readMember(name, node, "\(path).\(name)", &report, &reader)
      }
      guard reader.problems.count == problemsBefore else { continue }
      complete(&report, node, path, &reader)
      if reader.problems.count == problemsBefore { configuration.reports.append(report) }
    }
  }

  private static func readMember(
    _ name: String, _ node: Node, _ path: String, _ report: inout ScheduledReport, _ reader: inout SectionReader
  ) {
    switch name {
    case "parameters": report.parameters = readParameters(node, path, &reader)
    case "webhook": report.target = .webhook(readWebhook(node, path, &reader))
    case "mail": report.target = .mail(readMail(node, path, &reader))
    case "archive": report.target = .archive(readArchive(node, path, &reader))
    default:
      guard keys.contains(name) else {
        return reader.report(node, at: path, found: name, expected: "one of \(keys.joined(separator: ", "))")
      }
      guard let text = reader.text(node, at: path) else { return }
      switch name {
      case "name":
        let isName = text.utf8.allSatisfy {
          (48...57).contains($0) || (97...122).contains($0 | 32) || $0 == 45 || $0 == 95
        }
        if !isName { reader.report(node, at: path, expected: "letters, digits, - and _") }
        report.name = text
      case "schedule":
        report.schedule = CronLine(text)
        if report.schedule == nil { reader.report(node, at: path, expected: CronLine.expected) }
      case "zone":
        if TimeZone(named: text) == nil { reader.report(node, at: path, expected: "a time zone of this machine") }
        report.zone = text
      case "report":
        let names = ReportName.allCases.map(\.rawValue)
        if !names.contains(text) {
          reader.report(node, at: path, expected: "one of \(names.joined(separator: ", "))")
        }
        report.report = text
      case "format": report.format = text
      default: report.authorities = text
      }
    }
  }

  /// What the members mean together.
  private static func complete(
    _ report: inout ScheduledReport, _ node: Node, _ path: String, _ reader: inout SectionReader
  ) {
    if report.name.isEmpty { reader.report(node, at: path, found: "no name", expected: "a name") }
    if report.schedule == nil { reader.report(node, at: path, found: "no schedule", expected: CronLine.expected) }
    let formats: [String]
    switch report.target {
    case .none:
      reader.report(node, at: path, found: "no target", expected: "webhook, mail or archive")
      return
    case .archive(var archive):
      formats = ["ndjson", "csv"]
      if !report.report.isEmpty {
        reader.report(node, at: path, found: "report \(report.report)", expected: "no report: an archive holds calls")
      }
      archive.location.authorities = report.authorities
      report.target = .archive(archive)
    case .webhook: formats = Self.formats
    case .mail: formats = ["html"] + Self.formats.filter { $0 != "slack" && $0 != "html" }
    }
    if case .archive = report.target {
    } else if report.report.isEmpty {
      reader.report(node, at: path, found: "no report", expected: "the name of a report")
    }
    if report.format.isEmpty { report.format = formats[0] }
    if !formats.contains(report.format) {
      reader.report(
        node, at: "\(path).format", found: report.format, expected: "one of \(formats.joined(separator: ", "))")
    }
    do throws(ReportError) {
      let request = try ReportRequest(report.parameters.map { ($0.name, $0.value) })
      _ = try ReportQuery(request.text, now: 1_800_000_000 * Instant.second, local: .utc)
    } catch {
      reader.report(node, at: "\(path).parameters", found: error.description, expected: "parameters of the report")
    }
  }

  /// A value, or a list of values of the same parameter.
  private static func readParameters(
    _ node: Node, _ path: String, _ reader: inout SectionReader
  ) -> [ScheduledReport.Parameter] {
    var parameters: [ScheduledReport.Parameter] = []
    for (name, node) in reader.members(node, at: path, expected: "a mapping of parameters") {
      let values = node.sequence.map { Array($0) } ?? [node]
      for value in values {
        if let text = reader.text(value, at: "\(path).\(name)") { parameters.append(.init(name: name, value: text)) }
      }
    }
    return parameters
  }

  private static func readWebhook(
    _ node: Node, _ path: String, _ reader: inout SectionReader
  ) -> ScheduledReport.Webhook {
    var hook = ScheduledReport.Webhook()
    readTexts(
      node, path,
      ["url": \.url, "url_file": \.urlFile, "authorization_file": \.authorizationFile], into: &hook, &reader)
    if hook.url.isEmpty == hook.urlFile.isEmpty {
      reader.report(node, at: path, expected: "either url or url_file")
    } else if !hook.url.isEmpty, !hook.url.hasPrefix("https://"), !hook.url.hasPrefix("http://") {
      reader.report(node, at: path, found: hook.url, expected: "a URL that starts with https:// or http://")
    }
    return hook
  }

  private static func readMail(_ node: Node, _ path: String, _ reader: inout SectionReader) -> ScheduledReport.Mail {
    var mail = ScheduledReport.Mail()
    var others: [(name: String, node: Node)] = []
    readTexts(
      node, path,
      ["server": \.server, "from": \.from, "user": \.user, "password_file": \.passwordFile], into: &mail, &reader,
      others: { others.append(($0, $1)) })
    for (name, node) in others {
      switch name {
      case "to":
        let members = node.sequence.map { Array($0) } ?? [node]
        mail.to = members.compactMap { reader.text($0, at: "\(path).to") }
      case "tls":
        guard let text = reader.text(node, at: "\(path).tls"), ["true", "false"].contains(text) else { continue }
        mail.needsTLS = text == "true"
      default: reader.report(node, at: path, found: name, expected: "server, from, to, user, password_file or tls")
      }
    }
    let addresses = [mail.from] + mail.to
    let areAddresses = addresses.allSatisfy { address in
      address.contains("@") && address.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != 60 && $0 != 62 && $0 != 44 }
    }
    if mail.to.isEmpty || mail.to.count > 100 || !areAddresses {
      reader.report(node, at: path, expected: "from and to, as plain addresses such as team@example.com")
    }
    if !mail.server.hasPrefix("smtp://"), !mail.server.hasPrefix("smtps://") {
      reader.report(node, at: path, found: mail.server, expected: "a server such as smtp://mail.example.com:587")
    }
    return mail
  }

  private static func readArchive(
    _ node: Node, _ path: String, _ reader: inout SectionReader
  ) -> ScheduledReport.Archive {
    struct Texts {
      var url = ""
      var endpoint = ""
      var region = ""
      var credentialsFile = ""
      var host = ""
    }
    var texts = Texts()
    readTexts(
      node, path,
      [
        "url": \.url, "endpoint": \.endpoint, "region": \.region, "credentials_file": \.credentialsFile, "host": \.host,
      ], into: &texts, &reader)
    var archive = ScheduledReport.Archive()
    guard let location = S3Location(texts.url) else {
      reader.report(node, at: path, found: texts.url, expected: "a url such as s3://bucket/prefix")
      return archive
    }
    archive.location = location
    archive.location.endpoint = texts.endpoint
    if !texts.region.isEmpty { archive.location.region = texts.region }
    archive.location.credentialsFile = texts.credentialsFile
    archive.host = texts.host
    let isEndpoint = texts.endpoint.hasPrefix("https://") || texts.endpoint.hasPrefix("http://")
    if !texts.endpoint.isEmpty, !isEndpoint || texts.endpoint.hasSuffix("/") {
      reader.report(
        node, at: path, found: texts.endpoint, expected: "an endpoint such as https://minio.example.com:9000")
    }
    if texts.host.contains("/") { reader.report(node, at: path, found: texts.host, expected: "a host without /") }
    return archive
  }

  private static func readTexts<Value>(
    _ node: Node, _ path: String, _ places: [String: WritableKeyPath<Value, String>], into value: inout Value,
    _ reader: inout SectionReader, others: ((String, Node) -> Void)? = nil
  ) {
    for (name, node) in reader.members(node, at: path, expected: "a mapping") {
      if let place = places[name] {
        if let text = reader.text(node, at: "\(path).\(name)") { value[keyPath: place] = text }
      } else if let others {
        others(name, node)
      } else {
        reader.report(
          node, at: path, found: name, expected: "one of \(places.keys.sorted().joined(separator: ", "))")
      }
    }
  }
}
