import Events
import Pricing
import Testing

@Suite struct ModelLookupTests {
  let book: PriceBook

  init() throws {
    book = try Fixture.book(
      with: """
        "claude-sonnet-4": {"litellm_provider": "anthropic", "input_cost_per_token": 3e-06},
        "claude-sonnet-4-20990101": {"litellm_provider": "anthropic", "mode": "chat"},
        "meta/llama-x": {"litellm_provider": "vertex_ai-llama_models", "input_cost_per_token": 1e-06},
        "mistral-y@latest": {"litellm_provider": "vertex_ai-mistral_models", "input_cost_per_token": 1e-06},
        "perplexity/perplexity/glm": {"litellm_provider": "perplexity", "input_cost_per_token": 1e-06},
        "bedrock/us-west-2/anthropic.claude-opus-4-8": {"litellm_provider": "bedrock", "input_cost_per_token": 7e-06},
        "azure/ada": {"litellm_provider": "azure", "input_cost_per_token": 1e-07},
        "MixedCase/Model": {"litellm_provider": "together_ai", "input_cost_per_token": 1e-06}
        """)
  }

  private func entry(_ model: String, _ provider: String = "", region: String = "") -> String {
    book.lookup(model: model, provider: provider, region: region).entry?.name ?? "-"
  }

  @Test(arguments: [
    ("gpt-4o", "", "gpt-4o"),
    ("GPT-4O", "", "gpt-4o"),
    ("GPT-4O", "openai", "gpt-4o"),
    ("openai/gpt-4o", "", "gpt-4o"),
    ("openai/openai/gpt-4o", "", "gpt-4o"),
    ("openai/openai/gpt-4o", "openai", "gpt-4o"),
    ("gpt-4o-2099-01-01", "openai", "gpt-4o"),
    ("gpt-4o-2099-01-01", "", "gpt-4o"),
    ("gemini-2.5-pro-001", "vertex_ai", "gemini-2.5-pro"),
    ("gemini-2.5-pro-001", "gcp.vertex_ai", "gemini-2.5-pro"),
    ("gemini-2.5-pro-001", "gcp.gemini", "gemini/gemini-2.5-pro"),
    ("models/gemini-2.5-pro", "gemini", "gemini/gemini-2.5-pro"),
    ("projects/p/locations/l/publishers/google/models/gemini-2.5-pro", "vertex_ai", "gemini-2.5-pro"),
    ("converse/anthropic.claude-opus-4-8", "bedrock", "anthropic.claude-opus-4-8"),
    ("bedrock/converse/anthropic.claude-opus-4-8", "", "anthropic.claude-opus-4-8"),
    ("anthropic.claude-opus-4-8", "aws.bedrock", "anthropic.claude-opus-4-8"),
    ("anthropic.claude-opus-4-8:0:51k", "aws.bedrock", "-"),
    ("meta.llama3-2-11b-instruct-v1:0:128k", "aws.bedrock", "meta.llama3-2-11b-instruct-v1:0"),
    ("us.meta.llama3-2-11b-instruct-v1:0", "aws.bedrock", "meta.llama3-2-11b-instruct-v1:0"),
    ("us-gov.anthropic.claude-opus-4-8", "aws.bedrock", "anthropic.claude-opus-4-8"),
    ("us-east-1/anthropic.claude-opus-4-8", "aws.bedrock", "anthropic.claude-opus-4-8"),
    (
      "arn:aws:bedrock:us-east-1:1234:inference-profile/us.anthropic.claude-opus-4-8", "aws.bedrock",
      "us.anthropic.claude-opus-4-8"
    ),
    (
      "arn:aws:bedrock:us-east-1:1234:inference-profile/us.anthropic.claude-opus-4-8", "",
      "us.anthropic.claude-opus-4-8"
    ),
    ("us.anthropic.claude-opus-4-8[1m]", "bedrock", "us.anthropic.claude-opus-4-8"),
    ("us.anthropic.claude-opus-4-8[1m]", "", "us.anthropic.claude-opus-4-8"),
    ("claude-opus-4-8[1m]", "anthropic", "claude-opus-4-8"),
    ("claude-sonnet-4-20250514", "anthropic", "claude-sonnet-4"),
    ("claude-sonnet-4-20250514", "", "claude-sonnet-4"),
    ("claude-sonnet-4-20990101", "anthropic", "claude-sonnet-4"),
    ("claude-sonnet-4-5-20991231", "anthropic", "claude-sonnet-4-5"),
    ("ft:gpt-4o-2024-08-06:org::id", "openai", "ft:gpt-4o-2024-08-06"),
    ("ft:gpt-4o-2024-08-06:org:name:id", "", "ft:gpt-4o-2024-08-06"),
    ("gpt-35-turbo", "azure", "azure/gpt-35-turbo"),
    ("ada", "azure", "azure/ada"),
    ("gpt-4o", "azure.ai.openai", "azure/gpt-4o"),
    ("gpt-4o", "az.ai.openai", "azure/gpt-4o"),
    ("gpt-4o", "azure.ai.inference", "gpt-4o"),
    ("llama-x", "vertex_ai", "meta/llama-x"),
    ("mistral-y", "vertex_ai", "mistral-y@latest"),
    ("perplexity/glm", "perplexity", "perplexity/perplexity/glm"),
    ("grok-4.3", "x_ai", "xai/grok-4.3"),
    ("grok-4.3", "xai", "xai/grok-4.3"),
    ("mixedcase/model", "together", "MixedCase/Model"),
  ])
  func nameIsFound(model: String, provider: String, expected: String) {
    #expect(entry(model, provider) == expected)
  }

  @Test(arguments: [
    ("nobody-knows", ""),
    ("", ""),
    ("gpt-4o", "anthropic"),
    ("ada", "openai"),
    ("gpt-4o-mini-nano", "openai"),
    ("gpt-4o-20250514", "openai"),
    ("claude-newfamily-5", "anthropic"),
    ("arn:aws:bedrock:us-east-1:1234:application-inference-profile/a1b2c3d4", "aws.bedrock"),
    ("arn:aws:bedrock:us-east-1:1234:application-inference-profile/gpt-4o", ""),
    ("claude-sonnet-4-5", "openai"),
    ("[1m]", "anthropic"),
    ("-", ""), ("/", ""), ("openai/", ""), ("/openai", "openai"), ("ft:", "openai"), ("arn:", "bedrock"),
    (":::::", "bedrock"), ("us.", "bedrock"), ("a/b/c/d/e", "bedrock"),
  ])
  func nameIsNotGuessed(model: String, provider: String) {
    #expect(entry(model, provider) == "-")
  }

  @Test func regionComesFirst() {
    #expect(entry("gpt-4o-2024-08-06", "azure", region: "eu") == "azure/eu/gpt-4o-2024-08-06")
    #expect(entry("gpt-4o-2024-08-06", "azure", region: "mars") == "azure/gpt-4o-2024-08-06")
    #expect(
      entry("anthropic.claude-opus-4-8", "bedrock", region: "us-west-2")
        == "bedrock/us-west-2/anthropic.claude-opus-4-8")
  }

  @Test func contextSizeNeverCostsAGeographyItsPrice() {
    let long = TestCall("us.anthropic.claude-opus-4-8[1m]", provider: "bedrock").usage(1_000_000, 0)
    #expect(Dollars.text(long.cost(book).total) == "5.5")
  }

  @Test func answeringNamePricesAndAskedNameStandsIn() {
    let both = TestCall("gpt-4o", asked: "claude-opus-4-8").usage(1_000_000, 0)
    #expect(Dollars.text(both.cost(book).total) == "2.5")
    let stranger = TestCall("nobody-knows", asked: "claude-opus-4-8").usage(1_000_000, 0)
    #expect(Dollars.text(stranger.cost(book).total) == "5")
    let priceless = TestCall("ollama/llama3.2", asked: "claude-opus-4-8").usage(1_000_000, 0)
    #expect(Dollars.text(priceless.cost(book).total) == "5")
  }

  @Test func labelIsTheAskedName() {
    let resolution = TestCall("gpt-4o-2024-08-06", asked: "gpt-4o").resolution(book)
    #expect(resolution.model == "gpt-4o")
    #expect(resolution.provider == "openai")
    #expect(!resolution.isUnknown)
    #expect(resolution.route.contextWindow == 128_000)
    #expect(TestCall("gpt-4o").resolution(book).model == "gpt-4o")
  }

  @Test func providerIsFoldedOrDerivedFromTheLabelOnly() {
    #expect(TestCall("gpt-4o", provider: "azure").resolution(book).provider == "azure.ai.openai")
    #expect(TestCall("claude-opus-4-8", asked: "gpt-4o").resolution(book).provider == "openai")
    #expect(TestCall("claude-opus-4-8", asked: "my-router").resolution(book).provider == "")
    #expect(TestCall("gemini-2.5-pro").resolution(book).provider == "gcp.vertex_ai")
    #expect(TestCall("nobody-knows", provider: "My Own").resolution(book).provider == "My Own")
    #expect(TestCall("nobody-knows").resolution(book).isUnknown)
  }

  @Test(arguments: [
    ("bedrock_converse", "aws.bedrock"), ("vertex_ai-anthropic_models", "gcp.vertex_ai"), ("Azure", "azure.ai.openai"),
    ("azure_ai", "azure.ai.inference"), ("mistral", "mistral_ai"), ("xai", "x_ai"), ("moonshot", "moonshot_ai"),
    ("watsonx", "ibm.watsonx.ai"), ("cohere_chat", "cohere"), ("text-completion-openai", "openai"),
    ("gemini", "gcp.gemini"), ("vertex_ai", "gcp.vertex_ai"), ("az.ai.inference", "azure.ai.inference"),
    ("openai", "openai"), ("groq", "groq"), ("something", "something"),
  ])
  func providersFold(name: String, expected: String) {
    #expect(foldProvider(name) == expected)
  }

  // The configuration's

  @Test func aliasesComeFirst() throws {
    let arn = "arn:aws:bedrock:us-east-1:1:application-inference-profile/a1b2"
    let book = try Fixture.book(aliases: [arn: "us.anthropic.claude-opus-4-8", "prod": "gpt-4o", "azure/x": "gpt-4o"])
    let profile = TestCall(arn, provider: "bedrock").usage(1_000_000, 0)
    #expect(Dollars.text(profile.cost(book).total) == "5.5")
    #expect(profile.resolution(book).model == "us.anthropic.claude-opus-4-8")
    #expect(Dollars.text(TestCall("prod").usage(1_000_000, 0).cost(book).total) == "2.5")
    #expect(TestCall("gpt-4o", asked: "prod").resolution(book).model == "gpt-4o")
    // A deployment's alias names a price, whoever serves it.
    #expect(Dollars.text(TestCall("x", provider: "azure").usage(1_000_000, 0).cost(book).total) == "2.5")
    #expect(TestCall("x", provider: "openai").resolution(book).isUnknown)
  }

  @Test(arguments: [
    // An alias, and a name and provider of a call that mean it.
    ("azure/prod", "prod", "azure"), ("azure/prod", "prod", "azure.ai.openai"), ("azure/prod", "prod", "Azure_OpenAI"),
    ("azure/prod", "azure/prod", ""), ("azure/prod", "azure/prod", "azure"), ("azure.ai.openai/prod", "prod", "azure"),
    ("azure.ai.openai/prod", "azure/prod", ""), ("prod", "azure/prod", ""), ("prod", "azure/prod", "azure.ai.openai"),
    ("house", "openai/house", ""), ("house", "openai/house", "openai"), ("house", "House", ""), ("House", "house", ""),
    ("Azure/Prod", "PROD", "azure"),
  ])
  func aliasesAreFoundInEverySpelling(alias: String, model: String, provider: String) throws {
    let book = try Fixture.book(aliases: [alias: "gpt-4o"])
    #expect(TestCall(model, provider: provider).resolution(book).model == "gpt-4o")
  }

  @Test(arguments: [("azure/prod", "prod", "openai"), ("azure/prod", "prod", ""), ("house", "my/house", "")])
  func aliasesAreNotGuessed(alias: String, model: String, provider: String) throws {
    let book = try Fixture.book(aliases: [alias: "gpt-4o"])
    #expect(TestCall(model, provider: provider).resolution(book).model == model)
  }

  @Test func nearestAliasCounts() throws {
    let book = try Fixture.book(aliases: ["azure/prod": "gpt-4o", "prod": "claude-opus-4-8", "PROD": "grok-4.3"])
    #expect(TestCall("prod", provider: "azure.ai.openai").resolution(book).model == "gpt-4o")
    #expect(TestCall("prod").resolution(book).model == "claude-opus-4-8")
    #expect(TestCall("PROD").resolution(book).model == "grok-4.3")
  }

  @Test func overridesComeBeforeTablesUnderEitherName() throws {
    let book = try Fixture.book(
      """
      {"gpt-4o": {"input_cost_per_token": "0.000001", "output_cost_per_token": 2e-6},
       "azure/special": {"litellm_provider": "azure", "input_cost_per_token": 3e-6}}
      """)
    #expect(Dollars.text(TestCall("gpt-4o").usage(1_000_000, 0).cost(book).total) == "1")
    #expect(Dollars.text(TestCall("gpt-4o-2024-08-06").usage(1_000_000, 0).cost(book).total) == "1")
    let asked = TestCall("claude-opus-4-8", asked: "gpt-4o").usage(1_000_000, 0)
    #expect(Dollars.text(asked.cost(book).total) == "1")
    // A price replaces a price whole; facts that it does not state stay.
    let cached = TestCall("gpt-4o").usage(1_000_000, 0, cached: 1_000_000)
    #expect(Dollars.text(cached.cost(book).total) == "1")
    #expect(TestCall("gpt-4o").resolution(book).provider == "openai")
    #expect(Dollars.text(TestCall("special", provider: "azure").usage(1_000_000, 0).cost(book).total) == "3")
  }

  @Test func lookupTellsWhatItTried() {
    let lookup = book.lookup(model: "gpt-4o-2099-01-01", provider: "openai")
    #expect(lookup.steps.last?.name == "gpt-4o")
    #expect(lookup.steps.last?.outcome == .matched)
    #expect(lookup.steps.first?.name == "openai/gpt-4o-2099-01-01")
    #expect(lookup.text.contains("priced by gpt-4o of openai"))
    #expect(book.lookup(model: "gpt-4o", provider: "anthropic").text.contains("there, of openai"))
    #expect(book.lookup(model: "ollama/llama3.2").steps.contains { $0.outcome == .withoutPrice })
  }
}
