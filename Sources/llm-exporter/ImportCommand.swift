import ArgumentParser
import CivilTime
import Daemon
import Glibc
import Reports
import Storage

struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Take exported calls in again, from standard input or an archive in a bucket.",
    discussion: """
      NDJSON or CSV, as export writes them. \
      A file that is not there is made. Calls that are there already are left as they are: the same file can be imported \
      twice. From a bucket the archived \
      days of every host are read that touch the time; credentials are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or \
      --s3.credentials-file.
      """)

  @OptionGroup var source: CallLogFiles
  @Argument(help: "s3://BUCKET/PREFIX; without it standard input is read.") var archive: String?
  @Option(help: "Archive: where it begins, as in a report.") var since = "7d"
  @Option(help: "Archive: where it ends.") var until = "now"
  @Option(help: "Archive: time zone of these two (default: this machine's).") var zone = ""
  @Option(name: .customLong("s3.endpoint"), help: "Archive: URL of the service, where it is not Amazon's.")
  var endpoint = ""
  @Option(name: .customLong("s3.region"), help: "Archive: region that requests are signed for.") var region =
    "us-east-1"
  @Option(name: .customLong("s3.credentials-file"), help: "Archive: file in the form of ~/.aws/credentials.")
  var credentialsFile = ""
  @Option(name: .customLong("s3.ca-file"), help: "Archive: certificates to trust in place of the system's.")
  var authorities = ""

  func run() throws {
    guard source.paths.count == 1 else { throw ValidationError("import writes into one file") }
    let path = source.paths[0]
    if unsafe access(path, F_OK) != 0 { try Store(path: path).close() }
    var taken = CallImport(try CallLogEditor(path: path))
    if let archive {
      try take(from: archive, &taken)
    } else {
      while let line = readLine() { try taken.take(line) }
    }
    try taken.finish()
    let judgements =
      taken.judgementsAdded + taken.judgementsKnown == 0
      ? "" : "\(taken.judgementsAdded) new judgements, \(taken.judgementsKnown) known ones, "
    print("\(taken.added) new calls, \(taken.known) known ones, \(judgements)\(taken.refused) lines refused")
    if taken.refused > 0 { throw ExitCode(1) }
  }

  private func take(from url: String, _ taken: inout CallImport) throws {
    guard var location = S3Location(url) else { throw ValidationError("\(url): expected s3://BUCKET/PREFIX") }
    location.endpoint = endpoint
    location.region = region
    location.credentialsFile = credentialsFile
    location.authorities = authorities
    var text = ReportQuery.Text()
    text.since = since
    text.until = until
    text.zone = zone
    let query = try ReportQuery(text, now: Clock.now, local: .current(environment: ProcessEnvironment.value))
    let bucket = try CallArchive(location)
    taken.range = query.range
    for day in try bucket.days(query.range) { try bucket.lines(of: day) { try taken.take($0) } }
  }
}
