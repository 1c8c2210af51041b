/// The values that a label has, so many and no more, each for as long as something is exposed under it.
struct LimitedValues {
  private let limit: Int
  /// Holders of each value.
  private var holders: [String: Int] = [:]

  init(limit: Int) { self.limit = limit }

  /// The value that the label takes: `__other__` where it has as many as it may have. What is then exposed under the
  /// value holds it.
  func admit(_ value: String) -> (value: String, limited: Bool) {
    let isAdmitted = !Self.isCounted(value) || holders[value] != nil || holders.count < limit
    return isAdmitted ? (value, false) : (LabelText.other, true)
  }

  /// Whatever the limit is: the numbers of a stored record have to go on somewhere.
  mutating func hold(_ value: String) {
    if Self.isCounted(value) { holders[value, default: 0] += 1 }
  }

  mutating func release(_ value: String) {
    guard let count = holders[value] else { return }
    holders[value] = count > 1 ? count - 1 : nil
  }

  private static func isCounted(_ value: String) -> Bool { !value.isEmpty && value != LabelText.other }
}
