/// The records of one kind: numbers of every label set, in a few large arrays.
///
/// ```
/// row 0: words[0 ..< n]   blocks[0 ..< h] ─► histogramWords[block ..< block + bounds + 3]
/// row 1: words[n ..< 2n]  blocks[h ..< 2h]                exemplars[… ..< … + bounds + 1]
/// ```
/// A row that expired is zeroed and used again.
struct RecordTable {
  let layout: RecordLayout
  private let cuts: HistogramCuts
  /// Rendered label part by row; empty: the row is free. A row's labels are never empty, they name a model at least.
  private(set) var labels: [[UInt8]] = []
  private(set) var created: [Int64] = []
  private(set) var lastEvent: [Int64] = []
  private var rows: [[UInt8]: Int32] = [:]
  private var free: [Int32] = []
  var words: [Int64] = []
  private(set) var blocks: [Int32] = []
  private(set) var histogramWords: [Int64] = []
  private var freeBlocks: [Int: [Int32]] = [:]
  private(set) var exemplarBlocks: [Int32] = []
  private(set) var exemplars: [Exemplar] = []
  private var freeExemplarBlocks: [Int: [Int32]] = [:]
  /// Changes whenever a row comes or goes.
  private(set) var generation = 0
  /// Exposed series of all rows.
  private(set) var series = 0
  /// What the store has not seen of each row.
  var marks: [RowMarks] = []
  /// The marks that a row gets with its next event.
  var mark = RowMarks.changed
  /// Rows copied for the store, while a copy is under way.
  var copied: RecordChanges

  init(layout: RecordLayout) {
    self.layout = layout
    cuts = HistogramCuts(layout: layout)
    copied = RecordChanges(layout: layout)
  }

  var count: Int { labels.count - free.count }
  var capacity: Int { labels.count }

  func row(labels: [UInt8]) -> Int? { rows[labels].map(Int.init) }

  /// Makes a row of zeros.
  mutating func add(labels newLabels: [UInt8], now: Int64) -> Int {
    series += layout.scalars.reduce(0) { $0 + $1.values.count }
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
    blocks.append(contentsOf: repeatElement(-1, count: layout.histogramCount))
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
    series -= layout.scalars.reduce(0) { $0 + $1.values.count }
    for i in row * layout.wordCount..<(row + 1) * layout.wordCount { words[i] = 0 }
    for histogram in 0..<layout.histogramCount { removeBlock(row: row, histogram: histogram) }
    free.append(Int32(row))
  }

  private mutating func removeBlock(row: Int, histogram: Int) {
    let index = row * layout.histogramCount + histogram
    let bounds = cuts.boundCount(of: histogram)
    if exemplarBlocks[index] >= 0 {
      let start = Int(exemplarBlocks[index])
      for i in start...start + bounds { exemplars[i] = Exemplar() }
      freeExemplarBlocks[bounds, default: []].append(exemplarBlocks[index])
      exemplarBlocks[index] = -1
    }
    guard blocks[index] >= 0 else { return }
    let start = Int(blocks[index])
    for i in start..<start + bounds + 3 { histogramWords[i] = 0 }
    freeBlocks[bounds, default: []].append(blocks[index])
    blocks[index] = -1
    series -= bounds + 3
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

  /// Counts each value in its bucket and adds it to the sum, both `weight` times. Says in each observation which
  /// bucket that was.
  @inline(__always)
  mutating func observe(_ observations: inout Observations, times weight: Int64, row: Int) {
    let first = row &* layout.histogramCount
    for i in 0..<observations.count {
      let histogram = Int(observations.list[i].histogram)
      if blocks[first &+ histogram] < 0 { makeBlock(row: row, histogram: histogram) }
      observations.list[i].block = blocks[first &+ histogram]
      observations.list[i].bounds = Int32(truncatingIfNeeded: cuts.boundCount(of: histogram))
      let bucket = cuts.bucket(of: observations.list[i].value, histogram: histogram)
      observations.list[i].bucket = Int32(truncatingIfNeeded: bucket)
    }
    unsafe histogramWords.withUnsafeMutableBufferPointer { buffer in
      for i in 0..<observations.count {
        let seen = observations.list[i]
        let block = Int(seen.block)
        let bounds = Int(seen.bounds)
        let words = unsafe CountedWords(buffer.extracting(block..<block &+ bounds &+ 3))
        words.add(weight, at: Int(seen.bucket))
        words.add(wide: Int128(seen.value) &* Int128(weight), at: bounds &+ 1)
      }
    }
  }

  /// Adds what a store kept of a histogram: a count for each bound and for +Inf.
  mutating func add(counts: [Int64], sum: Int128, row: Int, histogram: Int) {
    let bounds = cuts.boundCount(of: histogram)
    guard counts.count == bounds + 1 else { return }
    let index = row * layout.histogramCount + histogram
    if blocks[index] < 0 { makeBlock(row: row, histogram: histogram) }
    let block = Int(blocks[index])
    unsafe histogramWords.withUnsafeMutableBufferPointer { buffer in
      let words = unsafe CountedWords(buffer.extracting(block..<block + bounds + 3))
      for (bucket, count) in counts.enumerated() { words.add(count, at: bucket) }
      words.add(wide: sum, at: bounds + 1)
    }
  }

  @inline(never)
  private mutating func makeBlock(row: Int, histogram: Int) {
    let bounds = cuts.boundCount(of: histogram)
    let start: Int32
    if let used = freeBlocks[bounds]?.popLast() {
      start = used
    } else {
      start = Int32(truncatingIfNeeded: histogramWords.count)
      histogramWords.append(contentsOf: repeatElement(0, count: bounds + 3))
    }
    blocks[row * layout.histogramCount + histogram] = start
    series += bounds + 3
  }

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
