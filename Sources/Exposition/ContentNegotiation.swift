extension NegotiatedFormat {
  /// Chooses what to answer. Always gives something: a scraper that can't use it says so by itself.
  ///
  /// The quality of each format is that of the most specific element which covers it (RFC 9110, 12.5.1), and the
  /// highest quality wins; among equals, the richer format. A bare or half bare range covers one format only:
  /// `*/*`, `text/*` and `text/plain` are 0.0.4, `application/*` and OpenMetrics without a version are
  /// OpenMetrics 1.0.0. So the `*/*;q=2` of Prometheus 2.49.0, which names 0.0.4 beside it, changes nothing.
  /// Formats that we do not have (protobuf) are passed over; where nothing is left, it is 0.0.4.
  public static func negotiate(accept: String?) -> NegotiatedFormat {
    var best = NegotiatedFormat(.text004)
    var bestQuality = 0
    let elements = HeaderElements.parse(accept ?? "")
    // By preference among equals.
    for format in [ExpositionFormat.openMetrics100, .openMetrics001, .text100, .text004] {
      var specificity = 0
      var quality = 0
      var escaping = EscapingScheme.underscores
      for element in elements {
        let covered = Self.specificity(of: element, for: format)
        guard covered > 0, (covered, element.quality) > (specificity, quality) else { continue }
        (specificity, quality) = (covered, element.quality)
        escaping = EscapingScheme(parameter: element.parameter("escaping"))
      }
      if quality > bestQuality {
        bestQuality = quality
        best = NegotiatedFormat(format, escaping: format.hasEscaping ? escaping : .underscores)
      }
    }
    return best
  }

  /// How closely an element describes a format; 0: not at all.
  private static func specificity(of element: HeaderElement, for format: ExpositionFormat) -> Int {
    let isDefaultOfItsType = format == .text004 || format == .openMetrics100
    switch element.value {
    case format.mediaType:
      guard let version = element.parameter("version"), !version.isEmpty else { return isDefaultOfItsType ? 3 : 0 }
      return version == format.version ? 4 : 0
    case "text/*": return format == .text004 ? 2 : 0
    case "application/*": return format == .openMetrics100 ? 2 : 0
    case "*/*", "*": return format == .text004 ? 1 : 0
    default: return 0
    }
  }
}

/// Whether a client takes gzip, by its `Accept-Encoding`. A header that is not there says no: some clients that
/// leave it out can't unpack.
public func acceptsGzip(acceptEncoding: String?) -> Bool {
  var named: Int?
  var wildcard = 0
  for element in HeaderElements.parse(acceptEncoding ?? "") {
    switch element.value {
    case "gzip", "x-gzip": named = max(named ?? 0, element.quality)
    case "*": wildcard = max(wildcard, element.quality)
    default: break
    }
  }
  return (named ?? wildcard) > 0
}
