/// The records of one kind: numbers of every label set, in two large arrays.
///
/// ```
/// row 0: words[0 ..< n]    histogramWords[0 ..< m]: one block a histogram, each [ counts of buckets | sum low | sum high ]
/// row 1: words[n ..< 2n]   histogramWords[m ..< 2m]         exemplars[… ..< … + bounds + 1], made when a trace comes
/// ```
/// A row has room for all its histograms from the start (2.2 KB for a call), so that counting looks nothing up; `touched`
/// says which of them are exposed. A row that expired is zeroed and used again.
struct RecordTable {
  let layout: RecordLayout
  let storedLayout: StoredLayout
  private let cuts: HistogramCuts
  /// Rendered label part by row; empty: the row is free. A row's labels are never empty, they name a model at least.
  private(set) var labels: [[UInt8]] = []
  private(set) var created: [Int64] = []
  private(set) var lastEvent: [Int64] = []
  private var rows: [[UInt8]: Int32] = [:]
  private var free: [Int32] = []
  var words: [Int64] = []
  private(set) var histogramWords: [Int64] = []
  /// Of each row: a bit for every histogram with an observation.
  private(set) var touched: [UInt64] = []
  private(set) var exemplarBlocks: [Int32] = []
  private(set) var exemplars: [Exemplar] = []
  private var freeExemplarBlocks: [Int: [Int32]] = [:]
  /// Changes whenever a row comes or goes.
  private(set) var generation = 0
  /// Exposed series of all rows, but for those that are there only when they are not zero.
  private var steadySeries = 0
  /// What the store has not seen of each row.
  var marks: [RowMarks] = []
  /// The marks that a row gets with its next event.
  var mark = RowMarks.changed
  /// Rows copied for the store, while a copy is under way.
  var copied: RecordChanges

  init(layout: RecordLayout) {
    self.layout = layout
    storedLayout = StoredLayout(layout)
    cuts = HistogramCuts(layout: layout)
    copied = RecordChanges(layout: layout)
  }

  var count: Int { labels.count - free.count }
  var capacity: Int { labels.count }

  func row(labels: [UInt8]) -> Int? { rows[labels].map(Int.init) }

  /// Makes a row of zeros.
  mutating func add(labels newLabels: [UInt8], now: Int64) -> Int {
    steadySeries += layout.steadySeries
    generation += 1
    if let row = free.popLast().map(Int.init) {
      labels[row] = newLabels
      created[row] = now
      lastEvent[row] = now
      marks[row] = mark
      rows[newLabels] = Int32(row)
      return row
    }
    let row = labels.count
    labels.append(newLabels)
    created.append(now)
    lastEvent.append(now)
    marks.append(mark)
    rows[newLabels] = Int32(row)
    words.append(contentsOf: repeatElement(0, count: layout.wordCount))
    histogramWords.append(contentsOf: repeatElement(0, count: cuts.rowWords))
    touched.append(0)
    exemplarBlocks.append(contentsOf: repeatElement(-1, count: layout.histogramCount))
    return row
  }

  /// Frees a row. Whoever holds its number must forget it.
  mutating func remove(row: Int) {
    guard !labels[row].isEmpty else { return }
    if marks[row].contains(.awaitsCopy) { copyForStore(row: row) }
    marks[row] = []
    generation += 1
    rows[labels[row]] = nil
    labels[row] = []
    steadySeries -= layout.steadySeries
    for i in row * layout.wordCount..<(row + 1) * layout.wordCount { words[i] = 0 }
    for i in row * cuts.rowWords..<(row + 1) * cuts.rowWords { histogramWords[i] = 0 }
    steadySeries -= cuts.series(of: touched[row])
    touched[row] = 0
    for histogram in 0..<layout.histogramCount { removeExemplars(row: row, histogram: histogram) }
    free.append(Int32(row))
  }

  private mutating func removeExemplars(row: Int, histogram: Int) {
    let index = row * layout.histogramCount + histogram
    let bounds = cuts.boundCount(of: histogram)
    guard exemplarBlocks[index] >= 0 else { return }
    let start = Int(exemplarBlocks[index])
    for i in start...start + bounds { exemplars[i] = Exemplar() }
    freeExemplarBlocks[bounds, default: []].append(exemplarBlocks[index])
    exemplarBlocks[index] = -1
  }

  /// Exposed series of all rows. Counted when somebody asks: an event should not have to look whether it made one.
  var series: Int {
    let passing = layout.scalars.filter { $0.presence == .whenNotZero }
    return steadySeries
      + passing.reduce(0) { sum, group in
        sum + group.values.indices.reduce(0) { $0 + count(nonZero: group.word($1), words: group.scale.words) }
      }
  }

  private func count(nonZero word: Int, words count: Int) -> Int {
    labels.indices.count { row in
      (0..<count).contains { words[row * layout.wordCount + word + $0] != 0 }
    }
  }

  /// Rows without an event since `oldest`.
  func expired(before oldest: Int64) -> [Int] {
    labels.indices.filter { !labels[$0].isEmpty && lastEvent[$0] < oldest }
  }

  /// An event is about to be counted in this row: call it before the first of its numbers changes.
  @inline(__always)
  mutating func touch(row: Int, now: Int64) {
    lastEvent[row] = now
    if marks[row].contains(.awaitsCopy) { copyForStore(row: row) }
    marks[row].formUnion(mark)
  }

  /// When an older part of the row's numbers was counted, they began then.
  mutating func began(row: Int, at time: Int64, lastEvent last: Int64) {
    // A record that the configuration named before anything was counted has no beginning yet.
    created[row] = created[row] == 0 ? time : min(created[row], time)
    lastEvent[row] = max(lastEvent[row], last)
  }

  // MARK: Counting

  /// Lends the numbers of a row.
  @inline(__always)
  mutating func withWords<R>(of row: Int, _ body: (borrowing CountedWords) -> R) -> R {
    let range = row &* layout.wordCount..<(row &+ 1) &* layout.wordCount
    return unsafe words.withUnsafeMutableBufferPointer { buffer in
      unsafe body(CountedWords(buffer.extracting(range)))
    }
  }

  /// Adds to a counter.
  mutating func add(_ amount: Int64, row: Int, word: Int) {
    withWords(of: row) { $0.add(amount, at: word) }
  }

  /// Lends the histograms of a row to those who observe.
  @inline(__always)
  mutating func withHistograms(of row: Int, _ body: (borrowing CountedHistograms) -> UInt64) {
    let cuts = cuts
    let range = row &* cuts.rowWords..<(row &+ 1) &* cuts.rowWords
    let observed = unsafe histogramWords.withUnsafeMutableBufferPointer { buffer in
      unsafe cuts.plan.withUnsafeBufferPointer { plan in
        unsafe body(CountedHistograms(words: CountedWords(buffer.extracting(range)), plan: plan))
      }
    }
    if observed & ~touched[row] != 0 { touch(histograms: observed, row: row) }
  }

  @inline(never)
  private mutating func touch(histograms: UInt64, row: Int) {
    steadySeries += cuts.series(of: histograms & ~touched[row])
    touched[row] |= histograms
  }

  /// Adds what a store kept of a histogram: a count for each bound and for +Inf.
  mutating func add(counts: [Int64], sum: Int128, row: Int, histogram: Int) {
    let bounds = cuts.boundCount(of: histogram)
    guard counts.count == bounds + 1 else { return }
    let block = cuts.block(of: histogram)
    withHistograms(of: row) { histograms in
      for (bucket, count) in counts.enumerated() { histograms.words.add(count, at: block + bucket) }
      histograms.words.add(wide: sum, at: block + bounds + 1)
      return 1 << UInt64(histogram)
    }
  }

  /// Where the block of a row's histogram lies, or nil if nothing was observed.
  func block(row: Int, histogram: Int) -> Range<Int>? {
    guard touched[row] >> UInt64(histogram) & 1 == 1 else { return nil }
    let start = row * cuts.rowWords + cuts.block(of: histogram)
    return start..<start + cuts.boundCount(of: histogram) + 3
  }

  func bucket(of value: Int64, histogram: Int) -> Int { cuts.bucket(of: value, histogram: histogram) }

  /// Remembers a trace as its bucket's example. One that is younger than a second stays: at high rates a new trace
  /// for every call would cost more than counting it, and nobody scrapes more often.
  mutating func setExemplar(_ exemplar: Exemplar, row: Int, histogram: Int, bucket: Int) {
    let index = row &* layout.histogramCount &+ histogram
    if exemplarBlocks[index] < 0 {
      exemplarBlocks[index] = makeExemplarBlock(bounds: cuts.boundCount(of: histogram))
    }
    let place = Int(exemplarBlocks[index]) &+ bucket
    let age = exemplar.taken &- exemplars[place].taken
    if exemplars[place].traceIDCount == 0 || !(0..<1_000_000_000).contains(age) { exemplars[place] = exemplar }
  }

  private mutating func makeExemplarBlock(bounds: Int) -> Int32 {
    if let used = freeExemplarBlocks[bounds]?.popLast() { return used }
    let start = Int32(truncatingIfNeeded: exemplars.count)
    exemplars.append(contentsOf: repeatElement(Exemplar(), count: bounds + 1))
    return start
  }
}
