/// The call log's settings.
extension SettingsTable {
  static let calls: [Setting] = [
    .single(
      "calls.mode", \.calls.mode, "MODE", default: "all", by: ValueSyntax.choice(of: Configuration.Calls.Mode.self),
      "Which calls get a row in the call log: all (a sample of the ordinary ones above calls.max-rows), sampled, "
        + "slow-and-failed or off."),
    .single(
      "calls.sample-one-of", \.calls.sampleOneOf, "COUNT", default: "10", by: ValueSyntax.count(1...1_000_000),
      "With the mode sampled: one of so many ordinary calls."),
    .single(
      "calls.max-rows", \.calls.maxRows, "COUNT", default: "5000", by: ValueSyntax.count(1...1_000_000),
      "Rows a second, of ordinary calls and of slow and failed ones each."),
    .single(
      "calls.slow", \.calls.slow, "DURATION", default: "10s", by: ValueSyntax.duration,
      "A call that takes so long is slow: it keeps its row (0: none is)."),
    .single(
      "calls.large-tokens", \.calls.largeTokens, "COUNT", default: "0", by: ValueSyntax.count(0...1_000_000_000),
      "A call of so many tokens is treated like a slow one (0: none is)."),
    .single(
      "calls.dear-dollars", \.calls.dearDollars, "DOLLARS", default: "0", by: ValueSyntax.dollars,
      "A call that costs so much is treated like a slow one (0: none is)."),
    .single(
      "calls.retention", \.calls.retention, "DURATION", default: "30d", by: ValueSyntax.duration,
      "So long a call keeps its row (0: until the file is full)."),
    .single(
      "calls.hours-retention", \.calls.hoursRetention, "DURATION", default: "403d", by: ValueSyntax.duration,
      "So long the sums of an hour are kept (0: for ever)."),
    .single(
      "calls.max-file-size", \.calls.maxFileBytes, "SIZE", default: "4GiB", by: ValueSyntax.bytes(16 << 20...16 << 40),
      "Size of the store's file beyond which the oldest calls go before their time."),
    .toggle(
      "calls.capture-text", \.calls.capturesText,
      "Keep the text of prompts and answers of slow, failed, large and dear calls, and of comments; redacted."),
    .toggle(
      "calls.capture-rated", \.calls.capturesRatedText,
      "With calls.capture-text: also of calls that are rated badly soon after; the last 8 MiB of text wait in memory."),
    .single(
      "calls.text-retention", \.calls.textRetention, "DURATION", default: "7d", by: ValueSyntax.duration,
      "So long captured text is kept (0: as long as its call)."),
  ]
}
