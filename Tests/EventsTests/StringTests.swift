import Events
import Testing

@Suite struct StringTests {
  private func model(_ literal: String) throws -> String { try decode(#"{"model":"\#(literal)"}"#).text(\.model) }

  @Test func escapesAreUndone() throws {
    #expect(try model(#"a\"b\\c\/d"#) == #"a"b\c/d"#)
    #expect(try model(#"\b\f\n\r\t"#) == "\u{8}\u{C}\n\r\t")
    #expect(try model(#"\u0041\u00e9\u20AC"#) == "Aé€")
    #expect(try model(#"\ud83d\ude00"#) == "😀")
    #expect(try model(#"x\u0000y"#) == "x\0y")
  }

  @Test func loneSurrogatesAreReplaced() throws {
    #expect(try model(#"a\ud800b"#) == "a\u{FFFD}b")
    #expect(try model(#"\udc00"#) == "\u{FFFD}")
    #expect(try model(#"\ud800\ud83d\ude00"#) == "\u{FFFD}😀")
    #expect(try model(#"\ud800\n"#) == "\u{FFFD}\n")
    #expect(try model(#"\ud800A"#) == "\u{FFFD}A")
  }

  @Test func everyLengthAndPlaceOfAnEscape() throws {
    for length in 0...40 {
      let plain = String(repeating: "x", count: length)
      if length > 0 { #expect(try model(plain) == plain) }
      for place in 0...length {
        var written = Array(plain)
        written.insert(contentsOf: Array(#"\n"#), at: place)
        var meant = Array(plain)
        meant.insert("\n", at: place)
        #expect(try model(String(written)) == String(meant))
      }
    }
  }

  @Test func labelsMayHoldAnything() throws {
    let line = Array(#"{"model":"a"#.utf8) + [0xFF, 0x80] + Array(#"b"}"#.utf8)
    let event = try Decoded(line, decoder: EventDecoder(), now: arrival)
    #expect(event.bytes(\.model) == [0x61, 0xFF, 0x80, 0x62])
  }

  @Test(arguments: ["id", "trace_id", "span_id", "prompt_hash", "response_hash"])
  func identitiesAreUTF8(_ field: String) throws {
    func line(_ bytes: [UInt8]) -> [UInt8] {
      Array(#"{"model":"m","\#(field)":""#.utf8) + bytes + Array(#""}"#.utf8)
    }
    for bad in [[0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x61, 0x80]] as [[UInt8]] {
      #expect(throws: Reject.self) { _ = try Decoded(line(bad), decoder: EventDecoder(), now: arrival) }
    }
    for good in ["é", "€uro", "😀", "\u{FFFD}", "\u{10FFFF}", "abcdefghijklmnopé"] {
      _ = try Decoded(line(Array(good.utf8)), decoder: EventDecoder(), now: arrival)
    }
  }

  @Test func anEmptyStringIsAbsent() throws {
    let event = try decode(#"{"model":"","response_model":"m","id":"","latency_ms":""}"#)
    #expect(event.text(\.model) == "m")
    #expect(event.fields.id.isEmpty)
    #expect(event.fields.latency == -1)
  }
}
