/// A label that the configuration may put on every metric of a call, beside `model`, `provider` and `operation`.
public enum CallLabel: Sendable, Hashable {
  case application, team, environment, function
  case promptVersion, promptName, version
  case serviceTier, responseModel
  /// A user id; hashed with the configured key before it reaches a label.
  case user
  /// A key of the event's free `labels` object.
  case custom(String)

  /// The labels with a field of their own in the event contract.
  public static let fixed: [CallLabel] = [
    .application, .team, .environment, .function, .promptVersion, .promptName, .version, .serviceTier,
    .responseModel, .user,
  ]

  public var name: String {
    switch self {
    case .application: "application"
    case .team: "team"
    case .environment: "environment"
    case .function: "function"
    case .promptVersion: "prompt_version"
    case .promptName: "prompt_name"
    case .version: "version"
    case .serviceTier: "service_tier"
    case .responseModel: "response_model"
    case .user: "user"
    case .custom(let key): CallLabel.labelName(of: key)
    }
  }

  /// A key as a label name (`[a-zA-Z_][a-zA-Z0-9_]*`): every other byte becomes `_`.
  /// Source: https://prometheus.io/docs/concepts/data_model/
  static func labelName(of key: String) -> String {
    var name = ""
    for (position, byte) in key.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
        name.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        if position == 0 { name += "_" }
        name.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        name += "_"
      }
    }
    return name.isEmpty ? "_" : name
  }
}
