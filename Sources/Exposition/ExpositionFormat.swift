/// A way to write a snapshot down.
/// https://prometheus.io/docs/instrumenting/exposition_formats/
/// https://prometheus.io/docs/specs/om/open_metrics_spec/
public enum ExpositionFormat: Sendable, CaseIterable {
  /// The fallback: what every scraper has understood since 2014.
  case text004
  /// 0.0.4's grammar; names outside of ASCII would be quoted, and ours never are.
  case text100
  case openMetrics001
  case openMetrics100

  public var isOpenMetrics: Bool { self == .openMetrics001 || self == .openMetrics100 }

  /// Whether the format's media type carries the `escaping` parameter.
  public var hasEscaping: Bool { self == .text100 || self == .openMetrics100 }

  var mediaType: String { isOpenMetrics ? "application/openmetrics-text" : "text/plain" }

  var version: String {
    switch self {
    case .text004: "0.0.4"
    case .text100, .openMetrics100: "1.0.0"
    case .openMetrics001: "0.0.1"
    }
  }
}

/// How names outside of `[a-zA-Z0-9_:]` are written. We have none, so each scheme gives the same bytes,
/// and the one that was asked for is confirmed.
/// https://prometheus.io/docs/instrumenting/escaping_schemes/
public enum EscapingScheme: String, Sendable, CaseIterable {
  case allowUTF8 = "allow-utf-8"
  /// What is meant where nothing is said.
  case underscores
  case dots
  case values

  /// Anything unknown is the default. The content negotiation page of Prometheus spells the first one without
  /// its second hyphen, its servers with.
  init(parameter: String?) {
    self = parameter == "allow-utf8" ? .allowUTF8 : parameter.flatMap(EscapingScheme.init(rawValue:)) ?? .underscores
  }
}

/// What an answer is written in.
public struct NegotiatedFormat: Sendable, Equatable {
  public var format: ExpositionFormat
  public var escaping: EscapingScheme

  public init(_ format: ExpositionFormat, escaping: EscapingScheme = .underscores) {
    self.format = format
    self.escaping = escaping
  }

  /// The exact `Content-Type`; Prometheus 3 fails a scrape without a valid one.
  public var contentType: String {
    let type = "\(format.mediaType); version=\(format.version); charset=utf-8"
    return format.hasEscaping ? "\(type); escaping=\(escaping.rawValue)" : type
  }
}
