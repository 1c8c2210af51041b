import CallMetrics
import Yams

/// What each value by itself can't show: settings that contradict each other.
enum Coherence {
  static func problems(of configuration: Configuration, file: ConfigurationFile?) -> [ConfigurationProblem] {
    var problems: [ConfigurationProblem] = []
    func report(_ key: String, found: String, expected: String) {
      let entry = file?.sections[key]?.mark?.line ?? file?.entries[key]?.line
      let place: ConfigurationProblem.Place = file.map { .file($0.name, line: entry) } ?? .flag
      problems.append(ConfigurationProblem(place: place, key: key, found: found, expected: expected))
    }

    let chosen = configuration.metrics.labels + configuration.metrics.eventLabels.map { CallLabel.custom($0).name }
    if chosen.count > RegistryConfiguration.maxLabels {
      report(
        "metrics.labels", found: "\(chosen.count) labels",
        expected: "at most \(RegistryConfiguration.maxLabels), those of metrics.event_labels included")
    }
    let labels = CallLabels.always + chosen
    for (index, label) in labels.enumerated() where labels[..<index].contains(label) {
      report("metrics.labels", found: label + " twice", expected: "each label once")
    }
    for label in configuration.metrics.labelLimits.keys.sorted() where !labels.contains(label) {
      report("metrics.label_limits", found: label, expected: "one of the labels \(labels.joined(separator: ", "))")
    }
    let goals = configuration.objectives.map { [$0.application, $0.function] }
    for (index, goal) in goals.enumerated() where goals[..<index].contains(goal) {
      report(
        "objectives", found: "application \"\(goal[0])\" and function \"\(goal[1])\" twice",
        expected: "one objective for each, with all of its goals")
    }
    for objective in configuration.objectives {
      if !objective.function.isEmpty, !labels.contains("function") {
        report(
          "objectives", found: "a goal for function \(objective.function)",
          expected: "function among metrics.labels, so that there are numbers to compare with it")
      }
      if !objective.application.isEmpty, !labels.contains("application") {
        report(
          "objectives", found: "a goal for application \(objective.application)",
          expected: "application among metrics.labels, so that there are numbers to compare with it")
      }
    }
    let names = configuration.reports.map(\.name)
    for (index, name) in names.enumerated() where names[..<index].contains(name) {
      report("reports", found: name + " twice", expected: "a name for each report")
    }
    if !configuration.reports.isEmpty, !configuration.storage.isEnabled || configuration.calls.mode == .off {
      report("reports", found: "reports without a call log", expected: "storage, and calls.mode other than off")
    }
    let sockets = configuration.events.unixgram + configuration.events.unix
    for (index, path) in sockets.enumerated() where sockets[..<index].contains(path) {
      report("events.listen_unix", found: path + " twice", expected: "a path for each Unix socket")
    }
    for (key, addresses) in [
      ("web.listen_address", configuration.web.listenAddresses), ("events.listen_udp", configuration.events.udp),
    ] {
      // Port 0 is another one each time.
      for (index, address) in addresses.enumerated() where address.port != 0 && addresses[..<index].contains(address) {
        report(key, found: "\(address) twice", expected: "each address once")
      }
    }
    let path = configuration.web.telemetryPath
    if path == "/" || path.hasPrefix("/-/") || path.hasPrefix("/api/v1/") {
      report("web.telemetry_path", found: path, expected: "a path other than / and not below /-/ or /api/v1/")
    }
    return problems
  }
}
