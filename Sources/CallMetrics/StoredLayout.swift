/// What the numbers of a record are called, in words that outlive this version: a record is stored with the layout it
/// was written in, and read back slot by slot by name. So a family that a later version adds starts at 0, and one that
/// it no longer has is passed over.
public struct StoredLayout: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// A 64-bit count; two of them are added.
    case count
    /// 1e-12 dollars in 128 bits, in two words; added.
    case money
    /// A Double's bit pattern; added.
    case real
    /// Nanoseconds since 1970; the later one holds.
    case time
  }

  public struct Slot: Sendable, Equatable {
    public var kind: Kind
    public var name: String
    /// Where it lies among the words of a record in memory; -1 in a layout that was read from a description.
    var word: Int
    var words: Int { kind == .money ? 2 : 1 }
  }

  public struct Histogram: Sendable, Equatable {
    public var name: String
    public var bounds: [Int64]
  }

  public private(set) var slots: [Slot] = []
  /// In the order of a record's histograms.
  public private(set) var histograms: [Histogram] = []

  public init(_ layout: RecordLayout) {
    for group in layout.scalars {
      guard let kind = Self.kind(of: group) else { continue }
      for (index, value) in group.values.enumerated() {
        slots.append(Slot(kind: kind, name: Self.name(group.family, group.label, value), word: group.word(index)))
      }
    }
    slots += layout.privateSlots
    for group in layout.histograms {
      for value in group.values {
        histograms.append(Histogram(name: Self.name(group.family, group.label, value), bounds: group.bounds))
      }
    }
  }

  /// Levels of the moment are not stored.
  private static func kind(of group: ScalarGroup) -> Kind? {
    switch (group.family.kind, group.scale) {
    case (.gauge, .nano): .time
    case (.gauge, _): nil
    case (_, .pico): .money
    default: .count
    }
  }

  private static func name(_ family: Family, _ label: String?, _ value: String) -> String {
    guard let label else { return family.name }
    return "\(family.name){\(label)=\"\(value)\"}"
  }

  // MARK: As text

  /// One line for each slot, then one for each histogram: its kind, its name, and the bounds.
  public var description: String {
    let scalars = slots.map { "\($0.kind.rawValue) \($0.name)" }
    let buckets = histograms.map { "histogram \($0.name) \($0.bounds.map { "\($0)" }.joined(separator: ","))" }
    return (scalars + buckets).joined(separator: "\n")
  }

  /// - Returns: nil where the text is no description.
  public init?(description: String) {
    for line in description.split(separator: "\n") {
      let parts = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
      guard parts.count >= 2 else { return nil }
      if let kind = Kind(rawValue: parts[0]), parts.count == 2, histograms.isEmpty {
        slots.append(Slot(kind: kind, name: parts[1], word: -1))
      } else if parts[0] == "histogram", parts.count == 3 {
        let texts = parts[2].split(separator: ",")
        let bounds = texts.compactMap { Int64($0) }
        guard bounds.count == texts.count else { return nil }
        histograms.append(Histogram(name: parts[1], bounds: bounds))
      } else {
        return nil
      }
    }
  }

  // MARK: Reading an older one

  /// For each slot of the other layout, the word of the slot of the same name and kind here.
  func words(of other: StoredLayout) -> [Int?] {
    let known = Dictionary(slots.map { ($0.name, $0) }) { first, _ in first }
    return other.slots.map { slot in
      guard let own = known[slot.name], own.kind == slot.kind else { return nil }
      return own.word
    }
  }

  /// For each histogram of the other layout, the number of the one of the same name and bounds here.
  func histograms(of other: StoredLayout) -> [Int?] {
    other.histograms.map { histogram in histograms.firstIndex(of: histogram) }
  }

  /// Whether everything in the other layout has a place here. Where bounds were configured anew it has not: what was
  /// counted between two old bounds can't be divided between new ones.
  public func holdsAll(of other: StoredLayout) -> Bool {
    !words(of: other).contains(nil) && !histograms(of: other).contains(nil)
  }
}
