import Testing

@testable import Daemon

@Suite struct PrecedenceTests {
  private let variable = ["LLM_EXPORTER_WEB_MAX_REQUESTS": "20"]
  private let file = "web:\n  max_requests: 10\n"

  @Test func aFlagWinsOverEverything() throws {
    let loaded = try loader(flags: ["--web.max-requests=30"], environment: variable, file: file).load()
    #expect(loaded.configuration.web.maxRequests == 30)
  }

  @Test func theEnvironmentWinsOverTheFile() throws {
    #expect(try loader(environment: variable, file: file).load().configuration.web.maxRequests == 20)
  }

  @Test func theFileWinsOverTheDefault() throws {
    #expect(try loader(file: file).load().configuration.web.maxRequests == 10)
    #expect(try loader().load().configuration.web.maxRequests == 40)
  }

  @Test func theFileMayBeNamedByTheEnvironment() throws {
    let loader = ConfigurationLoader(
      arguments: [], environment: { $0 == "LLM_EXPORTER_CONFIG_FILE" ? "elsewhere.yml" : nil },
      read: { _ throws(FileProblem) in Array("log:\n  level: debug\n".utf8) })
    #expect(try loader.load().configuration.log.level == .debug)
  }

  @Test func aListOfALaterSourceReplacesTheWholeList() throws {
    let file = "events:\n  listen_udp: ['127.0.0.1:1', '127.0.0.1:2']\n"
    #expect(try loader(file: file).load().configuration.events.udp.map(\.port) == [1, 2])
    let flags = ["--events.listen-udp", ":3", "--events.listen-udp=[::1]:4"]
    #expect(
      try loader(flags: flags, file: file).load().configuration.events.udp
        == [HostPort(host: "", port: 3), HostPort(host: "::1", port: 4)])
    let environment = ["LLM_EXPORTER_EVENTS_LISTEN_UDP": "127.0.0.1:5, 127.0.0.1:6"]
    #expect(try loader(environment: environment, file: file).load().configuration.events.udp.map(\.port) == [5, 6])
  }

  @Test func anEmptyAddressSwitchesAListenerOff() throws {
    #expect(try loader(flags: ["--events.listen-udp="]).load().configuration.events.udp.isEmpty)
    #expect(try loader(environment: ["LLM_EXPORTER_EVENTS_LISTEN_UNIX": ""]).load().configuration.events.unix.isEmpty)
    #expect(try loader(file: "events:\n  listen_unixgram:\n").load().configuration.events.unixgram.isEmpty)
    #expect(try loader(file: "events:\n  listen_unixgram: []\n").load().configuration.events.unixgram.isEmpty)
  }

  @Test func togglesHaveANegation() throws {
    #expect(try loader(flags: ["--web.enable-lifecycle"]).load().configuration.web.enableLifecycle)
    #expect(try !loader(flags: ["--web.enable-lifecycle=false"]).load().configuration.web.enableLifecycle)
    #expect(try !loader(flags: ["--no-storage"]).load().configuration.storage.isEnabled)
    #expect(try !loader(flags: ["--no-metrics.hash-users"]).load().configuration.metrics.hashUsers)
  }

  @Test func theEffectiveSettingsSayWhereTheyCameFrom() throws {
    let loaded = try loader(flags: ["--log.level=debug"], environment: variable, file: "web: {telemetry_path: /m}\n")
      .load()
    func origin(_ flag: String) -> ConfigurationLoader.Origin? {
      loaded.effective.first { $0.setting.flag == flag }?.origin
    }
    #expect(origin("log.level") == .flag)
    #expect(origin("web.max-requests") == .environment)
    #expect(origin("web.telemetry-path") == .file(line: 1))
    #expect(origin("log.format") == .default)
  }

  @Test func variablesThatKubernetesSetsForAServiceOfOurNameAreNoMistake() {
    #expect(problems(environment: ["LLM_EXPORTER_PORT": "tcp://10.0.0.1:10780"]).isEmpty)
  }
}
