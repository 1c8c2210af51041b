/// The names under which a model's price may stand, likeliest first: as LiteLLM looks models up
/// (`provider/model`, `model`, without the provider, without a version), and beyond it where that misses a price.
struct ModelNameCandidates {
  struct Candidate: Equatable {
    var name: String
    /// Why it is tried, for people.
    var reason: String
  }

  private(set) var list: [Candidate] = []
  private static let maxCount = 48

  /// - Parameters:
  ///   - provider: folded, or "".
  ///   - spelledProvider: as the call has it.
  ///   - regions: where the call was served, as far as it says; may repeat.
  init(model: String, provider: String, spelledProvider: String, regions: [String]) {
    var model = Self.azureNames[model] ?? model
    var provider = provider
    var prefixes = Self.prefixes(provider, spelledProvider)
    model = Self.collapsing(model, prefixes)
    var bare = model
    if let prefix = prefixes.first(where: { model.hasPrefix($0 + "/") }) {
      bare = String(model.dropFirst(prefix.utf8.count + 1))
    } else if provider.isEmpty, let slash = model.utf8.firstIndex(of: UInt8(ascii: "/")),
      let known = ProviderNames.folded[model[..<slash].lowercased()]
    {
      // The name brings its provider along.
      provider = known
      prefixes = Self.prefixes(known, String(model[..<slash]))
      model = Self.collapsing(model, prefixes)
      bare = String(model[model.index(after: slash)...])
      if let again = prefixes.first(where: { bare.hasPrefix($0 + "/") }) { bare.removeFirst(again.utf8.count + 1) }
    }
    for prefix in prefixes {
      for region in regions where !region.isEmpty { add("\(prefix)/\(region)/\(bare)", "in its region") }
    }
    for prefix in prefixes { add("\(prefix)/\(bare)", "under its provider") }
    add(model, "as given")
    add(bare, "without its provider")
    addForms(of: bare, provider, prefixes)
    for prefix in prefixes { add("\(prefix)/\(prefix)/\(bare)", "under its provider twice") }
    if provider == "aws.bedrock" { add("bedrock_mantle/\(bare)", "at Bedrock's other door") }
  }

  private mutating func add(_ name: String, _ reason: String) {
    guard !name.isEmpty, list.count < Self.maxCount, !list.contains(where: { $0.name == name }) else { return }
    list.append(Candidate(name: name, reason: reason))
  }

  private mutating func addForm(_ name: String, _ prefixes: [String], _ reason: String) {
    for prefix in prefixes { add("\(prefix)/\(name)", reason) }
    add(name, reason)
  }

  private mutating func addForms(of bare: String, _ provider: String, _ prefixes: [String]) {
    // The size of the context window is no part of a price's name, and nothing else may be dropped for it.
    let plain = Self.withoutContextSize(bare)
    if plain != bare { addForm(plain, prefixes, "without the size of its context window") }
    switch provider {
    case "aws.bedrock": addBedrockForms(of: plain, prefixes)
    case "gcp.vertex_ai", "gcp.gemini", "gcp.gen_ai": addGoogleForms(of: plain, prefixes)
    case "databricks": addForm(Self.withoutVersionNumber(plain), prefixes, "without its version")
    default:
      if plain.hasPrefix("ft:") {
        addForm(Self.withoutFineTuning(plain), prefixes, "the model that was fine-tuned")
      } else {
        addForm(Self.withoutDashedDate(plain), prefixes, "without its date")
      }
      if provider.isEmpty {
        if plain.hasPrefix("gemini-") || plain.hasPrefix("models/") { addGoogleForms(of: plain, ["gemini"]) }
        if Self.looksLikeBedrock(plain) { addBedrockForms(of: plain, ["bedrock"]) }
      }
      if provider == "anthropic" || (provider.isEmpty && plain.hasPrefix("claude-")) {
        addForm(Self.withoutCompactDate(plain), prefixes, "without its date")
      }
    }
  }

  // MARK: Bedrock

  private static let bedrockGeographies = ["global", "us", "eu", "apac", "jp", "au", "us-gov"]
  private static let bedrockRoutes = [
    "bedrock/", "chat_completions/", "converse/", "invoke/", "openai/", "mantle/", "nova-2/", "nova/",
  ]

  private mutating func addBedrockForms(of name: String, _ prefixes: [String]) {
    // An application inference profile's last segment is its id and names no model.
    if name.contains(":application-inference-profile/") { return }
    var name = name
    for route in Self.bedrockRoutes where name.hasPrefix(route) { name.removeFirst(route.utf8.count) }
    addForm(name, prefixes, "without its route")
    if name.lowercased().hasPrefix("arn:"), let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")) {
      name = String(name[name.index(after: slash)...])
      addForm(name, prefixes, "the model that the ARN names")
    }
    if let slash = name.utf8.firstIndex(of: UInt8(ascii: "/")), Self.isAWSRegion(name[..<slash]) {
      name = String(name[name.index(after: slash)...])
      addForm(name, prefixes, "without its region")
    }
    name = Self.withoutContextSize(Self.withoutThroughput(Self.withoutContextSize(name)))
    addForm(name, prefixes, "without its throughput")
    if let dot = name.utf8.firstIndex(of: UInt8(ascii: ".")), Self.bedrockGeographies.contains(String(name[..<dot])) {
      addForm(String(name[name.index(after: dot)...]), prefixes, "without its geography")
    }
  }

  private static func looksLikeBedrock(_ name: String) -> Bool {
    if name.hasPrefix("arn:aws") || bedrockRoutes.contains(where: { name.hasPrefix($0) }) { return true }
    guard let dot = name.utf8.firstIndex(of: UInt8(ascii: ".")) else { return false }
    return bedrockGeographies.contains(String(name[..<dot])) || name.hasPrefix("anthropic.")
      || name.hasPrefix("amazon.")
  }

  /// `us-east-1`, `us-gov-west-1`.
  private static func isAWSRegion(_ text: Substring) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return (3...4).contains(parts.count) && parts[0].count == 2 && parts[parts.count - 1].allSatisfy(isDigit)
  }

  /// `…-v1:0:51k` → `…-v1:0`
  private static func withoutThroughput(_ name: String) -> String {
    guard name.hasSuffix("k"), let colon = name.utf8.lastIndex(of: UInt8(ascii: ":")) else { return name }
    let digits = name[colon...].utf8.dropFirst().dropLast()
    let head = name[..<colon]
    guard !digits.isEmpty, digits.allSatisfy(isDigit), let version = head.utf8.lastIndex(of: UInt8(ascii: ":")),
      head[version...].utf8.count > 1, head[version...].utf8.dropFirst().allSatisfy(isDigit)
    else { return name }
    return String(head)
  }

  // MARK: Google

  private mutating func addGoogleForms(of name: String, _ prefixes: [String]) {
    var name = name
    // `models/gemini-2.5-pro`, `projects/…/publishers/google/models/gemini-2.5-pro`
    if let slash = name.utf8.lastIndex(of: UInt8(ascii: "/")), name[...slash].hasSuffix("models/") {
      name = String(name[name.index(after: slash)...])
      addForm(name, prefixes, "without its path")
    }
    addForm("meta/" + name, prefixes, "under its maker")
    addForm(name + "@latest", prefixes, "its latest version")
    addForm(Self.withoutVersionNumber(name), prefixes, "without its version")
  }

  // MARK: what is dropped

  /// `claude-opus-4-8[1m]` → `claude-opus-4-8`
  private static func withoutContextSize(_ name: String) -> String {
    guard name.hasSuffix("]"), let bracket = name.utf8.lastIndex(of: UInt8(ascii: "[")), bracket > name.startIndex
    else { return name }
    let inside = name[bracket...].utf8.dropFirst().dropLast()
    guard !inside.isEmpty, inside.allSatisfy({ isDigit($0) || isLetter($0) }) else { return name }
    return String(name[..<bracket])
  }

  /// `gpt-4o-2099-01-01` → `gpt-4o`
  private static func withoutDashedDate(_ name: String) -> String {
    // Eleven bytes, and something before them.
    guard name.utf8.count > 11 else { return name }
    let parts = name.utf8.suffix(11).split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.map(\.count) == [0, 4, 2, 2], parts.allSatisfy({ $0.allSatisfy(isDigit) }) else { return name }
    return String(decoding: name.utf8.dropLast(11), as: UTF8.self)
  }

  /// `claude-sonnet-4-20250514` → `claude-sonnet-4`
  private static func withoutCompactDate(_ name: String) -> String {
    guard let dash = name.utf8.lastIndex(of: UInt8(ascii: "-")) else { return name }
    let digits = name[dash...].utf8.dropFirst()
    guard digits.count == 8, digits.allSatisfy(isDigit) else { return name }
    return String(name[..<dash])
  }

  /// `gemini-2.5-pro-001` → `gemini-2.5-pro`
  private static func withoutVersionNumber(_ name: String) -> String {
    guard let dash = name.utf8.lastIndex(of: UInt8(ascii: "-")) else { return name }
    let digits = name[dash...].utf8.dropFirst()
    return !digits.isEmpty && digits.allSatisfy(isDigit) ? String(name[..<dash]) : name
  }

  /// `ft:gpt-4o-2024-08-06:org::id` → `ft:gpt-4o-2024-08-06`
  private static func withoutFineTuning(_ name: String) -> String {
    let parts = name.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
    return parts.count > 4 ? String(name[..<parts[parts.count - 4].endIndex]) : name
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  private static func isLetter(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "_") || byte | 0x20 &- UInt8(ascii: "a") < 26
  }

  // MARK: providers

  /// What the table may write before the slash, for a provider.
  static func prefixes(_ provider: String, _ spelled: String) -> [String] {
    guard !provider.isEmpty else { return [] }
    var prefixes: [String] = []
    // The spelling of the call first: `vertex_ai`, `cohere_chat`.
    for prefix in [spelled.lowercased()] + (ProviderNames.keyPrefixes[provider] ?? [provider])
    where !prefixes.contains(prefix) {
      prefixes.append(prefix)
    }
    return prefixes
  }

  /// Gateways repeat the provider: `openai/openai/gpt-4o`.
  private static func collapsing(_ model: String, _ prefixes: [String]) -> String {
    var model = model
    for prefix in prefixes where !prefix.isEmpty {
      let twice = "\(prefix)/\(prefix)/"
      while model.hasPrefix(twice) { model.removeFirst(prefix.utf8.count + 1) }
    }
    return model
  }

  /// Azure's own spellings.
  private static let azureNames = [
    "gpt-35-turbo": "azure/gpt-35-turbo", "gpt-35-turbo-16k": "azure/gpt-35-turbo-16k",
    "gpt-35-turbo-instruct": "azure/gpt-35-turbo-instruct", "azure/gpt-41": "gpt-4.1",
    "azure/gpt-41-mini": "gpt-4.1-mini", "azure/gpt-41-nano": "gpt-4.1-nano",
  ]
}
