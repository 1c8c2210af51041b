import Events
import Testing

@testable import CallMetrics

@Suite struct RecordTableTests {
  /// Every word of a record belongs to exactly one series or is private, and no group reaches into another.
  @Test func theWordsOfACallAreLaidOutWithoutGapsOrOverlaps() {
    let layout = RecordLayout.call(HistogramBounds())
    var next = 0
    for group in layout.scalars.sorted(by: { $0.firstWord < $1.firstWord }) {
      #expect(group.firstWord == next, "\(group.family.name)")
      next = group.word(group.values.count)
    }
    #expect(next == CallWord.history)
    #expect(CallWord.history + CallHistory.words * AnomalyKind.allCases.count == CallWord.failuresInRow)
    #expect(layout.wordCount == CallWord.thirdFailure + 1)
  }

  @Test func theHistogramsOfACallAreNumberedWithoutGaps() {
    let layout = RecordLayout.call(HistogramBounds())
    #expect(
      layout.histograms.flatMap { group in group.values.indices.map { group.firstHistogram + $0 } }
        == Array(0..<layout.histogramCount))
  }

  @Test func defaultBoundsAscend() {
    for group in RecordLayout.call(HistogramBounds()).histograms {
      #expect(zip(group.bounds, group.bounds.dropFirst()).allSatisfy { $0 < $1 }, "\(group.family.name)")
    }
  }

  @Test func aFreedRowIsUsedAgainAndIsZero() {
    var table = RecordTable(layout: .call(HistogramBounds()))
    let first = table.add(labels: [1], now: 1)
    table.add(5, row: first, word: CallWord.requests)
    table.observe(one: 1, row: first)
    let series = table.series
    table.remove(row: first)
    #expect(table.series == 0)
    #expect(table.count == 0)
    let again = table.add(labels: [2], now: 2)
    #expect(again == first)
    #expect(table.row(labels: [1]) == nil)
    table.observe(one: 1, row: again)
    #expect(table.series == series)
    var snapshot = TableSnapshot(layout: table.layout)
    table.copy(row: again, exemplars: false, to: &snapshot)
    #expect(snapshot.words.allSatisfy { $0 == 0 })
    #expect(snapshot.histogramWords.reduce(0, +) == 2)  // one observation of the value 1
  }

  @Test func moneyBeyondSixtyFourBitsIsExact() {
    var table = RecordTable(layout: .call(HistogramBounds()))
    _ = table.add(labels: [1], now: 1)
    let amount = Int128(Int64.max) * 3 + 7
    table.withWords(of: 0) { $0.add(wide: amount, at: CallWord.retryCost) }
    table.withWords(of: 0) { $0.add(wide: 1, at: CallWord.retryCost) }
    let sum = Wide.value(table.words[CallWord.retryCost], table.words[CallWord.retryCost + 1])
    #expect(sum == amount + 1)
  }

  @Test func keysTellApartTheFieldsOfACall() {
    let maker = RouteKeyMaker()
    var seen: Set<[UInt64]> = []
    let names = ["", "a", "ab", "abc", "abcd", "abcdefg", "abcdefgh", "abcdefghi", "aaaaaaaa", "aaaaaaaaa"]
    for model in names {
      for provider in names {
        var made = HandMadeEvent(model: model)
        made.set(\.provider, provider)
        let key = maker.key(ofCall: made.event, in: made.line.span, [])
        seen.insert([key.low, key.high])
      }
    }
    #expect(seen.count == names.count * names.count)
  }

  @Test func keysTellApartEqualFieldsOfDifferentParents() {
    let maker = RouteKeyMaker()
    let made = HandMadeEvent(model: "m")
    let keys = ([0, 1, 2] as [UInt64]).map {
      maker.key(of: made.event.fields.model, made.event, in: made.line.span, salt: $0)
    }
    #expect(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2])
  }

  @Test func aKeyDoesNotDependOnWhereItsTextsLie() {
    let maker = RouteKeyMaker()
    var plain = HandMadeEvent(model: "gpt-4o")
    plain.set(\.provider, "openai")
    var moved = HandMadeEvent(model: "")
    moved.set(\.provider, "openai")
    moved.event.scratch = Array("xgpt-4o".utf8)
    moved.event.fields.model = Text(offset: 1, count: 6, inScratch: true)
    let a = maker.key(ofCall: plain.event, in: plain.line.span, [])
    let b = maker.key(ofCall: moved.event, in: moved.line.span, [])
    #expect(a == b)
  }

  /// The bucket that the search finds is the one that going through the bounds finds, at every boundary.
  @Test func everyValueFallsIntoTheFirstBucketThatHoldsIt() {
    let layout = RecordLayout.call(HistogramBounds())
    let cuts = HistogramCuts(layout: layout)
    for group in layout.histograms {
      #expect(cuts.boundCount(of: group.firstHistogram) == group.bounds.count)
      for bound in group.bounds + [0, 1, 2, .max] {
        for value in [bound - 1, bound, bound == .max ? .max : bound + 1] where value >= 0 {
          let expected = group.bounds.firstIndex { value <= $0 } ?? group.bounds.count
          #expect(cuts.bucket(of: value, histogram: group.firstHistogram) == expected, "\(group.family.name) \(value)")
        }
      }
    }
  }

  @Test func aFullRouteTableIsEmptiedAndGoesOn() {
    var table = RouteTable<Int32>(unused: 0, limit: 1_000)
    for number in 0..<3_000 as Range<Int32> {
      let key = RouteKey(low: UInt64(number) &* 0x9e37_79b9_7f4a_7c15, high: UInt64(number) + 1)
      #expect(table.target(key) == nil)
      table.insert(number, key)
      #expect(table.target(key) == number)
      #expect(table.count <= 1_000)
    }
  }

  @Test func copyingARowForTheStoreLeavesThoseCopiedBeforeWhereTheyAre() {
    var table = RecordTable(layout: .call(HistogramBounds()))
    for i in 0..<100 { table.touch(row: table.add(labels: [UInt8(i) + 1], now: 1), now: 1) }
    let rows = table.beginCopy(.changed)
    #expect(rows.count == 100)
    // Room for all was made at the beginning: an array that moves is one that was copied.
    func places(_ table: borrowing RecordTable) -> [Int] {
      [table.copied.numbers.words, table.copied.numbers.created].map { array in
        unsafe array.withUnsafeBufferPointer { Int(bitPattern: $0.baseAddress) }
      }
    }
    let before = places(table)
    for row in rows { table.continueCopy([row]) }
    #expect(places(table) == before)
    #expect(table.endCopy().numbers.labels.count == 100)
  }

  @Test func hashesAreForgottenByAgeAndByNumber() {
    var hashes = RecentHashes(capacity: 8)
    let second: Int64 = 1_000_000_000
    hashes.insert(1, value: 10, now: 100 * second)
    #expect(hashes.value(of: 1, within: 5 * second, now: 105 * second) == 10)
    #expect(hashes.value(of: 1, within: 5 * second, now: 106 * second) == nil)
    for i in 2...5 as ClosedRange<UInt64> { hashes.insert(i &* 8 &+ 1, value: 0, now: Int64(100 + i) * second) }
    #expect(hashes.value(of: 1, within: 100 * second, now: 110 * second) == nil)
    #expect(hashes.value(of: 5 * 8 + 1, within: 100 * second, now: 110 * second) == 0)
  }
}

extension RecordTable {
  fileprivate mutating func observe(one value: Int64, row: Int) {
    withHistograms(of: row) { $0.observe(value, times: 1, 0) }
  }
}
