import Testing

@testable import Daemon

@Suite struct SettingsTableTests {
  @Test func everySettingHasItsOwnFlagKeyAndVariable() {
    let all = SettingsTable.all
    #expect(Set(all.map(\.flag)).count == all.count)
    #expect(Set(all.map(\.key)).count == all.count)
    #expect(Set(all.map(\.environmentVariable)).count == all.count)
  }

  @Test(arguments: [
    "web.listen-address", "web.telemetry-path", "web.max-requests", "web.enable-lifecycle",
    "web.disable-exporter-metrics", "events.listen-udp", "events.listen-unixgram", "events.listen-unix",
    "events.unixsocket-mode", "prices.file", "prices.url", "prices.refresh-interval", "metrics.max-label-values",
    "metrics.max-series", "storage.path", "log.level", "log.format",
  ])
  func theFlagsOfTheExportersConventionAreThere(flag: String) {
    #expect(SettingsTable.all.contains { $0.flag == flag })
  }

  @Test func namesFollowFromTheFlag() throws {
    let setting = try #require(SettingsTable.all.first { $0.flag == "events.listen-udp" })
    #expect(setting.key == "events.listen_udp")
    #expect(setting.environmentVariable == "LLM_EXPORTER_EVENTS_LISTEN_UDP")
  }

  @Test func everyDefaultIsAValueThatTheSettingTakes() {
    #expect(problems().isEmpty)
  }

  @Test func helpShowsEveryFlagWithItsDefault() {
    for setting in SettingsTable.all {
      #expect(SettingsReference.help.contains("--\(setting.flag)"))
      for value in setting.defaults where !value.isEmpty { #expect(SettingsReference.help.contains(value)) }
    }
  }

  @Test func noFlagStandsTwiceAsANegation() {
    let flags = Set(SettingsTable.all.map(\.flag))
    for setting in SettingsTable.all where setting.shape == .toggle { #expect(!flags.contains(setting.negatedFlag)) }
  }
}
