/// How calls of one model look: a row of the traffic model.
///
/// On an ordinary day no alert has a reason: the slowest twentieth of the calls takes less than 5 s, first tokens come within
/// 3 s, and less than 1% of the calls fail through no fault of the caller, attempts that follow included.
struct ModelProfile {
  var requested: String
  /// The dated name that answers, where it is another one.
  var answering: String? = nil
  var provider: String
  var shape: UsageShape
  var operation = "chat"
  /// Its part of the calls, relative to the others.
  var share: Double
  var medianInput: Double
  var medianOutput: Double
  /// Part of the calls that find some of their prompt cached, and how much of it then.
  var cachedCalls = 0.0
  /// Reasoning as part of the output.
  var reasoning = 0.0
  var streams = 0.7
  var medianFirstTokenSeconds: Double
  var tokensPerSecond: Double
  var errorRate = 0.004
  /// Who is asked when it fails.
  var fallback: String? = nil
  /// Dollars for a million tokens, where the caller reckons the cost itself and says so.
  var stated: (input: Double, output: Double)? = nil

  static let all: [ModelProfile] = [
    ModelProfile(
      requested: "gpt-4o", answering: "gpt-4o-2024-08-06", provider: "openai", shape: .openAIChat, share: 22,
      medianInput: 1_900, medianOutput: 130, cachedCalls: 0.45, medianFirstTokenSeconds: 0.45, tokensPerSecond: 95,
      errorRate: 0.005, fallback: "gpt-4o-mini"),
    ModelProfile(
      requested: "gpt-4o-mini", answering: "gpt-4o-mini-2024-07-18", provider: "openai", shape: .openAIChat, share: 26,
      medianInput: 900, medianOutput: 130, cachedCalls: 0.3, medianFirstTokenSeconds: 0.35, tokensPerSecond: 115,
      errorRate: 0.003),
    ModelProfile(
      requested: "o3-mini", answering: "o3-mini-2025-01-31", provider: "openai", shape: .openAIResponses, share: 4,
      medianInput: 2_600, medianOutput: 330, reasoning: 0.7, streams: 0.3, medianFirstTokenSeconds: 0.9,
      tokensPerSecond: 330),
    ModelProfile(
      requested: "gpt-4o", provider: "azure.ai.openai", shape: .openAIChat, share: 6, medianInput: 1_400,
      medianOutput: 120, cachedCalls: 0.2, medianFirstTokenSeconds: 0.5, tokensPerSecond: 92, errorRate: 0.006),
    ModelProfile(
      requested: "claude-sonnet-4-5-20250929", provider: "anthropic", shape: .anthropic, share: 15, medianInput: 3_800,
      medianOutput: 125, cachedCalls: 0.6, medianFirstTokenSeconds: 0.6, tokensPerSecond: 98, errorRate: 0.005,
      fallback: "gpt-4o"),
    ModelProfile(
      requested: "claude-haiku-4-5-20251001", provider: "anthropic", shape: .anthropic, share: 7, medianInput: 1_100,
      medianOutput: 150, cachedCalls: 0.35, medianFirstTokenSeconds: 0.45, tokensPerSecond: 125),
    ModelProfile(
      requested: "anthropic.claude-3-5-sonnet-20241022-v2:0", provider: "aws.bedrock", shape: .bedrock, share: 3,
      medianInput: 2_400, medianOutput: 115, cachedCalls: 0.25, medianFirstTokenSeconds: 0.65, tokensPerSecond: 92),
    ModelProfile(
      requested: "gemini-2.5-pro", provider: "gcp.gemini", shape: .gemini, share: 4, medianInput: 6_500,
      medianOutput: 300, cachedCalls: 0.3, reasoning: 0.5, medianFirstTokenSeconds: 0.9, tokensPerSecond: 280,
      errorRate: 0.006, fallback: "gemini-2.5-flash"),
    ModelProfile(
      requested: "gemini-2.5-flash", provider: "gcp.gemini", shape: .gemini, share: 6, medianInput: 1_700,
      medianOutput: 190, cachedCalls: 0.2, reasoning: 0.2, medianFirstTokenSeconds: 0.45, tokensPerSecond: 180),
    ModelProfile(
      requested: "mistral-large-latest", answering: "mistral-large-2411", provider: "mistral_ai", shape: .openAIChat,
      share: 2, medianInput: 1_300, medianOutput: 105, medianFirstTokenSeconds: 0.55, tokensPerSecond: 90),
    ModelProfile(
      requested: "command-r-plus-08-2024", provider: "cohere", shape: .cohere, share: 1, medianInput: 1_500,
      medianOutput: 105, medianFirstTokenSeconds: 0.6, tokensPerSecond: 92, stated: (input: 2.5, output: 10)),
    ModelProfile(
      requested: "deepseek-chat", provider: "deepseek", shape: .deepSeek, share: 2, medianInput: 2_100,
      medianOutput: 100, cachedCalls: 0.5, medianFirstTokenSeconds: 0.7, tokensPerSecond: 88, errorRate: 0.006),
    ModelProfile(
      requested: "llama3.1:8b", provider: "ollama", shape: .ollama, share: 2, medianInput: 600, medianOutput: 100,
      streams: 0.4, medianFirstTokenSeconds: 0.3, tokensPerSecond: 72),
    ModelProfile(
      requested: "text-embedding-3-small", provider: "openai", shape: .embeddings, operation: "embeddings", share: 18,
      medianInput: 420, medianOutput: 0, streams: 0, medianFirstTokenSeconds: 0.09, tokensPerSecond: 1e6,
      errorRate: 0.003),
    // Nobody publishes its price: what an unpriced model looks like.
    ModelProfile(
      requested: "in-house-summarizer-v2", provider: "vllm", shape: .openAIChat, share: 0.6, medianInput: 3_000,
      medianOutput: 95, medianFirstTokenSeconds: 0.4, tokensPerSecond: 88),
  ]
}
