import Events
import Testing

/// What is one complete JSON object, and what is not.
@Suite struct ScannerTests {
  @Test(arguments: [
    #"{"model":"m"}"#,
    #" { "model" : "m" } "#,
    "\t{\"model\":\r\n\"m\"}\n",
    #"{"model":"m","x":null,"y":true,"z":false}"#,
    #"{"model":"m","x":[],"y":{},"z":[[],{}]}"#,
    #"{"model":"m","x":[1,-2,0,-0,0.5,1e9,1E+2,2e-3,1.25e10]}"#,
    #"{"model":"m","x":{"a":{"b":[{"c":"d"}]}}}"#,
    #"{"x":"\u0000\ud800","model":"m"}"#,
    #"{"\u006dodel":"m"}"#,
    #"{"":1,"model":"m"}"#,
    #"{"model":"m","unknown":1,"unknown":2}"#,
  ])
  func isJSON(_ line: String) throws {
    #expect(try decode(line).text(\.model) == "m")
  }

  @Test(arguments: [
    "", " ", "{", "}", "[]", "null", "1", #""x""#,
    #"{"model":"m""#, #"{"model":"m"}}"#, #"{"model":"m"} {"#, #"{"model":"m"}x"#,
    #"{"model":"m",}"#, #"{,"model":"m"}"#, #"{"model":"m",,"x":1}"#,
    #"{"model" "m"}"#, #"{"model":}"#, #"{"model"}"#, #"{model:"m"}"#, #"{'model':'m'}"#,
    #"{"model":m}"#, #"{"model":nul}"#, #"{"model":nullx}"#, #"{"model":True}"#, #"{"model":NaN}"#,
    #"{"model":"m","x":01}"#, #"{"model":"m","x":+1}"#, #"{"model":"m","x":.5}"#, #"{"model":"m","x":1.}"#,
    #"{"model":"m","x":1e}"#, #"{"model":"m","x":-}"#, #"{"model":"m","x":1e+}"#, #"{"model":"m","x":0x1}"#,
    #"{"model":"m","x":Infinity}"#, #"{"model":"m","x":-Infinity}"#,
    #"{"model":"m","x":[1,]}"#, #"{"model":"m","x":[,1]}"#, #"{"model":"m","x":[1 2]}"#, #"{"model":"m","x":[1}"#,
    #"{"model":"m","x":{"a":1]}"#, #"{"model":"m","x":{"a"}}"#, #"{"model":"m","x":{1:2}}"#,
    #"{"model":"m","x":{"a":1,}}"#,
    #"{"model":"m"#, #"{"model":"m\"}"#, #"{"model":"\x"}"#, #"{"model":"\u12"}"#, #"{"model":"\u12g4"}"#,
    #"{"x":"\q","model":"m"}"#, #"{"x":"\u00zz","model":"m"}"#,
    "{\"model\":\"a\tb\"}", "{\"x\":\"a\u{1}b\",\"model\":\"m\"}", "{\"model\":\"a\nb\"}",
    "\u{FEFF}{\"model\":\"m\"}",
    #"{"model":"m"} // comment"#, #"{"model":/**/"m"}"#,
  ])
  func isNoJSON(_ line: String) {
    #expect(rejection(line)?.hasPrefix("invalid_json") == true, "\(line)")
  }

  @Test func aKnownKeyTwiceIsNoJSON() {
    #expect(rejection(#"{"model":"m","model":"m"}"#) == "invalid_json: the same key twice")
    #expect(rejection(#"{"model":"m","user":null,"user":"u"}"#) == "invalid_json: the same key twice")
    #expect(rejection(#"{"model":"m","mod\u0065l":"m"}"#) == "invalid_json: the same key twice")
    #expect(
      rejection(#"{"model":"m","usage":{"prompt_tokens":1,"prompt_tokens":1}}"#) == "invalid_json: the same key twice")
    #expect(
      rejection(#"{"model":"m","usage":{"prompt_tokens_details":{"cached_tokens":1,"cached_tokens":1}}}"#)
        == "invalid_json: the same key twice")
  }

  @Test func theSameKeyInTwoObjectsIsNone() throws {
    let usage = try usage(
      #"{"input_tokens":9,"prompt_tokens_details":{"cached_tokens":1},"input_tokens_details":{"cached_tokens":2}}"#)
    #expect(usage.cachedInput == 1)
  }

  @Test func skippedValuesNestTo512() throws {
    func nested(_ depth: Int) -> String {
      let arrays = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      return #"{"model":"m","x":\#(arrays)}"#
    }
    _ = try decode(nested(512))
    #expect(rejection(nested(513)) == "invalid_json: nested too deep")
    #expect(rejection(nested(100_000)) == "invalid_json: nested too deep")
    let objects = String(repeating: #"{"a":"#, count: 512) + "1" + String(repeating: "}", count: 512)
    _ = try decode(#"{"x":\#(objects),"model":"m"}"#)
  }

  @Test func whatIsReadNestsTo16() throws {
    func wrapped(_ depth: Int) -> String {
      let opened = String(repeating: #"{"usage":"#, count: depth)
      return #"{"model":"m","usage":\#(opened){"prompt_tokens":7}\#(String(repeating: "}", count: depth))}"#
    }
    #expect(try decode(wrapped(14)).usage.input == 7)
    #expect(rejection(wrapped(15)) == "invalid_json: nested too deep")
    func error(_ depth: Int) -> String {
      let opened = String(repeating: #"{"error":"#, count: depth)
      return #"{"model":"m","error":\#(opened){"code":"timeout"}\#(String(repeating: "}", count: depth))}"#
    }
    #expect(try decode(error(14)).fields.errorType == .timeout)
    #expect(rejection(error(15)) == "invalid_json: nested too deep")
  }

  @Test func aRejectSaysWhere() {
    #expect(throws: Reject(.invalidJSON, at: 9, "a colon was expected")) { try decode(#"{"model" "m"}"#) }
    #expect(throws: Reject(.invalidJSON, at: 10, "string without an end")) { try decode(#"{"model":""#) }
    do {
      _ = try decode(#"{"model":"m","latency_ms":-1}"#)
      Issue.record("accepted")
    } catch {
      #expect(error.position == 26)
      #expect(error.reason == .badField)
      #expect(error.detail.description == "latency_ms")
    }
  }
}
