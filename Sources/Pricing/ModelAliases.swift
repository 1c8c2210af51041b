/// Names of the configuration's own (deployments, inference profiles, house names), and the model that each stands for.
public struct ModelAliases: Sendable {
  /// As the configuration has them.
  let targets: [String: String]
  /// The same under small letters.
  private let folded: [String: String]

  init(_ targets: [String: String]) {
    self.targets = targets
    var folded: [String: String] = [:]
    // Of two that differ in letter case only, always the same one.
    for (name, target) in targets.sorted(by: { $0.key > $1.key }) { folded[name.lowercased()] = target }
    self.folded = folded
  }

  public var isEmpty: Bool { targets.isEmpty }

  /// What a call's name stands for, or nil: first as a name at its provider, in every spelling of that; then as it came;
  /// then without a provider in front of it. Each as it is spelled, and else letter case aside.
  func target(of name: String, provider: String) -> String? {
    if targets.isEmpty || name.isEmpty { return nil }
    let (spellings, bare) = Self.split(name, provider)
    for candidate in spellings.map({ "\($0)/\(bare)" }) + [name, bare] {
      if let target = targets[candidate] ?? folded[candidate.lowercased()] { return target }
    }
    return nil
  }

  /// Spellings of the provider that the call names, or that its model's name begins with, and the name without it.
  private static func split(_ name: String, _ provider: String) -> (spellings: [String], bare: String) {
    let head = name.utf8.firstIndex(of: UInt8(ascii: "/")).map { name[..<$0] } ?? ""
    let isKnown = ProviderNames.folded[head.lowercased()] != nil
    let owner = provider.isEmpty && isKnown ? String(head) : provider
    if owner.isEmpty { return ([], name) }
    let folded = foldProvider(owner)
    let spellings = [owner, folded] + ModelNameCandidates.prefixes(folded, owner)
    let isHead = !head.isEmpty && spellings.contains { $0.lowercased() == head.lowercased() }
    return (spellings, isHead ? String(name.dropFirst(head.count + 1)) : name)
  }
}
