/// Who calls: applications of teams, each with functions, and users of which a few are busy.
struct Population {
  struct Application {
    var name: String
    var team: String
    var functions: [String]
    var share: Double
    /// Says `start` before each call, so that calls in flight can be seen.
    var announces = false
    var cacheHits = 0.0
    /// People judge its answers.
    var feedback = 0.0
    /// Calls wait in a queue of its own.
    var medianQueueSeconds: Double? = nil
  }

  static let researchAgent = "research-agent"
  static let invoiceExtractor = "invoice-extractor"

  let applications: [Application] = [
    Application(
      name: "support-chat", team: "support", functions: ["answer", "summarize", "classify"], share: 40,
      announces: true, cacheHits: 0.12, feedback: 0.08),
    Application(name: "search", team: "platform", functions: ["embed", "rerank", "answer"], share: 25, cacheHits: 0.2),
    Application(
      name: "code-assistant", team: "engineering", functions: ["complete", "review", "explain"], share: 20,
      announces: true, feedback: 0.04),
    Application(name: researchAgent, team: "research", functions: ["plan", "read", "write"], share: 8),
    Application(
      name: invoiceExtractor, team: "finance", functions: ["extract"], share: 7, feedback: 0.01,
      medianQueueSeconds: 0.3),
  ]
  let users: Int

  func application(_ random: inout SeededGenerator) -> Application {
    pick(from: applications, share: \.share, using: &random)
  }

  /// Every second user makes twice as many calls as the one after: rank by a power law.
  func user(_ random: inout SeededGenerator) -> Int {
    let rank = random.unit()
    return min(users - 1, Int(Double(users) * rank * rank * rank))
  }
}

/// One of `items`, each as likely as its share.
func pick<Item>(from items: [Item], share: (Item) -> Double, using random: inout SeededGenerator) -> Item {
  var left = random.unit() * items.reduce(0) { $0 + share($1) }
  for item in items {
    left -= share(item)
    if left < 0 { return item }
  }
  return items[items.count - 1]
}
