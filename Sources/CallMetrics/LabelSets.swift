import Events

/// The label sets of calls: which labels there are, which values each may still take, and the rendered text of each set.
struct LabelSets {
  struct LabelSet {
    /// `model="…",provider="…",…`: what stands between the braces of an exposed line.
    var labels: [UInt8]
    /// The row of its calls, or -1 before the first one.
    var row: Int32
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
  private let limits: [Int]
  private var values: [Set<String>]
  private(set) var sets: [LabelSet] = []
  private var numbers: [[UInt8]: Int32] = [:]
  private var free: [Int32] = []

  init(configuration: RegistryConfiguration) {
    names = ["model", "provider", "operation"] + configuration.labels.map(\.name)
    countedNames = names + [Self.wholeSet, "from", "name"]
    limits = names.map { configuration.maxLabelValuesByLabel[$0] ?? configuration.maxLabelValues }
    values = names.map { _ in [] }
  }

  /// The value that the label takes: `__other__` where it has as many as it may have.
  mutating func admit(_ value: String, label: Int) -> (value: String, limited: Bool) {
    if value.isEmpty || value == LabelText.other || values[label].contains(value) { return (value, false) }
    guard values[label].count < limits[label] else { return (LabelText.other, true) }
    values[label].insert(value)
    return (value, false)
  }

  /// Takes the values of a stored record, whatever the limits are now: its numbers have to go on somewhere.
  mutating func adopt(_ values: [String]) {
    for (label, value) in values.enumerated() where !value.isEmpty && value != LabelText.other {
      self.values[label].insert(value)
    }
  }

  func render(_ values: [String]) -> [UInt8] {
    var line: [UInt8] = []
    for (name, value) in zip(names, values) { LabelText.render(name, value, into: &line) }
    return line
  }

  /// Sets that there are, with and without calls.
  var count: Int { sets.count - free.count }

  /// The set in which every label is `__other__`.
  var overflow: [String] { names.map { _ in LabelText.other } }

  mutating func number(of values: [String]) -> Int32 {
    let labels = render(values)
    if let number = numbers[labels] { return number }
    let set = LabelSet(labels: labels, row: -1)
    let number: Int32
    if let used = free.popLast() {
      number = used
      sets[Int(used)] = set
    } else {
      number = Int32(truncatingIfNeeded: sets.count)
      sets.append(set)
    }
    numbers[labels] = number
    return number
  }

  func isKnown(_ values: [String]) -> Bool { numbers[render(values)] != nil }

  mutating func setRow(_ row: Int32, of number: Int32) { sets[Int(number)].row = row }

  /// Forgets the set whose calls lay in `row`; its number is used again.
  mutating func remove(row: Int32) {
    guard let number = sets.firstIndex(where: { $0.row == row }) else { return }
    remove(number)
  }

  /// Forgets the sets that had no call. Whoever holds their numbers must forget them.
  mutating func removeWithoutCalls() {
    for number in sets.indices where sets[number].row < 0 && !sets[number].labels.isEmpty { remove(number) }
  }

  private mutating func remove(_ number: Int) {
    numbers[sets[number].labels] = nil
    sets[number] = LabelSet(labels: [], row: -1)
    free.append(Int32(truncatingIfNeeded: number))
  }
}
