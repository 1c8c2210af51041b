import Events
import Pricing
import Testing

@testable import CallMetrics

@Suite struct LabelTests {
  func registry(_ change: (inout RegistryConfiguration) -> Void) -> Registry {
    var configuration = RegistryConfiguration()
    change(&configuration)
    return Registry(configuration: configuration, prices: .testBook)
  }

  @Test func aLabelThatTheEventLacksIsTheEmptyString() {
    let registry = registry { $0.labels = [.team, .custom("cost-center")] }
    HandMadeEvent().record(in: registry)
    #expect(
      registry.snapshot().rowLabels[0] == [#"model="gpt-4o",provider="",operation="chat",team="",cost_center="""#])
  }

  @Test func onlyConfiguredLabelsAreExposed() {
    var call = HandMadeEvent()
    call.set(\.user, "ann@example.org")
    call.set(\.team, "search")
    let registry = registry { _ in }
    call.record(in: registry)
    #expect(registry.snapshot().rowLabels[0] == [#"model="gpt-4o",provider="",operation="chat",application="shop""#])
  }

  @Test func aUserIsHashedWithTheKey() {
    var call = HandMadeEvent()
    call.set(\.user, "ann@example.org")
    var seen: Set<String> = []
    for key in [[UInt8](repeating: 1, count: 16), [UInt8](repeating: 2, count: 16)] {
      let registry = registry {
        $0.labels = [.user]
        $0.userHashKey = key
      }
      call.record(in: registry)
      let labels = registry.snapshot().rowLabels[0][0]
      #expect(!labels.contains("ann"))
      #expect(labels.contains(SipHash(key: key).hexadecimal(Array("ann@example.org".utf8))))
      seen.insert(labels)
    }
    #expect(seen.count == 2)
  }

  @Test func aUserIsExposedAsItIsOnlyWithoutAKey() {
    var call = HandMadeEvent()
    call.set(\.user, "ann")
    let registry = registry { $0.labels = [.user] }
    call.record(in: registry)
    #expect(registry.snapshot().rowLabels[0][0].contains(#"user="ann""#))
  }

  @Test func aValueBeyondTheLimitIsFoldedAndCounted() {
    let registry = registry { $0.maxLabelValuesByLabel = ["model": 2] }
    for model in ["a", "b", "c", "d", "a"] { HandMadeEvent(model: model).record(in: registry) }
    let snapshot = registry.snapshot()
    #expect(snapshot.rowLabels[0].count == 3)
    #expect(snapshot.value("llm_requests_total", #"model="__other__""#) == 2)
    #expect(snapshot.value("llm_requests_total", #"model="a""#) == 2)
    #expect(snapshot.sample("llm_exporter_series_limited_total", ["label": "model"])?.integer == 2)
  }

  @Test func anotherEventOfALimitedValueIsCountedToo() {
    let registry = registry { $0.maxLabelValuesByLabel = ["model": 1] }
    for model in ["a", "b", "b", "b"] { HandMadeEvent(model: model).record(in: registry) }
    #expect(registry.snapshot().sample("llm_exporter_series_limited_total", ["label": "model"])?.integer == 3)
  }

  @Test func theLabelsOfFallbacksAndScoresAreLimitedUnderTheirOwnNames() {
    let registry = registry { $0.maxLabelValues = 1 }
    for name in ["a", "b", "b\u{1}"] {
      var call = HandMadeEvent()
      call.set(\.fallbackFrom, name)
      call.record(in: registry)
      var score = HandMadeEvent(.score)
      score.set(\.name, name)
      score.event.fields.scoreNano = 1
      score.record(in: registry)
    }
    let snapshot = registry.snapshot()
    for label in ["from", "name"] {
      #expect(snapshot.sample("llm_exporter_series_limited_total", ["label": label])?.integer == 2)
      #expect(snapshot.sample("llm_exporter_labels_altered_total", ["label": label])?.integer == 1)
    }
    #expect(snapshot.sample("llm_exporter_series_limited_total", ["label": "__all__"])?.integer == 0)
    #expect(snapshot.sample("llm_exporter_labels_altered_total", ["label": "__all__"])?.integer == 0)
  }

  @Test func theLastOfTheMostLabelsHasACountOfItsOwn() {
    let registry = registry {
      $0.labels = (1...RegistryConfiguration.maxLabels).map { .custom("key\($0)") }
      $0.maxLabelValuesByLabel = ["key28": 1]
    }
    for value in ["a", "b"] {
      var call = HandMadeEvent()
      call.event.labels = Array(repeating: .absent, count: RegistryConfiguration.maxLabels)
      call.event.labels[RegistryConfiguration.maxLabels - 1] = Text(offset: call.line.count, count: 1)
      call.line += Array(value.utf8)
      call.record(in: registry)
    }
    let snapshot = registry.snapshot()
    #expect(snapshot.sample("llm_exporter_series_limited_total", ["label": "key28"])?.integer == 1)
    #expect(snapshot.sample("llm_exporter_series_limited_total", ["label": "__all__"])?.integer == 0)
  }

  @Test func controlCharactersAndBadUTF8AreMendedAndCounted() {
    let registry = registry { _ in }
    var call = HandMadeEvent()
    call.set(\.application, [0x61, 0x00, 0xff, 0x0a, 0x62])
    call.record(in: registry)
    let snapshot = registry.snapshot()
    #expect(snapshot.rowLabels[0][0].hasSuffix("application=\"a\u{fffd}\u{fffd}\u{fffd}b\""))
    #expect(snapshot.sample("llm_exporter_labels_altered_total", ["label": "application"])?.integer == 1)
  }

  @Test(arguments: [
    ("", "", false),
    ("gpt-4o", "gpt-4o", false),
    ("münchen 東京 🗼", "münchen 東京 🗼", false),
    ("tab\there", "tab\u{fffd}here", true),
    ("\u{85}", "\u{fffd}", true),
  ])
  func mending(_ input: String, _ expected: String, _ altered: Bool) {
    let mended = LabelText.mend(Array(input.utf8))
    #expect(mended.value == expected)
    #expect(mended.altered == altered)
  }

  @Test func aLongValueIsCutAtACharacter() {
    let exact = String(repeating: "x", count: 128)
    #expect(LabelText.mend(Array(exact.utf8)) == (exact, false))
    let longer = LabelText.mend(Array((exact + "y").utf8))
    #expect(longer == (String(repeating: "x", count: 125) + "…", true))
    for count in 120...135 {
      let mended = LabelText.mend(Array(String(repeating: "é", count: count).utf8))
      #expect(mended.value.utf8.count <= 128)
      #expect(mended.value.hasSuffix("…"))
      #expect(mended.value.dropLast().allSatisfy { $0 == "é" })
    }
    let grown = LabelText.mend([UInt8](repeating: 1, count: 100))
    #expect(grown.value.utf8.count <= 128)
    #expect(grown.altered)
  }

  @Test func quotesBackslashesAndNewlinesAreEscaped() {
    var line: [UInt8] = []
    LabelText.render("a", "q\"b\\n\n", into: &line)
    #expect(String(decoding: line, as: UTF8.self) == #"a="q\"b\\n\n""#)
  }

  @Test(arguments: [("team", "team"), ("cost-center", "cost_center"), ("1st", "_1st"), ("", "_"), ("é", "__")])
  func keysBecomeLabelNames(_ key: String, _ name: String) {
    #expect(CallLabel.custom(key).name == name)
  }

  /// The first vectors of the reference implementation: key 00…0f, input 00, 01, 02 ….
  @Test func sipHashAgreesWithItsReference() {
    let hash = SipHash(key: Array(0...15))
    let expected: [UInt64] = [
      0x726f_db47_dd0e_0e31, 0x74f8_39c5_93dc_67fd, 0x0d6c_8009_d9a9_4f5a, 0x8567_6696_d7fb_7e2d,
      0xcf27_94e0_2771_87b7, 0x1876_5564_cd99_a68d, 0xcbc9_466e_58fe_e3ce, 0xab02_00f5_8b01_d137,
      0x93f5_f579_9a93_2462,
    ]
    for (count, value) in expected.enumerated() {
      let input: [UInt8] = (0..<UInt8(count)).map { $0 }
      let found = hash.hash(input.span)
      #expect(found == value)
    }
  }
}
