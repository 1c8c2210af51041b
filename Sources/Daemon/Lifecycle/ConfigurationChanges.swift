/// What differs between the configuration in force and one that was read anew.
struct ConfigurationChanges {
  /// Changes that are in force now, and those that take a restart, in words.
  private(set) var taken: [String] = []
  private(set) var waiting: [String] = []
  /// The configuration in force from now on: what takes a restart is as it was, so that it is reported again.
  private(set) var inForce: ConfigurationLoader.Loaded

  init(from old: ConfigurationLoader.Loaded, to new: ConfigurationLoader.Loaded) {
    inForce = old
    inForce.configuration.web.maxRequests = new.configuration.web.maxRequests
    inForce.configuration.web.enableLifecycle = new.configuration.web.enableLifecycle
    inForce.configuration.web.disableExporterMetrics = new.configuration.web.disableExporterMetrics
    inForce.configuration.prices = new.configuration.prices
    inForce.configuration.log.level = new.configuration.log.level
    inForce.configuration.reports = new.configuration.reports
    inForce.configuration.budgets = new.configuration.budgets

    for (index, (before, after)) in zip(old.effective, new.effective).enumerated() where before.values != after.values {
      let words = "\(after.setting.key): \(Self.spell(before.values)) → \(Self.spell(after.values))"
      if after.setting.change == .reload {
        taken.append(words)
        inForce.effective[index] = after
      } else {
        waiting.append(words)
      }
    }
    if old.configuration.prices.aliases != new.configuration.prices.aliases { taken.append("prices.aliases") }
    if old.configuration.prices.overrides != new.configuration.prices.overrides { taken.append("prices.overrides") }
    if old.configuration.budgets != new.configuration.budgets { taken.append("budgets") }
    if old.configuration.reports != new.configuration.reports { taken.append("reports") }
    if old.configuration.metrics.buckets != new.configuration.metrics.buckets { waiting.append("metrics.buckets") }
    if old.configuration.metrics.labelLimits != new.configuration.metrics.labelLimits {
      waiting.append("metrics.label_limits")
    }
    if old.configuration.objectives != new.configuration.objectives { waiting.append("objectives") }
  }

  private static func spell(_ values: [String]) -> String {
    values.allSatisfy(\.isEmpty) ? "nothing" : values.map(PublicURL.text).joined(separator: ", ")
  }
}
