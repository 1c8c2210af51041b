/// A report that is made by the clock and sent somewhere: an entry of the list `reports`.
public struct ScheduledReport: Equatable, Sendable {
  /// In metrics and the log; letters, digits, `-` and `_`.
  public var name = ""
  var schedule: CronLine?
  /// Empty: UTC.
  var zone = ""
  /// A report's name; empty where calls are archived.
  var report = ""
  /// As in the URL of the same report over HTTP.
  var parameters: [Parameter] = []
  var format = ""
  var target = Target.none
  /// Certificates to trust in place of the system's.
  var authorities = ""

  struct Parameter: Equatable, Sendable {
    var name: String
    var value: String
  }

  enum Target: Equatable, Sendable {
    case none
    case webhook(Webhook)
    case mail(Mail)
    case archive(Archive)
  }

  struct Webhook: Equatable, Sendable {
    var url = ""
    /// The URL is in this file: for Slack and others it is a secret.
    var urlFile = ""
    /// Holds a header `Authorization`.
    var authorizationFile = ""
  }

  struct Mail: Equatable, Sendable {
    /// `smtp://HOST:PORT` (STARTTLS) or `smtps://HOST:PORT`.
    var server = ""
    var from = ""
    var to: [String] = []
    var user = ""
    var passwordFile = ""
    var needsTLS = true
  }

  struct Archive: Equatable, Sendable {
    var location = S3Location()
    var host = ""
  }
}

/// A bucket and where in it.
public struct S3Location: Equatable, Sendable {
  public var bucket = ""
  public var prefix = ""
  /// Empty: Amazon's of the region.
  public var endpoint = ""
  public var region = "us-east-1"
  /// In the form of ~/.aws/credentials; empty: the environment.
  public var credentialsFile = ""
  public var authorities = ""

  public init() {}

  /// `s3://BUCKET/PREFIX`.
  public init?(_ url: String) {
    guard url.hasPrefix("s3://"), !url.hasPrefix("s3:///") else { return nil }
    let parts = url.dropFirst(5).split(separator: "/", omittingEmptySubsequences: true)
    guard let bucket = parts.first, bucket.utf8.allSatisfy(Self.isBucketByte) else { return nil }
    self.bucket = String(bucket)
    prefix = parts.dropFirst().joined(separator: "/")
  }

  private static func isBucketByte(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte) || [45, 46, 95].contains(byte)
  }
}
