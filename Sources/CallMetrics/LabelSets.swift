import Events

/// The label sets of calls: which labels there are, which values each may still take, and the rendered text of each set.
///
/// A set is there for as long as something is exposed under it: the row of its calls, or rows of fallbacks, feedback and
/// scores. Its values count against the limits of their labels for so long.
struct LabelSets {
  struct LabelSet {
    /// `model="…",provider="…",…`: what stands between the braces of an exposed line.
    var labels: [UInt8]
    /// The row of its calls, or -1 where there is none.
    var row: Int32 = -1
    /// Rows of fallbacks, feedback and scores.
    var sideRows: Int32 = 0

    var isHeld: Bool { row >= 0 || sideRows > 0 }
  }

  /// Names in the order of exposition.
  let names: [String]
  /// What is counted where a whole label set was refused.
  static let wholeSet = "__all__"
  /// What is counted where a budget for each could not follow a value.
  static let budgets = "__budgets__"
  /// What events are counted by that lost a label's value: the labels of calls, whole sets, and the labels of fallbacks
  /// and scores.
  let countedNames: [String]
  /// Where the whole sets stand among them, and where the labels of fallbacks and scores.
  var wholeSetPlace: Int { names.count }
  var fromPlace: Int { names.count + 1 }
  var scoreNamePlace: Int { names.count + 2 }
  private var values: [LimitedValues]
  private(set) var sets: [LabelSet] = []
  private var numbers: [[UInt8]: Int32] = [:]
  /// The set of each row of calls.
  private var setOfRow: [Int32: Int32] = [:]
  private var free: [Int32] = []
  /// Sets that were made since the last sweep.
  private var fresh: [Int32] = []

  init(configuration: RegistryConfiguration) {
    names = ["model", "provider", "operation"] + configuration.labels.map(\.name)
    countedNames = names + [Self.wholeSet, "from", "name"]
    values = names.map {
      LimitedValues(limit: configuration.maxLabelValuesByLabel[$0] ?? configuration.maxLabelValues)
    }
  }

  /// The value that the label takes: `__other__` where it has as many as it may have.
  func admit(_ value: String, label: Int) -> (value: String, limited: Bool) { values[label].admit(value) }

  func render(_ values: [String]) -> [UInt8] {
    var line: [UInt8] = []
    for (name, value) in zip(names, values) { LabelText.render(name, value, into: &line) }
    return line
  }

  /// Sets that there are, with and without calls.
  var count: Int { sets.count - free.count }

  /// The set in which every label is `__other__`.
  var overflow: [String] { names.map { _ in LabelText.other } }

  /// The set of these values, which is made where it is not there yet.
  mutating func number(of values: [String]) -> Int32 {
    let labels = render(values)
    if let number = numbers[labels] { return number }
    for (label, value) in values.enumerated() { self.values[label].hold(value) }
    let set = LabelSet(labels: labels)
    let number: Int32
    if let used = free.popLast() {
      number = used
      sets[Int(used)] = set
    } else {
      number = Int32(truncatingIfNeeded: sets.count)
      sets.append(set)
    }
    numbers[labels] = number
    fresh.append(number)
    return number
  }

  func isKnown(_ values: [String]) -> Bool { numbers[render(values)] != nil }

  mutating func setRow(_ row: Int32, of number: Int32) {
    sets[Int(number)].row = row
    setOfRow[row] = number
  }

  /// The calls that lay in `row` are not exposed any more.
  mutating func remove(row: Int32) {
    guard let number = setOfRow.removeValue(forKey: row) else { return }
    sets[Int(number)].row = -1
    removeUnlessHeld(number)
  }

  /// A row of fallbacks, feedback or scores shows the set. The rows of what there was no room for show the set of
  /// `__other__` and hold none: that one has no values to give back.
  mutating func addSideRow(of number: Int32) {
    if sets[Int(number)].labels != render(overflow) { sets[Int(number)].sideRows += 1 }
  }

  /// - Parameter values: what the row showed of the labels of calls.
  mutating func removeSideRow(of values: [String]) {
    guard values != overflow, let number = numbers[render(values)] else { return }
    sets[Int(number)].sideRows -= 1
    removeUnlessHeld(number)
  }

  /// Forgets the sets under which nothing came to be exposed. Whoever holds numbers of sets must forget them.
  mutating func sweep() {
    for number in fresh { removeUnlessHeld(number) }
    fresh = []
  }

  /// Forgets the set; its number is used again.
  private mutating func removeUnlessHeld(_ number: Int32) {
    let set = sets[Int(number)]
    guard !set.isHeld, let shown = Self.shown(by: set) else { return }
    for (label, value) in shown.enumerated() { values[label].release(value) }
    numbers[set.labels] = nil
    sets[Int(number)] = LabelSet(labels: [])
    free.append(number)
  }

  /// Nil for a set that was forgotten.
  private static func shown(by set: LabelSet) -> [String]? {
    if set.labels.isEmpty { return nil }
    return LabelText.parse(String(decoding: set.labels, as: UTF8.self))?.map(\.value)
  }
}
