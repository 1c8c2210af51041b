import Events
import Pricing
import Testing

/// Tables as users drop them in, good and bad.
@Suite struct PriceTableTests {
  private func book(_ text: String) throws -> PriceBook {
    try PriceBook(layers: [.table(Array(text.utf8), name: "file.json")])
  }

  // Read

  @Test func fixtureIsReadWhole() throws {
    let book = try Fixture.book()
    #expect(book.problems.isEmpty)
    #expect(book.entries().contains { $0.name == "gpt-4o" })
    #expect(!book.entries().contains { $0.name == "sample_spec" || $0.name == "fallback_generalizations" })
    let entry = book.lookup(model: "gpt-6-astra").entry
    let rates = Dictionary(uniqueKeysWithValues: (entry?.rates ?? []).map { ($0.key, $0.dollars) })
    #expect(rates["input_cost_per_token_above_272k_tokens_priority"] == "0.00004")
    #expect(rates["cache_creation_input_token_cost_above_12hr_above_272k_tokens_batches"] == "0.000025")
    #expect(rates["search_context_cost_per_query.search_context_size_medium"] == "0.01")
    #expect(
      book.lookup(model: "dashscope/qwen-flash").entry?.rates.map(\.key).contains(
        "tiered_pricing[1].input_cost_per_token") == true)
  }

  @Test(arguments: [
    ("1.25e-06", "0.00000125"), ("1.25E-6", "0.00000125"), ("0.00000125", "0.00000125"), ("\"1.25e-06\"", "0.00000125"),
    ("0", "0"), ("0.0", "0"), ("1", "1"), ("+1e-6", "0.000001"), ("1e-18", "0.000000000000000001"),
    // Float noise is rounded off, a half to the even neighbour.
    ("9.499999999999999e-07", "0.00000095"), ("5e-19", "0"), ("1.5e-18", "0.000000000000000002"),
    ("4.9999999999999999999999e-19", "0"), ("5.0000000000000000000001e-19", "0.000000000000000001"),
    ("1e-300", "0"), ("0.000000000000000000000000000000001", "0"),
  ])
  func ratesAreReadExactly(text: String, expected: String) throws {
    let book = try book(#"{"m": {"input_cost_per_token": \#(text)}}"#)
    #expect(book.problems.isEmpty)
    #expect(book.lookup(model: "m").entry?.rates.map(\.dollars) == [expected])
  }

  @Test func bothOrdersOfSuffixesAndEscapedNamesAreRead() throws {
    let book = try book(
      #"""
      {"a\/\u0062\ud83d\ude00": {"input_cost_per_token_priority_above_200k_tokens": 2e-06,
        "input_cost_per_token": 1e-06, "x": null, "y": [1, {"z": "}]"}], "input_cost_per_token_flex": null}}
      """#)
    #expect(book.problems.isEmpty)
    let call = TestCall("a/b😀").usage(300_000)
    #expect(Dollars.text(call.tier(.priority).cost(book).total) == "0.6")
    #expect(Dollars.text(call.cost(book).total) == "0.3")
  }

  @Test func wordsOfAProviderAreNoWordsOfAMode() throws {
    let book = try book(
      """
      {"a": {"litellm_provider": "chat", "mode": "search", "input_cost_per_query": 1},
       "b": {"litellm_provider": "search", "mode": "chat", "input_cost_per_token": 1e-6}}
      """)
    #expect(book.entries().map(\.provider) == ["chat", "search"])
    #expect(Dollars.text(TestCall("a").cost(book).total) == "1")
    #expect(TestCall("b").cost(book).verdict == .unpriced(.noUsage))
  }

  @Test func versionNamesTheContent() throws {
    let a = try book(#"{"_table": {"date": "2026-11-21"}, "m": {"input_cost_per_token": 1e-06}}"#)
    let same = try book(#"{ "_table":{"date":"2026-11-21"}, "m" : {"input_cost_per_token":0.000001} }"#)
    let other = try book(#"{"_table": {"date": "2026-11-21"}, "m": {"input_cost_per_token": 2e-06}}"#)
    #expect(a.version == same.version)
    #expect(a.version != other.version)
    #expect(a.version.hasPrefix("2026-11-21+"))
  }

  @Test func laterFilesReplaceEntriesAndKeepTheOthers() throws {
    let first =
      #"{"a": {"litellm_provider": "openai", "max_input_tokens": 10, "input_cost_per_token": 1e-06,"#
      + #" "cache_read_input_token_cost": 1e-07}, "b": {"input_cost_per_token": 1e-06}}"#
    let second = #"{"a": {"input_cost_per_token": 2e-06}}"#
    let book = try PriceBook(layers: [
      .table(Array(first.utf8), name: "first"), .table(Array(second.utf8), name: "second"),
    ])
    #expect(book.count == 2)
    #expect(Dollars.text(TestCall("a").usage(1_000_000, 0, cached: 500_000).cost(book).total) == "2")
    #expect(TestCall("a").resolution(book).provider == "openai")
    #expect(book.maxInputTokens(of: TestCall("a").resolution(book).route.answered) == 10)
    #expect(Dollars.text(TestCall("b").usage(1_000_000).cost(book).total) == "1")
  }

  @Test func baseRatesArePerMillionTokens() throws {
    let book = try Fixture.book()
    let entry = TestCall("gpt-4o").resolution(book).route.answered
    func rates(_ tier: ServiceTier) -> [String] {
      book.baseRates(of: entry, tier: tier).map { "\($0.component.label) \(Dollars.text($0.perMillionTokens))" }
    }
    #expect(rates(.unspecified) == ["input 2.5", "cached_input 1.25", "cache_write 2.5", "output 10", "reasoning 10"])
    #expect(rates(.priority) == ["input 4.25", "cached_input 2.125", "cache_write 4.25", "output 17", "reasoning 17"])
    #expect(book.baseRates(of: -1).isEmpty)
    #expect(book.baseRates(of: 99_999).isEmpty)
  }

  // Left out

  @Test(arguments: [
    (#""x""#, "", "expected an object"),
    (#"{"input_cost_per_token": "cheap"}"#, "input_cost_per_token", "expected a number"),
    (#"{"input_cost_per_token": -1e-06}"#, "input_cost_per_token", "expected a number"),
    (#"{"input_cost_per_token": 2.5}"#, "input_cost_per_token", "per million?"),
    (#"{"input_cost_per_token": 1e400}"#, "input_cost_per_token", "expected a number"),
    (#"{"input_cost_per_token": true}"#, "input_cost_per_token", "expected a number"),
    (#"{"input_cost_per_token": {"a": 1}}"#, "input_cost_per_token", "expected a number"),
    (
      #"{"input_cost_per_token": 1e-6, "regional_endpoint_uplift_multiplier": 101}"#,
      "regional_endpoint_uplift_multiplier", "at most 100"
    ),
    (#"{"input_cost_per_token": nan}"#, "input_cost_per_token", "expected a number"),
    (
      #"{"input_cost_per_token": 1e-6, "regional_processing_uplift_multiplier_eu": 0}"#,
      "regional_processing_uplift_multiplier_eu", "above 0"
    ),
    (#"{"input_cost_per_request": 10000}"#, "input_cost_per_request", "at most 9000 dollars"),
    (#"{"input_cost_per_token": 0, "tiered_pricing": {}}"#, "tiered_pricing", "expected a list"),
    (#"{"off_peak_pricing": []}"#, "off_peak_pricing", "expected an object"),
    (#"{"off_peak_pricing": {"hours_utc": "25:00-26:00"}}"#, "off_peak_pricing", "expected hours"),
    (#"{"off_peak_pricing": {"weekday_timezone": "Mars/North"}}"#, "off_peak_pricing", "Mars/North"),
    (#"{"price_history": [{"until": "someday"}]}"#, "price_history", "expected a date"),
    (#"{"price_history": [{"until": "2026-02-30"}]}"#, "price_history", "expected a date"),
  ])
  func badEntryIsLeftOutAndTold(entry: String, key: String, message: String) throws {
    let book = try book(#"{"good": {"input_cost_per_token": 1e-06}, "bad": \#(entry)}"#)
    #expect(book.count == 1)
    #expect(book.problems.count == 1)
    #expect(book.problems.first?.file == "file.json")
    #expect(book.problems.first?.model == "bad")
    #expect(book.problems.first?.key == key)
    #expect(book.problems.first?.message.contains(message) == true, "\(book.problems)")
    #expect(Dollars.text(TestCall("good").usage(1_000_000).cost(book).total) == "1")
  }

  @Test func entryNamedTwiceCountsOnce() throws {
    let book = try book(#"{"a": {"input_cost_per_token": 1e-06}, "a": {"input_cost_per_token": 2e-06}}"#)
    #expect(book.count == 1)
    #expect(book.problems.map(\.message) == ["named twice; the first entry stands"])
  }

  @Test func problemsAreBounded() throws {
    let entries = (0..<500).map { #""m\#($0)": 1"# }.joined(separator: ",")
    let book = try book("{\(entries)}")
    #expect(book.problems.count == 100)
    #expect(book.problemCount == 500)
  }

  // Refused

  @Test(arguments: [
    "", " ", "[]", "{", "}", "{}x", "nonsense", "{\"a\"}", "{\"a\":}", "{\"a\":{}", "{\"a\":{},}", "{\"a\":{\"b\":}}",
    "{\"a\":{\"b\":1,}}", "{\"a\":{\"b\":[1,]}}", "{\"a\":{\"b\":[1}}}", "{\"a\":{\"b\":\"x", "{\"a\":{\"b\":\"\\",
    "{\"a\":{1:2}}", "{\"a\":{\"b\" 1}}", "{\"a\":{\"b\":1 \"c\":2}}", "{\"a\u{1}\":{}}", "{,}", "{\"a\":{\"b\":,}}",
  ])
  func whatIsNoJSONIsRefused(text: String) {
    #expect(throws: PriceTableError.self) { try book(text) }
  }

  @Test func nestingIsBounded() {
    let deep = String(repeating: "[", count: 10_000)
    #expect(throws: PriceTableError.self) { try book(#"{"a": {"b": \#(deep)"#) }
    let history = String(repeating: #"{"price_history": [{"until": "2026-01-01", "price_history": ["#, count: 5_000)
    #expect(throws: PriceTableError.self) { try book(#"{"a": \#(history)"#) }
  }

  @Test func validationAsksForAsManyModelsAsBefitATable() throws {
    let one = Array(#"{"m": {"input_cost_per_token": 1e-06}, "n": {"mode": "chat"}}"#.utf8)
    #expect(try PriceBook.validate(one, name: "url").isEmpty)
    #expect(throws: PriceTableError(file: "url", fault: .tooFewModels(found: 1, atLeast: 2))) {
      try PriceBook.validate(one, name: "url", atLeast: 2)
    }
    let large = [UInt8](repeating: 0x20, count: PriceBook.maxTableBytes + 1)
    #expect(throws: PriceTableError.self) { try PriceBook.validate(large, name: "url") }
    #expect(throws: PriceTableError.self) { try PriceBook.validate(Array("<html>".utf8), name: "url") }
  }

  @Test func errorsSayWhere() {
    do {
      _ = try book(#"{"a": {"b": 1,}}"#)
      Issue.record("accepted")
    } catch let error as PriceTableError {
      #expect(error.description == "file.json: byte 14: expected a value after the comma")
    } catch {
      Issue.record("\(error)")
    }
  }

  /// Whatever is done to a table, reading it ends, and calls are priced by what is left.
  @Test func mutatedTablesNeverTrap() {
    var generator = SeededGenerator(seed: 20_261_121)
    let original = Fixture.table
    let pieces = [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "1e999", "-", "null", "\"range\"", "e-06", "\u{0}", "0.", "é",
    ]
    for round in 0..<1_500 {
      var bytes = original
      for _ in 0...generator.below(4) {
        let at = generator.below(bytes.count)
        switch generator.below(4) {
        case 0: bytes[at] = UInt8(truncatingIfNeeded: generator.next())
        case 1: bytes.removeSubrange(at..<min(bytes.count, at + generator.below(40)))
        case 2: bytes.insert(contentsOf: Array(pieces[generator.below(pieces.count)].utf8), at: at)
        default: bytes.removeSubrange(at...)
        }
        if bytes.isEmpty { bytes = original }
      }
      guard let book = try? PriceBook(layers: [.table(bytes, name: "mutant \(round)")]) else { continue }
      let call = TestCall("claude-opus-4-8").usage(Int64.max / 4, 1 << 40, cached: 1 << 39, written: 5, reasoning: 3)
      #expect(call.geo("us").cost(book).total >= 0)
    }
  }
}
