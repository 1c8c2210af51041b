import CallMetrics
import CivilTime
import Testing

@testable import Daemon

/// Whole files, and what is said about what is wrong with them.
@Suite struct ConfigurationFileTests {
  @Test func aFileMayHoldEverything() throws {
    let configuration = try loader(
      file: """
        web:
          listen_address: 127.0.0.1:1
        metrics:
          labels: [application, team, function]
          event_labels: [tenant]
          models: [gpt-4o, claude-sonnet-4-5]
          buckets:
            llm_request_duration_seconds: [0.1, 1, 10]
          label_limits: {team: 20}
        prices:
          aliases: {my-deployment: azure/gpt-4o}
          overrides:
            our-llama: {input_cost_per_token: 1e-7, litellm_provider: "ollama"}
        objectives:
          - {application: shop, function: search, availability: 0.999, latency_p95_seconds: 5}
        budgets:
          - {name: all, window: month, zone: Europe/Berlin, dollars: 0.1}
          - {name: users, window: day, user: "*", model: gpt-4o, tokens: 5000}
        """
    ).load().configuration
    #expect(configuration.metrics.labels == ["application", "team", "function"])
    #expect(configuration.metrics.eventLabels == ["tenant"])
    #expect(configuration.metrics.models == ["gpt-4o", "claude-sonnet-4-5"])
    #expect(configuration.metrics.buckets == ["llm_request_duration_seconds": [0.1, 1, 10]])
    #expect(configuration.metrics.labelLimits == ["team": 20])
    #expect(configuration.prices.aliases == ["my-deployment": "azure/gpt-4o"])
    #expect(
      configuration.prices.overrides
        == ["our-llama": #"{"input_cost_per_token":1e-7,"litellm_provider":"ollama"}"#])
    #expect(configuration.objectives.first?.goals.count == 2)
    #expect(configuration.budgets.map(\.dollars) == [100_000_000_000, nil])
    #expect(configuration.budgets.map(\.zone.name) == ["Europe/Berlin", "UTC"])
    #expect(configuration.budgets.last?.conditions == [.user: .each, .model: .only("gpt-4o")])
  }

  @Test(arguments: ["", "\n", "# only a comment\n", "---\n", "web:\n", "null\n"])
  func nothingIsAConfigurationToo(file: String) {
    #expect(problems(file: file).isEmpty)
  }

  @Test func everyErrorIsNamedAtOnceEachWithItsLine() {
    let found = problems(
      file: """
        web:
          max_requests: many
          listen_adress: ":1"
        events:
          listen_udp: [":70000", "here"]
        metrics:
          buckets:
            llm_request_duration_seconds: [1, 1]
            llm_requests_total: [1]
        log: {level: loud}
        """)
    #expect(
      found == [
        #"config.yml:3: web.listen_adress: found "listen_adress", expected a known key; did you mean web.listen_address?"#,
        #"config.yml:2: web.max_requests: found "many", expected a whole number from 0 to 10000"#,
        #"config.yml:5: events.listen_udp: found ":70000", expected HOST:PORT, :PORT or [IPV6]:PORT"#,
        #"config.yml:10: log.level: found "loud", expected one of trace, debug, info, warning, error"#,
        "config.yml:8: metrics.buckets.llm_request_duration_seconds: found \"2 bounds: [1.0, 1.0]\", "
          + "expected 1 to 64 bounds, each above the last by at least 1e-09, none above 9200000000.0",
        "config.yml:9: metrics.buckets.llm_requests_total: found \"llm_requests_total\", expected one of "
          + ConfigurationSections.histograms.sorted().joined(separator: ", "),
      ])
  }

  @Test(arguments: [
    ("web: [1, 2]\n", #"config.yml:1: web: found "a list", expected a mapping of settings"#),
    ("- web\n", #"config.yml:1: found "a list", expected a mapping of settings"#),
    ("web:\n  max_requests: {a: 1}\n", #"config.yml:2: web.max_requests: found "a mapping""#),
    ("web: {max_requests: 1\n", "config.yml:2: found"),
    ("web:\n  max_requests: 1\n  max_requests: 2\n", "twice"),
    ("metrics:\n  labels: [colour]\n", #"config.yml:2: metrics.labels: found "colour""#),
    ("metrics:\n  event_labels: [le]\n", #"config.yml:2: metrics.event_labels: found "le""#),
    ("metrics:\n  event_labels: [prompt-name]\n", #"found "prompt-name, which would be the label prompt_name""#),
    ("metrics:\n  event_labels: [__x]\n", #"found "__x""#),
    ("metrics:\n  event_labels: [cost-center, cost_center]\n", #"found "cost_center twice""#),
    ("metrics:\n  event_labels: [\((1...28).map { "k\($0)" }.joined(separator: ", "))]\n", "found \"29 labels\""),
    ("metrics:\n  label_limits: {team: 5}\n", "expected one of the labels model, provider, operation, application"),
    ("metrics:\n  label_limits: {model: 0}\n", #"metrics.label_limits.model: found "0""#),
    ("objectives:\n  - {application: a, function: f, quality: 0.7}\n", "expected function among metrics.labels"),
    ("objectives:\n  - {application: a, availability: 99.9}\n", "expected a number above 0, at most 1"),
    ("objectives:\n  - {application: a}\n", #"found "no goal""#),
    ("objectives:\n  - {application: a, qualty: 1}\n", #"found "qualty""#),
    ("budgets:\n  - {name: a, window: day}\n", #"found "no limit", expected dollars, tokens or both"#),
    ("budgets:\n  - {name: a, dollars: 1}\n", #"found "no window""#),
    ("budgets:\n  - {window: day, dollars: 1}\n", #"found "no name""#),
    ("budgets:\n  - {name: a, window: year, dollars: 1}\n", "config.yml:2: budgets.[0].window: found \"year\""),
    ("budgets:\n  - {name: a, window: day, zone: Mars/Base, dollars: 1}\n", "expected a time zone such as"),
    ("budgets:\n  - {name: a, window: day, dollars: 0}\n", "expected a number above 0"),
    ("budgets:\n  - {name: a, window: day, tokens: 1.5}\n", "expected a whole number"),
    ("budgets:\n  - {name: a, window: day, tokens: 1, colour: red}\n", #"found "colour", expected one of name"#),
    ("budgets:\n  - {name: a, window: day, tokens: 1}\n  - {name: a, window: day, tokens: 2}\n", "a a day twice"),
    ("prices:\n  overrides: {mine: 3}\n", "expected a mapping of prices"),
    (
      "prices:\n  overrides:\n    a: {input_cost_per_token: 2.1}\n",
      #"config.yml:3: prices.overrides.a.input_cost_per_token: found "2.1", expected at most 1 dollar per token: is it per"#
    ),
    ("prices:\n  overrides: {a: {input_cost_per_token: -1e-6}}\n", "expected a number of dollars that is not negative"),
    ("prices:\n  overrides: {a: {input_cost_per_token: .inf}}\n", #"found ".inf", expected a number of dollars"#),
    (
      "prices:\n  overrides: {a: {input_cost_per_token: 1e-6, output_cost_per_tokens: 1e-6}}\n",
      #"found "output_cost_per_tokens", expected a key of the price table; did you mean output_cost_per_token?"#
    ),
    ("prices:\n  overrides: {a: {}}\n", #"config.yml:2: prices.overrides.a: found "no price", expected at least one"#),
    ("prices:\n  overrides: {a: {mode: chat, max_input_tokens: 5}}\n", #"found "no price""#),
    (
      "prices:\n  overrides: {a: {input_cost_per_token: 1e-6, regional_endpoint_uplift_multiplier: 0}}\n",
      "expected a factor above 0"
    ),
    (
      "prices:\n  overrides: {a: {tiered_pricing: [{range: [0, 9], input_cost_per_token: 3}]}}\n",
      "prices.overrides.a.tiered_pricing.input_cost_per_token: found \"a list\", expected at most 1 dollar"
    ),
    (
      "prices:\n  file: /nonexistent/prices.json\n",
      #"config.yml:2: prices.file: found "/nonexistent/prices.json: No such file or directory", expected a file that can"#
    ),
    ("prices:\n  aliases: [a, b]\n", "expected a mapping from name to name"),
    ("prices:\n  url: ftp://example.org/x\n", "expected a URL that starts with https:// or http://"),
    ("events:\n  unixsocket_mode: '0999'\n", "expected an octal file mode"),
    ("events:\n  unixsocket_owner: nobody-here\n", #"found "nobody-here", expected a user of this machine"#),
    ("events:\n  unixsocket_group: nobody-here\n", #"found "nobody-here", expected a group of this machine"#),
    ("events:\n  listen_udp: ['[::1]:7', ':7', '[::1]:7']\n", #"found "[::1]:7 twice", expected each address once"#),
    ("web:\n  listen_address: [':7', ':7']\n", #"found ":7 twice", expected each address once"#),
    ("objectives:\n  - {application: a, quality: 0.7}\n  - {application: a, quality: 0.8}\n", "one objective for each"),
    ("web:\n  telemetry_path: /-/ready\n", "expected a path other than / and not below /-/ or /api/v1/"),
    ("web:\n  telemetry_path: /api/v1/report/cost\n", "expected a path other than / and not below /-/ or /api/v1/"),
    ("metrics:\n  buckets: {llm_cost_per_request_dollars: [1, 1e7]}\n", "[1.0, 10000000.0]\", expected 1 to 64 bounds"),
    ("metrics:\n  buckets: {llm_request_duration_seconds: [1e10]}\n", "none above 9200000000.0"),
    ("metrics:\n  buckets: {llm_tokens_per_request: [0.5, 1]}\n", "each above the last by at least 1.0"),
    ("metrics:\n  buckets: {llm_tokens_per_request: [0.1, 1]}\n", "each above the last by at least 1.0"),
  ])
  func aMistakeIsNamed(file: String, message: String) {
    let found = problems(file: file)
    #expect(found.count == 1, "\(found)")
    #expect(found.first?.contains(message) == true, "\(found)")
  }

  @Test func aKeyOfEventsLabelsMayBeAnyThatMakesALabel() throws {
    let configuration = try loader(flags: ["--metrics.event-labels=cost-center"]).load().configuration
    #expect(configuration.metrics.eventLabels == ["cost-center"])
  }

  @Test func everyErrorOfAnOverrideIsNamedWithItsLine() {
    let found = problems(
      file: """
        prices:
          overrides:
            house:
              litellm_provider: openai
              input_cost_per_token: 2.5
              output_cost_per_token: cheap
            other:
              supports_vision: true
              cost_per_second: "0.0006"
        """)
    #expect(
      found == [
        #"config.yml:5: prices.overrides.house.input_cost_per_token: found "2.5", expected at most 1 dollar per token: "#
          + "is it per million?",
        #"config.yml:6: prices.overrides.house.output_cost_per_token: found "cheap", expected a number of dollars that "#
          + "is not negative",
      ])
  }

  @Test func aFileThatCannotBeReadIsOneOfTheErrors() {
    let found = problems(flags: ["--config.file=missing.yml", "--log.level=loud"])
    #expect(found.count == 2)
    #expect(found.first == #"missing.yml: --config.file: found "cannot open", expected a file that can be read"#)
  }

  @Test func flagsAndVariablesAreNamedAsTheyAreSpelt() {
    #expect(
      problems(flags: ["--web.max-requests=-1"], environment: ["LLM_EXPORTER_LOG_FORMAT": "xml"]) == [
        #"command line: --web.max-requests: found "-1", expected a whole number from 0 to 10000"#,
        #"environment: LLM_EXPORTER_LOG_FORMAT: found "xml", expected one of logfmt, json"#,
      ])
  }

  @Test(arguments: [
    (["--wbe.max-requests=1"], "did you mean --web.max-requests?"),
    (["--web.max-requests"], #"found "nothing", expected COUNT"#),
    (["serve"], "expected a flag; see --help"),
    (["--no-storage=1"], "expected no value"),
  ])
  func aWrongFlagIsNamed(flags: [String], message: String) {
    let found = problems(flags: flags)
    #expect(found.count == 1, "\(found)")
    #expect(found.first?.contains(message) == true, "\(found)")
  }
}
