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
    table.observe(1, times: 1, row: first, histogram: 0)
    let series = table.series
    table.remove(row: first)
    #expect(table.series == 0)
    #expect(table.count == 0)
    let again = table.add(labels: [2], now: 2)
    #expect(again == first)
    #expect(table.row(labels: [1]) == nil)
    table.observe(1, times: 1, row: again, histogram: 0)
    #expect(table.series == series)
    var snapshot = TableSnapshot(layout: table.layout)
    table.copy(row: again, exemplars: false, to: &snapshot)
    #expect(snapshot.words.allSatisfy { $0 == 0 })
    #expect(snapshot.histogramWords.reduce(0, +) == 2)  // one observation of the value 1
  }

  @Test func moneyBeyondSixtyFourBitsIsExact() {
    var table = RecordTable(layout: .call(HistogramBounds()))
    let row = table.add(labels: [1], now: 1)
    let amount = Int128(Int64.max) * 3 + 7
    table.add(pico: amount, row: row, word: CallWord.retryCost)
    table.add(pico: 1, row: row, word: CallWord.retryCost)
    #expect(RecordTable.int128(table.words[CallWord.retryCost], table.words[CallWord.retryCost + 1]) == amount + 1)
  }

  @Test func routesOfEqualKeysAndDifferentParentsAreDifferent() {
    var table = RouteTable<Int32>(fields: [KeyField(.model)])
    for salt in [1, 2] as [UInt64] {
      #expect(table.number(of: "m", salt: salt) == nil)
      table.set(Int32(salt), for: "m", salt: salt)
    }
    for salt in [1, 2] as [UInt64] { #expect(table.number(of: "m", salt: salt) == Int32(salt)) }
  }

  /// "ab" + "c" and "a" + "bc" are different keys; a full table is emptied and goes on.
  @Test func routesAreFoundByTheirWholeKeyAndTheTableIsBounded() {
    var table = RouteTable<Int32>(fields: [KeyField(.model), KeyField(.provider)], maxRoutes: 1_000)
    for number in 0..<3_000 as Range<Int32> {
      #expect(table.number(of: "ab\(number)", "c") == nil)
      table.set(number, for: "ab\(number)", "c")
      #expect(table.number(of: "ab\(number)", "c") == number)
      #expect(table.count <= 1_000)
    }
    #expect(table.number(of: "ab299", "9c") == nil)
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

extension RouteTable<Int32> {
  fileprivate func number(of model: String, _ provider: String = "", salt: UInt64 = 0) -> Int32? {
    var made = HandMadeEvent(model: model)
    made.set(\.provider, provider)
    return target(
      hash: hash(of: made.event, in: made.line.span, salt: salt), of: made.event, in: made.line.span, salt: salt)
  }

  fileprivate mutating func set(_ number: Int32, for model: String, _ provider: String = "", salt: UInt64 = 0) {
    var made = HandMadeEvent(model: model)
    made.set(\.provider, provider)
    insert(
      number, hash: hash(of: made.event, in: made.line.span, salt: salt), of: made.event, in: made.line.span, salt: salt
    )
  }
}
