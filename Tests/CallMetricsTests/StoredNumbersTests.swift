import Testing

@testable import CallMetrics

@Suite struct StoredNumbersTests {
  private static let layout = RecordLayout.call(HistogramBounds())

  /// One record of arbitrary numbers.
  private func record(_ random: inout SplitMix, _ layout: RecordLayout) -> TableSnapshot {
    var snapshot = TableSnapshot(layout: layout)
    snapshot.labels = [Array("model=\"m\"".utf8)]
    snapshot.created = [1]
    func number() -> Int64 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1: 0
      case 2: Int64.random(in: 0..<1_000, using: &random)
      default: Int64.random(in: .min ... .max, using: &random)
      }
    }
    snapshot.words = (0..<layout.wordCount).map { _ in number() }
    for group in layout.histograms {
      for _ in group.values {
        guard Bool.random(using: &random) else {
          snapshot.blocks.append(-1)
          continue
        }
        snapshot.blocks.append(Int32(snapshot.histogramWords.count))
        snapshot.histogramWords += (0..<group.blockWords).map { _ in number() }
      }
    }
    return snapshot
  }

  /// The words that are stored, and the histograms.
  private func restored(_ bytes: [UInt8], _ layout: RecordLayout) -> TableSnapshot? {
    let stored = StoredLayout(layout)
    guard let numbers = StoredNumbers.decode(bytes, layout: stored) else { return nil }
    var table = RecordTable(layout: layout)
    let row = table.add(labels: Array("model=\"m\"".utf8), now: 1)
    table.add(numbers, places: StoredPlaces(of: stored, in: stored), row: row)
    var snapshot = TableSnapshot(layout: layout)
    table.copy(row: row, exemplars: false, to: &snapshot)
    return snapshot
  }

  @Test func whatIsReadIsWhatWasWritten() throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(state: seed)
    let stored = StoredLayout(Self.layout)
    for _ in 0..<200 {
      var snapshot = record(&random, Self.layout)
      // Of what is merged by `max` only times after 1970 come back, and sums of real numbers need real numbers.
      for slot in stored.slots {
        if slot.kind == .time { snapshot.words[slot.word] &= .max }
        if slot.kind == .real { snapshot.words[slot.word] = Int64(bitPattern: (1.5).bitPattern) }
      }
      let read = try #require(restored(StoredNumbers.encode(snapshot, row: 0, layout: stored), Self.layout))
      for slot in stored.slots {
        for word in slot.word..<slot.word + slot.words {
          #expect(read.words[word] == snapshot.words[word], "\(slot.name), seed \(seed)")
        }
      }
      #expect(read.histogramWords == snapshot.histogramWords, "seed \(seed)")
    }
  }

  @Test func anEmptyRecordTakesTwoBytes() {
    var snapshot = TableSnapshot(layout: Self.layout)
    snapshot.words = Array(repeating: 0, count: Self.layout.wordCount)
    snapshot.blocks = Array(repeating: -1, count: Self.layout.histogramCount)
    #expect(StoredNumbers.encode(snapshot, row: 0, layout: StoredLayout(Self.layout)) == [0, 0])
  }

  @Test func bytesThatAreNoRecordAreRefusedAndNeverTrap() {
    let seed = UInt64.random(in: .min ... .max)
    var random = SplitMix(state: seed)
    let stored = StoredLayout(Self.layout)
    for _ in 0..<2_000 {
      var bytes = StoredNumbers.encode(record(&random, Self.layout), row: 0, layout: stored)
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: .min ... .max, using: &random)
      if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0...bytes.count, using: &random)) }
      _ = restored(bytes, Self.layout)
    }
    #expect(restored([1], Self.layout) == nil)
    #expect(restored([0, 0, 0], Self.layout) == nil)
    #expect(restored(Array(repeating: 0xff, count: 100), Self.layout) == nil)
  }

  // MARK: Layouts

  @Test func aLayoutIsReadBackFromItsDescription() throws {
    for layout in [Self.layout, .fallback, .feedback, .score(HistogramBounds())] {
      let stored = StoredLayout(layout)
      let read = try #require(StoredLayout(description: stored.description))
      #expect(read.description == stored.description)
      #expect(stored.holdsAll(of: read))
    }
  }

  @Test func everyNumberOfACallHasANameOfItsOwn() {
    let names = StoredLayout(Self.layout).slots.map(\.name)
    #expect(Set(names).count == names.count)
    let covered = StoredLayout(Self.layout).slots.reduce(0) { $0 + $1.words }
    #expect(covered == CallWord.count - 1, "all but the calls in flight")
  }

  @Test(arguments: ["count", "histogram a 1,x", "color a", "histogram a 1\ncount b", "count a b"])
  func textThatIsNoDescriptionIsRefused(_ text: String) {
    #expect(StoredLayout(description: text) == nil)
  }

  @Test func anUnknownSlotAndOtherBoundsHaveNoPlace() throws {
    let stored = StoredLayout(.fallback)
    let newer = try #require(StoredLayout(description: stored.description + "\ncount llm_something_new_total"))
    #expect(!stored.holdsAll(of: newer))
    #expect(stored.words(of: newer).last == .some(nil))
    var bounds = HistogramBounds()
    bounds.score = [1, 2]
    #expect(!StoredLayout(.score(bounds)).holdsAll(of: StoredLayout(.score(HistogramBounds()))))
  }
}
