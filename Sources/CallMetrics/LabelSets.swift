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
  /// What is counted where a whole label set was refused, behind the labels' own counts.
  static let wholeSet = "__all__"
  /// What is counted where a budget for each could not follow a value.
  static let budgets = "__budgets__"
  private let limits: [Int]
  private var values: [Set<String>]
  private(set) var sets: [LabelSet] = []
  private var numbers: [[UInt8]: Int32] = [:]
  private var free: [Int32] = []

  init(configuration: RegistryConfiguration) {
    names = ["model", "provider", "operation"] + configuration.labels.map(\.name)
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
    numbers[sets[number].labels] = nil
    sets[number] = LabelSet(labels: [], row: -1)
    free.append(Int32(truncatingIfNeeded: number))
  }
}
