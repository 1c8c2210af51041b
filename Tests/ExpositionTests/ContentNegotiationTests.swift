import Exposition
import Testing

private let protobuf =
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"

@Suite("Content negotiation")
struct ContentNegotiationTests {
  @Test(
    "Each Prometheus gets the best that it asks for",
    arguments: [
      (
        "2.42",
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
          + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
      ),
      (
        "2.42 with native histograms",
        "\(protobuf),application/openmetrics-text;version=1.0.0;q=0.8,"
          + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
      ),
      (
        "2.49.0, which doubles the weight of anything",
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
          + "text/plain;version=0.0.4;q=0.3,*/*;q=2",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
      ),
      (
        "2.53",
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,"
          + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
      ),
      (
        "3.0, which asks for escaping everywhere",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
          + "application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5,"
          + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
          + "text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3,*/*;escaping=allow-utf-8;q=0.2",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
      ),
      (
        "3.5 to 3.14",
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
          + "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
          + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
      ),
      (
        "3.x that scrapes native histograms",
        "\(protobuf);q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
          + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
          + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
      ),
      (
        "3.x configured for text 1.0.0 first",
        "text/plain;version=1.0.0;escaping=dots;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,*/*;q=0.2",
        "text/plain; version=1.0.0; charset=utf-8; escaping=dots"
      ),
      (
        "3.x configured for OpenMetrics 0.0.1 only",
        "application/openmetrics-text;version=0.0.1;q=0.5,*/*;q=0.2",
        "application/openmetrics-text; version=0.0.1; charset=utf-8"
      ),
      (
        "3.x configured for 0.0.4 only, escaping asked where there is none",
        "text/plain;version=0.0.4;escaping=values;q=0.3,*/*;q=0.2",
        "text/plain; version=0.0.4; charset=utf-8"
      ),
    ])
  func prometheus(server: String, accept: String, contentType: String) {
    #expect(NegotiatedFormat.negotiate(accept: accept).contentType == contentType, "\(server)")
  }

  @Test(
    "What asks for nothing that we have gets text 0.0.4",
    arguments: [
      nil, "", " ", ",", ",,;;,=", "*/*", "*", "text/*", "text/plain", "text/html", "application/json;q=1",
      protobuf, "\(protobuf);q=1,*/*;q=0.1", "application/openmetrics-text;version=2.0.0",
      "text/plain;version=9", "*/*;q=0", "text/plain;q=0", "application/openmetrics-text;q=0", "é/✓;q=½", "\"",
      "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
      "application/openmetrics-text;q=0.1,*/*;q=0.9",
    ])
  func fallback(accept: String?) {
    #expect(NegotiatedFormat.negotiate(accept: accept) == NegotiatedFormat(.text004))
  }

  @Test(
    "Weights: the highest wins, odd ones are clamped or ignored",
    arguments: [
      ("application/openmetrics-text;q=0.4,text/plain;q=0.5", ExpositionFormat.text004),
      ("application/openmetrics-text;q=0.5,text/plain;q=0.4", .openMetrics100),
      ("text/plain;q=0.9999,application/openmetrics-text", .openMetrics100),
      ("text/plain,application/openmetrics-text", .openMetrics100),
      ("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=0.0.1;q=2", .openMetrics001),
      ("text/plain;q=7,application/openmetrics-text;version=0.0.1;q=99999999999999999999", .openMetrics001),
      ("text/plain;q=0.5,application/openmetrics-text;q=high", .openMetrics100),
      ("text/plain;q=0.5,application/openmetrics-text;q=", .openMetrics100),
      ("text/plain;q=0.5,application/openmetrics-text;q", .openMetrics100),
      ("text/plain;q=0.5,application/openmetrics-text;q=nan", .openMetrics100),
      ("text/plain;q=0.5,application/openmetrics-text;q=.", .openMetrics100),
      ("text/plain;q=0.5,application/openmetrics-text;q=0.1.2", .openMetrics100),
      ("text/plain;q=0.5,application/openmetrics-text;q=-1", .text004),
      ("text/plain;q=0.5,application/openmetrics-text;q=.4", .text004),
      ("text/plain;q=0.5,application/openmetrics-text;q=0", .text004),
      ("text/plain;q=0.000001,application/openmetrics-text;q=0.0", .text004),
    ])
  func weights(accept: String, format: ExpositionFormat) {
    #expect(NegotiatedFormat.negotiate(accept: accept).format == format)
  }

  @Test(
    "Spelling: case, blanks, quotes and unknown parameters make no difference",
    arguments: [
      "APPLICATION/OpenMetrics-Text;Version=1.0.0;ESCAPING=Dots",
      "  application/openmetrics-text ; version = 1.0.0 ;\tescaping=dots  ",
      "application/openmetrics-text;version=\"1.0.0\";escaping=\"dots\";q=\"0.5\"",
      "application/openmetrics-text;charset=utf-8;version=1.0.0;x=\"a,b;q=0\\\"\";escaping=dots;y",
      ",application/openmetrics-text;;version=1.0.0;escaping=dots,",
      "application/openmetrics-text;escaping=dots",
      "application/*;escaping=dots",
    ])
  func spelling(accept: String) {
    #expect(NegotiatedFormat.negotiate(accept: accept) == NegotiatedFormat(.openMetrics100, escaping: .dots))
  }

  @Test(
    "Escaping schemes are confirmed, unknown ones are the default",
    arguments: [
      ("allow-utf-8", EscapingScheme.allowUTF8), ("allow-utf8", .allowUTF8), ("underscores", .underscores),
      ("dots", .dots), ("values", .values), ("rot13", .underscores), ("\r\nX-Evil: 1", .underscores),
    ])
  func escaping(parameter: String, scheme: EscapingScheme) {
    let accept = "text/plain;version=1.0.0;escaping=\(parameter)"
    #expect(NegotiatedFormat.negotiate(accept: accept) == NegotiatedFormat(.text100, escaping: scheme))
  }

  @Test("A header of any length is read up to a bound, and never in half")
  func bounded() {
    let filler = String(repeating: "a/b,", count: 20)
    #expect(
      NegotiatedFormat.negotiate(accept: filler + "application/openmetrics-text").format == .openMetrics100)
    // Cut in its middle, the last element would lose the weight of 0.
    let long = String(repeating: "x", count: 4060)
    #expect(
      NegotiatedFormat.negotiate(accept: "\(long),application/openmetrics-text;q=0.00000").format == .text004)
    let endless = String(repeating: "application/openmetrics-text,", count: 1_000_000)
    #expect(NegotiatedFormat.negotiate(accept: endless).format == .openMetrics100)
  }

  @Test(
    "gzip is taken where it is offered",
    arguments: [
      "gzip", "GZIP", "x-gzip", "gzip, deflate, br, zstd", "deflate;q=0.5, gzip;q=0.1", "*", "identity, *;q=0.2",
      "gzip;q=2", "gzip;q=", "gzip;level=9", "*;q=0, gzip", " ,gzip",
    ])
  func gzipAccepted(acceptEncoding: String) {
    #expect(acceptsGzip(acceptEncoding: acceptEncoding))
  }

  @Test(
    "gzip is not sent where it is not",
    arguments: [
      nil, "", "identity", "gzip;q=0", "gzip;q=0.000", "gzip;q=0, *", "*;q=0", "br", "gzipped", "gz ip", ";q=1", "q=1",
    ])
  func gzipRefused(acceptEncoding: String?) {
    #expect(!acceptsGzip(acceptEncoding: acceptEncoding))
  }
}
