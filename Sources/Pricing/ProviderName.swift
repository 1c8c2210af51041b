/// A provider's name in OpenTelemetry's spelling, whatever spelling it came in: LiteLLM's, an older OpenTelemetry's, a
/// framework's. A name that none of them knows stays as it is.
public func foldProvider(_ name: some StringProtocol) -> String {
  let word = name.lowercased()
  if let folded = ProviderNames.folded[word] { return folded }
  for (prefix, folded) in ProviderNames.prefixes where word.hasPrefix(prefix) { return folded }
  return String(name)
}

enum ProviderNames {
  static let folded: [String: String] = {
    var folded: [String: String] = [:]
    for (name, spellings) in table {
      folded[name] = name
      for spelling in spellings { folded[spelling] = name }
    }
    return folded
  }()

  /// LiteLLM writes the family of a model behind the provider: `vertex_ai-anthropic_models`.
  static let prefixes: [(String, String)] = [
    ("vertex_ai-", "gcp.vertex_ai"), ("vertex_ai_", "gcp.vertex_ai"), ("fireworks_ai-", "fireworks_ai"),
    ("bedrock", "aws.bedrock"),
  ]

  private static let table: [(String, [String])] = [
    ("anthropic", ["anthropic_text", "claude"]),
    (
      "aws.bedrock",
      ["bedrock", "bedrock_converse", "bedrock_mantle", "amazon_bedrock", "amazon-bedrock", "aws_bedrock"]
    ),
    ("azure.ai.inference", ["azure_ai", "az.ai.inference", "azure_ai_inference"]),
    ("azure.ai.openai", ["azure", "azure_text", "az.ai.openai", "azure_openai", "azure-openai", "azureopenai"]),
    ("cohere", ["cohere_chat", "cohere_v2"]),
    ("deepseek", []),
    ("gcp.gemini", ["gemini", "google_ai_studio", "google-ai-studio", "google_genai"]),
    ("gcp.gen_ai", ["google", "gcp"]),
    ("gcp.vertex_ai", ["vertex_ai", "vertex_ai_beta", "vertexai", "vertex", "google_vertexai", "google-vertex"]),
    ("groq", []),
    ("ibm.watsonx.ai", ["watsonx", "watsonx_text"]),
    ("mistral_ai", ["mistral", "mistralai", "codestral", "text-completion-codestral"]),
    ("moonshot_ai", ["moonshot"]),
    ("openai", ["text-completion-openai", "openai_chat"]),
    ("perplexity", ["perplexity_ai", "perplexityai"]),
    ("x_ai", ["xai", "x-ai", "x.ai"]),
    ("together_ai", ["together", "togetherai"]),
    ("fireworks_ai", ["fireworks", "fireworksai"]),
  ]

  /// What LiteLLM's table puts before a model's name, by folded provider; others put their own name there.
  static let keyPrefixes: [String: [String]] = [
    "aws.bedrock": ["bedrock", "bedrock_converse"],
    "azure.ai.inference": ["azure_ai"],
    "azure.ai.openai": ["azure"],
    "cohere": ["cohere", "cohere_chat"],
    "gcp.gemini": ["gemini"],
    "gcp.gen_ai": ["gemini", "vertex_ai"],
    "gcp.vertex_ai": ["vertex_ai"],
    "ibm.watsonx.ai": ["watsonx"],
    "mistral_ai": ["mistral", "codestral", "text-completion-codestral"],
    "moonshot_ai": ["moonshot"],
    "openai": ["openai", "text-completion-openai"],
    "x_ai": ["xai"],
  ]

  /// Whether a call at one provider may be priced by an entry of another (both folded).
  static func match(call: String, entry: String) -> Bool {
    if call == entry || entry.isEmpty { return true }
    switch call {
    case "gcp.gen_ai": return entry == "gcp.gemini" || entry == "gcp.vertex_ai"
    // Foundry serves Azure's and OpenAI's models at their prices.
    case "azure.ai.inference": return entry == "azure.ai.openai" || entry == "openai"
    // Resellers that charge the maker's price.
    case "github", "litellm_proxy", "nadir": return true
    default: return false
    }
  }
}
