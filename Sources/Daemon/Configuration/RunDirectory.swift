import Glibc

/// Where the Unix sockets are by default.
enum RunDirectory {
  /// Stands for the run directory in a setting.
  static let placeholder = "{run}"

  /// The first that applies: what systemd made for the service (systemd.exec(5), RuntimeDirectory=), the
  /// user's own run directory (XDG base directories), `/run` for root, and the working directory for everyone else.
  /// After su or sudo the variable may name a directory of another session, which is as good as none.
  static let path: String = resolve(
    environment: Environment.value, isRoot: geteuid() == 0, canWrite: { unsafe access($0, W_OK | X_OK) == 0 })

  static func resolve(environment: (String) -> String?, isRoot: Bool, canWrite: (String) -> Bool) -> String {
    if let path = environment("RUNTIME_DIRECTORY")?.split(separator: ":").first { return String(path) }
    if let path = environment("XDG_RUNTIME_DIR"), !path.isEmpty, canWrite(path) { return path + "/llm-exporter" }
    return isRoot ? "/run/llm-exporter" : "./llm-exporter-run"
  }

  static func expand(_ text: String) -> String {
    guard text.hasPrefix(placeholder) else { return text }
    return path + text.dropFirst(placeholder.count)
  }
}

/// The process's environment.
enum Environment {
  static func value(_ name: String) -> String? {
    // `getenv`'s answer lives until the environment is changed, which this program never does; it is copied here.
    unsafe getenv(name).map { unsafe String(cString: $0) }
  }
}
