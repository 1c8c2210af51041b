/// One thing that can be set, described once: its flag, its key in the file, its environment variable, its help and its
/// part of the reference are all made from this.
public struct Setting: Sendable {
  public enum Shape: Sendable {
    /// Present or absent; `--no-…` says false.
    case toggle
    case single
    /// May be given several times; one empty value makes the list empty.
    case list
  }

  /// What a change of it takes while the daemon runs.
  public enum Change: Sendable { case reload, restart }

  /// The flag without its dashes: `web.listen-address`.
  public let flag: String
  public let shape: Shape
  public let placeholder: String
  public let defaults: [String]
  public let help: String
  public let change: Change
  /// The flag that says false.
  public var negatedFlag: String { negated ?? "no-" + flag }
  var negated: String? = nil
  let store: @Sendable (inout Configuration, [String]) throws(Mismatch) -> Void

  /// The key in the file: `web.listen_address`.
  public var key: String { String(flag.map { $0 == "-" ? "_" : $0 }) }

  /// `LLM_EXPORTER_WEB_LISTEN_ADDRESS`.
  public var environmentVariable: String {
    "LLM_EXPORTER_" + flag.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
  }
}

extension Setting {
  static func toggle(
    _ flag: String, _ path: any WritableKeyPath<Configuration, Bool> & Sendable, default value: Bool = false,
    negated: String? = nil, change: Change = .restart, _ help: String
  ) -> Setting {
    Setting(
      flag: flag, shape: .toggle, placeholder: "", defaults: [value ? "true" : "false"], help: help, change: change,
      negated: negated
    ) { configuration, texts throws(Mismatch) in
      configuration[keyPath: path] = try ValueSyntax.flag(texts.last ?? "")
    }
  }

  static func single<Value>(
    _ flag: String, _ path: any WritableKeyPath<Configuration, Value> & Sendable, _ placeholder: String,
    default value: String, change: Change = .restart,
    by parse: @escaping @Sendable (String) throws(Mismatch) -> Value, _ help: String
  ) -> Setting {
    Setting(
      flag: flag, shape: .single, placeholder: placeholder, defaults: [value], help: help, change: change
    ) { configuration, texts throws(Mismatch) in
      configuration[keyPath: path] = try parse(texts.last ?? "")
    }
  }

  static func list<Value>(
    _ flag: String, _ path: any WritableKeyPath<Configuration, [Value]> & Sendable, _ placeholder: String,
    default values: [String], change: Change = .restart,
    by parse: @escaping @Sendable (String) throws(Mismatch) -> Value, _ help: String
  ) -> Setting {
    Setting(
      flag: flag, shape: .list, placeholder: placeholder, defaults: values, help: help, change: change
    ) { configuration, texts throws(Mismatch) in
      var list: [Value] = []
      for text in texts where !text.isEmpty { list.append(try parse(text)) }
      configuration[keyPath: path] = list
    }
  }
}
